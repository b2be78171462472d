"""A gift card found, spent, paid back on: what every document that names one does.

Whoever moves its money has its row locked. Selling one is `apps.credit.selling`,
and what becomes of those that run out is `apps.credit.breakage`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.core.errors import Conflict, NotFound
from apps.core.formatting import currency_name, day, money
from apps.credit import codes
from apps.credit.models import GiftCard, GiftCardMove, MoveKind
from apps.shops.days import day_of
from apps.shops.models import Member


class GiftCardNotFound(NotFound):
    """The same words for a code that is none and for one of no card."""

    def __str__(self) -> str:
        return _("No gift card of this shop has this code. Read it from the card again.")


@dataclass(eq=False)
class GiftCardShort(Conflict):
    left: Decimal
    currency: str

    def __str__(self) -> str:
        return _(
            "The gift card has %(left)s %(currency)s left. Lower the amount, and take the rest in"
            " another way."
        ) % {"left": money(self.left, self.currency), "currency": currency_name(self.currency)}


@dataclass(eq=False)
class GiftCardExpired(Conflict):
    """`going_back`: money was to go back on it, and not off it."""

    expired_on: date
    going_back: bool = False

    def __str__(self) -> str:
        ran_out = {"day": day(self.expired_on)}
        if self.going_back:
            return (
                _("The gift card ran out on %(day)s. Give the money back as store credit.")
                % ran_out
            )
        return _("The gift card ran out on %(day)s. Take another payment.") % ran_out


@dataclass(eq=False)
class GiftCardFull(Conflict):
    """More would go back on a card than was ever on it."""

    room: Decimal
    currency: str

    def __str__(self) -> str:
        return _(
            "At most %(room)s %(currency)s can go back on this gift card. Give the rest in another"
            " way."
        ) % {"room": money(self.room, self.currency), "currency": currency_name(self.currency)}


def card_by_code(typed: str, *, to_change: bool = False) -> GiftCard:
    """The card with this code, as it was typed or scanned. Raises GiftCardNotFound."""
    code = codes.read(typed)
    if code is None:
        raise GiftCardNotFound
    return _one(to_change=to_change, digest=codes.digest_of(code))


def card_by_number(number: str, *, to_change: bool = False) -> GiftCard:
    """The card that this document sold. Raises GiftCardNotFound."""
    return _one(to_change=to_change, number=number)


def lock_named(named: Sequence[str]) -> None:
    """Lock the cards with these codes or numbers, in order; what names none is passed over."""
    assert connection.in_atomic_block, "a lock belongs to a transaction"
    if named:
        digests = [codes.digest_of(code) for one in named if (code := codes.read(one))]
        cards = GiftCard.objects.filter(Q(digest__in=digests) | Q(number__in=named))
        list(cards.select_for_update(of=("self",)).order_by("pk"))


def spend(typed: str, amount: Decimal, *, reference: str, by: Member, at: datetime) -> GiftCard:
    """Take an amount off the card with this code.

    Raises GiftCardNotFound, GiftCardExpired, GiftCardShort.
    """
    card = card_by_code(typed, to_change=True)
    _demand_valid(card, by=by, at=at)
    if card.balance < amount:
        raise GiftCardShort(left=card.balance, currency=by.shop.currency)
    move(card, MoveKind.SPENT, -amount, reference=reference, by=by, at=at)
    return card


def pay_back(named: str, amount: Decimal, *, reference: str, by: Member, at: datetime) -> GiftCard:
    """Put an amount back on the card with this document's number, or with this code.

    Raises GiftCardNotFound, GiftCardExpired, GiftCardFull.
    """
    by_code = codes.read(named) is not None
    card = (card_by_code if by_code else card_by_number)(named, to_change=True)
    _demand_valid(card, by=by, at=at, going_back=True)
    if card.balance + amount > card.amount:
        raise GiftCardFull(room=card.amount - card.balance, currency=by.shop.currency)
    move(card, MoveKind.REFUNDED, amount, reference=reference, by=by, at=at)
    return card


def move(
    card: GiftCard,
    kind: MoveKind,
    amount: Decimal,
    *,
    reference: str,
    by: Member | None,
    at: datetime,
) -> None:
    """Write a move of a locked card, and its new balance."""
    GiftCardMove.objects.create(
        card=card, kind=kind, amount=amount, reference=reference, at=at, by=by
    )
    card.balance += amount
    card.save(update_fields=["balance"])


def has_expired(card: GiftCard, *, on: date) -> bool:
    """Whether its last day is over."""
    return card.expires_on is not None and card.expires_on < on


def _demand_valid(card: GiftCard, *, by: Member, at: datetime, going_back: bool = False) -> None:
    if card.expires_on is not None and has_expired(card, on=day_of(by.shop, at)):
        raise GiftCardExpired(expired_on=card.expires_on, going_back=going_back)


def _one(*, to_change: bool, **by: str) -> GiftCard:
    cards = GiftCard.objects.all()
    if to_change:
        assert connection.in_atomic_block, "a lock belongs to a transaction"
        cards = cards.select_for_update(of=("self",))
    try:
        return cards.get(**by)
    except GiftCard.DoesNotExist:
        raise GiftCardNotFound from None
