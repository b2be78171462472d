"""Into the crucible, and what the assay says of the bar: gain and loss in grams and money."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import Conflict, Invalid
from apps.core.formatting import grams
from apps.core.units import FULL_FINENESS, currency, round_grams
from apps.inventory.models import Piece, PieceState
from apps.inventory.selectors import whole_pieces
from apps.inventory.services.ways import scrap
from apps.ledger import chart
from apps.ledger.services import Amount, post
from apps.purchasing.models import Assay, Bag, BagState, Bar, HowTested, Melt, OldGoldItem
from apps.purchasing.rules.melting import AssayResult, assayed
from apps.purchasing.selectors.bags import BagSums, bag_by_number, scraps_in, sums_of
from apps.purchasing.services.bags import demand_off_hold
from apps.purchasing.services.numbered import head_of
from apps.shops.approvals import Approver, permit
from apps.shops.days import day_of
from apps.shops.models import Action, Member
from apps.shops.services import next_number


@dataclass(eq=False)
class BagNotReady(Conflict):
    """Steps in the wrong order: melting comes after sealing, the assay after melting."""

    number: int
    state: str

    def __str__(self) -> str:
        return {
            BagState.OPEN: _("Bag %(number)s is open. Seal it before it is melted."),
            BagState.SEALED: _("Bag %(number)s is not melted yet. Melt it before the assay."),
            BagState.MELTED: _("Bag %(number)s was melted already. Write down its assay."),
            BagState.ASSAYED: _("Bag %(number)s was assayed already. Its bar is in the list."),
        }[BagState(self.state)] % {"number": self.number}


@dataclass(eq=False)
class WeightImpossible(Invalid):
    """`field` names the weight; `why` says what it cannot be."""

    field: str
    why: str

    def __str__(self) -> str:
        return self.why


@transaction.atomic
def melt_bag(
    *,
    bag: int,
    before_g: Decimal,
    after_g: Decimal,
    reason: str,
    key: str,
    by: Member,
    at: datetime,
    register: str = "",
    approver: Approver | None = None,
) -> Melt:
    """Write down that a sealed bag was melted, and what it weighed before and after.

    A bag is melted once: a key that came before is answered with its melt. Pieces of our own in
    it are old gold from now on.

    Raises BagNotFound, BagNotReady, OnHold, WeightImpossible, and what `permit` raises.
    """
    melting = bag_by_number(bag, to_change=True)
    first = Melt.objects.filter(key=key).first()
    if first is not None:
        return first
    if melting.state != BagState.SEALED:
        raise BagNotReady(number=melting.number, state=melting.state)
    items = list(OldGoldItem.objects.filter(bag=melting).order_by("pk"))
    demand_off_hold(items, today=day_of(by.shop, at))
    _demand_melted(before_g, after_g, sums_of([*items, *scraps_in(melting)]))
    own = _own_pieces(items)
    number = next_number(by=by, at=at, code=register, kind="A")
    permit(Action.MELT, by=by, reason=reason, reference=str(number), at=at, approver=approver)
    melt = Melt.objects.create(
        **head_of(number, key=key, by=by, at=at),
        bag=melting,
        before_g=before_g,
        after_g=after_g,
        note=reason.strip()[:200],
    )
    if own:
        scrap(pieces=own, by=by, at=at, reference=melt.code)
    _now(melting, BagState.MELTED)
    return melt


@transaction.atomic
def assay_bag(
    *,
    bag: int,
    fineness: int,
    method: str,
    sample_g: Decimal,
    reason: str,
    key: str,
    by: Member,
    at: datetime,
    laboratory: str = "",
    register: str = "",
    approver: Approver | None = None,
) -> Assay:
    """Write down what a melted bag really holds; the difference goes to gain and loss.

    The bag leaves the old gold at what was paid for it; the bar comes in at its true fine grams,
    each at the bag's average cost. Units: parts per ten thousand; grams.

    Raises BagNotFound, BagNotReady, WeightImpossible, and what `permit` raises.
    """
    testing = bag_by_number(bag, to_change=True)
    first = Assay.objects.filter(key=key).first()
    if first is not None:
        return first
    if testing.state != BagState.MELTED:
        raise BagNotReady(number=testing.number, state=testing.state)
    assert method in HowTested.values, method
    melt = testing.melts.get()
    sums = sums_of([*testing.items.all(), *scraps_in(testing)])
    _demand_tested(fineness, sample_g, melt.after_g)
    result = assayed(
        after_g=melt.after_g,
        sample_g=sample_g,
        fineness=fineness,
        assumed_fine_g=sums.fine_g,
        cost=sums.cost,
        step=currency(by.shop.currency).step,
    )
    if result.fine_g <= 0:
        raise WeightImpossible(
            field="fineness", why=_("There is no fine metal in this bar. Check the figures.")
        )
    number = next_number(by=by, at=at, code=register, kind="A")
    permit(Action.MELT, by=by, reason=reason, reference=str(number), at=at, approver=approver)
    assay = Assay.objects.create(
        **head_of(number, key=key, by=by, at=at),
        bag=testing,
        fineness=fineness,
        method=method,
        laboratory=laboratory.strip()[:80],
        sample_g=sample_g,
        bar_g=result.bar_g,
        fine_g=result.fine_g,
        assumed_fine_g=sums.fine_g,
        cost=sums.cost,
        gain_g=result.gain_g,
        gain=result.gain,
    )
    Bar.objects.create(
        code=assay.code,
        metal=testing.metal,
        gross_g=result.bar_g,
        fineness=fineness,
        fine_g=result.fine_g,
        cost=sums.cost + result.gain,
        arrived_at=at,
    )
    _now(testing, BagState.ASSAYED)
    post(
        what="assay",
        reference=assay.code,
        at=at,
        day=assay.day,
        by=by,
        amounts=_from_bag_to_bar(sums, result, testing.metal, by.shop.currency),
        shift=number.shift_id,
    )
    return assay


def _from_bag_to_bar(sums: BagSums, result: AssayResult, metal: str, money: str) -> list[Amount]:
    return [
        Amount(account=chart.OLD_GOLD, commodity=money, amount=-sums.cost),
        Amount(account=chart.BULLION, commodity=money, amount=sums.cost + result.gain),
        Amount(account=chart.ASSAY, commodity=money, amount=-result.gain),
        Amount(account=chart.OLD_GOLD, commodity=metal, amount=-sums.fine_g),
        Amount(account=chart.BULLION, commodity=metal, amount=result.fine_g),
        Amount(account=chart.ASSAY, commodity=metal, amount=-result.gain_g),
    ]


def _own_pieces(items: list[OldGoldItem]) -> list[Piece]:
    tags = sorted(item.own_tag for item in items if item.own_tag)
    if not tags:
        return []
    pieces = [whole.piece for whole in whole_pieces(tags=tags, to_change=True)]
    return [piece for piece in pieces if piece.state == PieceState.SOLD]


def _now(bag: Bag, state: BagState) -> None:
    bag.state = state
    bag.save(update_fields=["state"])


def _demand_melted(before_g: Decimal, after_g: Decimal, sums: BagSums) -> None:
    for field, weight in (("before_g", before_g), ("after_g", after_g)):
        if not weight.is_finite() or weight <= 0 or weight != round_grams(weight):
            raise WeightImpossible(
                field=field, why=_("A weight is above zero, with three decimals. Weigh it again.")
            )
    if before_g > sums.gross_g:
        raise WeightImpossible(
            field="before_g",
            why=_("The bag holds %(grams)s by its slips, and cannot be heavier. Weigh it again.")
            % {"grams": grams(sums.gross_g)},
        )
    if after_g > before_g:
        raise WeightImpossible(
            field="after_g",
            why=_("Metal does not become heavier by melting. Weigh the bar again."),
        )


def _demand_tested(fineness: int, sample_g: Decimal, after_g: Decimal) -> None:
    if not 0 < fineness < FULL_FINENESS:
        raise WeightImpossible(
            field="fineness", why=_("A fineness is above 0 and up to 999.9. Read it again.")
        )
    if (
        not sample_g.is_finite()
        or sample_g < 0
        or sample_g >= after_g
        or sample_g != round_grams(sample_g)
    ):
        raise WeightImpossible(
            field="sample_g",
            why=_("The sample is lighter than the bar it was taken of. Weigh it again."),
        )
