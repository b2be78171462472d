"""Buying old gold: one slip, all of it or none, in money and in fine grams."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.constraints import refuse_on
from apps.core.errors import Conflict, Invalid, NotFound
from apps.core.formatting import money
from apps.customers.selectors import customer_by_id, papers_of
from apps.inventory.models import PieceState
from apps.inventory.selectors import whole_pieces
from apps.ledger import chart
from apps.ledger.services import Amount, post
from apps.purchasing.models import OldGoldItem, OldGoldSlip, Photo, Purpose, SlipState
from apps.purchasing.services.offers import (
    ItemImpossible,
    Offer,
    SlipKeyUsed,
    demand_sense,
)
from apps.purchasing.services.paying import pay_seller
from apps.purchasing.services.photos import Drawn, drawn_anew
from apps.purchasing.services.rows import item_rows, photo_rows, slip_row
from apps.purchasing.services.sellers import demand_known
from apps.purchasing.services.valuing import Valuation, value
from apps.shops.approvals import ApprovalNeeded, permit
from apps.shops.models import IN_CHARGE, Action, Member
from apps.shops.services import DocumentNumber, next_number


@dataclass(eq=False)
class ValueChanged(Conflict):
    """The rate moved between the screen and the press."""

    seen: Decimal
    total: Decimal
    currency: str

    def __str__(self) -> str:
        return _(
            "The slip is worth %(total)s now, not the %(seen)s that was shown. Tell the seller,"
            " and work it out again."
        ) % {"total": money(self.total, self.currency), "seen": money(self.seen, self.currency)}


@dataclass(eq=False)
class PhotoMissing(Invalid):
    position: int

    def __str__(self) -> str:
        return _("Item %(position)s has no photo. Take one before you buy it.") % {
            "position": self.position
        }


@dataclass(eq=False)
class NoSuchTester(NotFound):
    name: str

    def __str__(self) -> str:
        return _("%(name)s does not work in this shop. Choose who tested it.") % {"name": self.name}


@transaction.atomic
def buy(*, offer: Offer, by: Member, at: datetime) -> OldGoldSlip:
    """Take old gold in, at the buying rates in force at `at`.

    For money: it is paid by the tenders that the place allows. In exchange: the seller has a
    claim, which a sale takes in payment (`services.claims`). The seller's row is locked first,
    so that two tills cannot pass a limit on cash together. An offer that came before, by its
    key, is answered with the slip that it made.

    Raises NothingOffered, ItemImpossible, PhotoUnreadable, PhotoTooLarge, CustomerNotFound,
    SellerNotKnown, PhotoMissing, BuyingRateMissing, ValueChanged, TenderNotAllowed,
    CashLimitPassed, PaymentsDoNotMatch, SlipKeyUsed, NoSuchTester, PieceNotFound, NotOurs,
    RegisterNotFound, TillNotOpen, and what `permit` raises.
    """
    demand_sense(offer)
    first = bought_before(offer)
    if first is not None:
        return first
    photos = [[drawn_anew(photo) for photo in item.photos] for item in offer.items]
    customer = customer_by_id(offer.customer, to_change=True)
    first = bought_before(offer)  # the same offer may have been first to the lock
    if first is not None:
        return first
    valuation = value(offer.items, purpose=offer.purpose, shop=by.shop, at=at)
    if offer.seen_total is not None and offer.seen_total != valuation.total:
        raise ValueChanged(seen=offer.seen_total, total=valuation.total, currency=by.shop.currency)
    place = valuation.policy.place
    paper = demand_known(customer, papers_of(customer), place.asked_for(valuation.total))
    if place.photo:
        _demand_photos(photos)
    testers = _testers(offer, by=by)
    _demand_ours(offer)
    # From here on other documents of this register wait.
    number = next_number(by=by, at=at, code=offer.register, kind="G")
    _permit(offer, valuation, number, by=by, at=at)
    slip = slip_row(offer, valuation, number, customer=customer, paper=paper, by=by, at=at)
    taken = {"purchasing_slip_key_unique": SlipKeyUsed(key=offer.key, number=slip.code)}
    with refuse_on(taken, savepoint=False):
        slip.save(force_insert=True)
    items = OldGoldItem.objects.bulk_create(item_rows(slip, valuation, testers))
    Photo.objects.bulk_create(photo_rows(items, photos, by=by, at=at))
    if offer.purpose == Purpose.CASH:
        other_side = pay_seller(
            offer.payments,
            total=valuation.total,
            place=place,
            what="old-gold",
            number=number,
            customer=customer,
            by=by,
            at=at,
            cash_reason=offer.cash_reason,
        )
    else:
        other_side = [
            Amount(
                account=chart.OLD_GOLD_DUE,
                commodity=slip.currency,
                amount=-valuation.total,
                party=customer.pk,
            )
        ]
    post(
        what="old-gold",
        reference=slip.code,
        at=at,
        day=slip.day,
        by=by,
        amounts=[*taken_in(valuation.total, valuation.fine_g, slip.currency), *other_side],
        shift=number.shift_id,
    )
    return slip


def bought_before(offer: Offer) -> OldGoldSlip | None:
    """The slip of this key, if there is one. Raises SlipKeyUsed when it was of other items."""
    slip = OldGoldSlip.objects.filter(key=offer.key).first()
    if slip is not None and slip.request_digest != offer.digest():
        raise SlipKeyUsed(key=offer.key, number=slip.code)
    return slip


def taken_in(total: Decimal, fine_g: dict[str, Decimal], currency: str) -> Iterator[Amount]:
    """The money and the grams that came in; the grams come from outside, like a new piece's."""
    yield Amount(account=chart.OLD_GOLD, commodity=currency, amount=total)
    for metal, fine in fine_g.items():
        yield Amount(account=chart.OLD_GOLD, commodity=metal, amount=fine)
        yield Amount(account=chart.OPENING, commodity=metal, amount=-fine)


def _permit(
    offer: Offer, valuation: Valuation, number: DocumentNumber, *, by: Member, at: datetime
) -> None:
    """One direction: a clerk may pay less than the shop's rules give, more only with approval."""
    exchange = offer.purpose == Purpose.EXCHANGE
    action = Action.TRADE_IN if exchange else Action.OLD_GOLD
    reason = offer.reason.strip()
    if valuation.is_generous:
        if by.role not in IN_CHARGE and offer.approver is None:
            raise ApprovalNeeded(action=action.value)
    else:
        reason = reason or (_("Taken in exchange") if exchange else _("Bought over the counter"))
    permit(
        action,
        by=by,
        reason=reason[:200],
        reference=str(number),
        at=at,
        amount=valuation.total,
        approver=offer.approver,
    )


def _demand_photos(photos: Sequence[Sequence[Drawn]]) -> None:
    for position, of_item in enumerate(photos, start=1):
        if not of_item:
            raise PhotoMissing(position=position)


def _testers(offer: Offer, *, by: Member) -> list[Member]:
    """Who tested each item; whoever buys where nobody is named. Raises NoSuchTester."""
    names = {item.tester for item in offer.items if item.tester}
    known = (
        {
            member.user.username: member
            for member in Member.objects.select_related("user").filter(
                shop_id=by.shop_id, user__username__in=names
            )
        }
        if names
        else {}
    )
    for name in sorted(names):
        if name not in known:
            raise NoSuchTester(name=name)
    return [known[item.tester] if item.tester else by for item in offer.items]


def _demand_ours(offer: Offer) -> None:
    """A tag of our own proves where an item came from: it must be of a piece that we sold."""
    tags = [item.own_tag for item in offer.items if item.own_tag]
    for position, item in enumerate(offer.items, start=1):
        if item.own_tag and tags.count(item.own_tag) > 1:
            raise ItemImpossible(
                position=position, field="own_tag", why=_("This tag is on the slip twice.")
            )
    if not tags:
        return
    # Locked, so that a return or another slip cannot take the same piece meanwhile.
    pieces = {whole.piece.tag: whole.piece for whole in whole_pieces(tags=tags, to_change=True)}
    bought = set(
        OldGoldItem.objects.filter(own_tag__in=tags)
        .exclude(slip__state=SlipState.VOIDED)
        .values_list("own_tag", flat=True)
    )
    for position, item in enumerate(offer.items, start=1):
        if not item.own_tag:
            continue
        if pieces[item.own_tag].state != PieceState.SOLD or item.own_tag in bought:
            raise ItemImpossible(
                position=position,
                field="own_tag",
                why=_("%(tag)s was not sold by this shop, or came back already.")
                % {"tag": item.own_tag},
            )
