"""Writes to the rate board."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction
from django.utils.translation import gettext as _

from apps.core.errors import Conflict, Invalid
from apps.core.units import EXACT, RATE, round_to
from apps.pricing.direction import not_before_the_last, one_at_a_time, permit_rate
from apps.pricing.doubts import Doubt, doubts_about
from apps.pricing.models import Metal, MetalRate, RateSide, RateSource, RateUnit
from apps.pricing.rate_files import BadRow, DatedPrice, HistoryRefused
from apps.shops.approvals import Approver
from apps.shops.days import day_of, start_of
from apps.shops.models import Member, Shop

# The most a column of rates holds with six decimals.
RATE_LIMIT = Decimal(10) ** 14
_RATE_STEP = Decimal(1).scaleb(-RATE["decimal_places"])
_HISTORY_LOCK = 0x7A7E  # any number of its own: which lock it is, beside the shop's


@dataclass(eq=False)
class RateImpossible(Invalid):
    field: str
    value: str

    def __str__(self) -> str:
        return _("%(value)s cannot be a %(field)s of a rate. Check what was entered.") % {
            "field": self.field,
            "value": self.value,
        }


@dataclass(eq=False)
class RateDoubtful(Conflict):
    """The rate is surprising, and nobody has said that it is meant."""

    doubts: Sequence[Doubt]

    def __str__(self) -> str:
        facts = " ".join(str(doubt) for doubt in self.doubts)
        return facts + " " + _("Check the figure; if it is right, tick the box and save again.")


def set_rate(
    *,
    shop: Shop,
    metal: str,
    fineness: int,
    side: str,
    unit: str,
    amount: Decimal,
    at: datetime,
    by: Member | None,
    source: RateSource = RateSource.BOARD,
    reason: str = "",
) -> MetalRate:
    """Quote a rate from `at` on, in the shop's currency. Earlier ones stay as they are.

    Units: fineness in parts per ten thousand; amount is money per `unit`.
    Raises RateImpossible.
    """
    demand_rate(metal=metal, fineness=fineness, side=side, unit=unit, amount=amount)
    return MetalRate.objects.create(
        metal=metal,
        fineness=fineness,
        side=side,
        unit=unit,
        amount=amount,
        currency=shop.currency,
        valid_from=at,
        source=source,
        entered_by=by,
        reason=reason,
    )


def demand_rate(*, metal: str, fineness: int, side: str, unit: str, amount: Decimal) -> None:
    """Raises RateImpossible."""
    _demand_quotable(metal=metal, fineness=fineness, side=side, unit=unit)
    _demand("amount", str(amount), 0 < amount < RATE_LIMIT)
    _demand("amount", str(amount), int(amount.as_tuple().exponent) >= -6)


def _demand_quotable(*, metal: str, fineness: int, side: str, unit: str) -> None:
    _demand("metal", metal, metal in Metal.values)
    _demand("side", side, side in RateSide.values)
    _demand("unit", unit, unit in RateUnit.values)
    _demand("fineness", str(fineness), 1 <= fineness <= 10_000)


def _demand(field: str, value: str, possible: bool) -> None:
    if not possible:
        raise RateImpossible(field=field, value=value)


@transaction.atomic
def change_rate(
    *,
    shop: Shop,
    metal: str,
    fineness: int,
    side: str,
    unit: str,
    amount: Decimal,
    at: datetime,
    by: Member,
    reason: str = "",
    confirmed: bool = False,
    approver: Approver | None = None,
    source: RateSource = RateSource.BOARD,
) -> MetalRate:
    """Quote a rate that a person wants: a surprising one only when it is `confirmed`.

    Units and terms as in `set_rate`; who may move it which way: `direction.permit_rate`, whose
    refusals it raises. Raises RateDoubtful, RateImpossible.
    """
    demand_rate(metal=metal, fineness=fineness, side=side, unit=unit, amount=amount)
    one_at_a_time(shop)
    at = not_before_the_last(at, shop=shop, metal=metal, fineness=fineness, side=side)
    permit_rate(
        shop=shop,
        metal=metal,
        fineness=fineness,
        side=side,
        unit=unit,
        amount=amount,
        by=by,
        at=at,
        reason=reason,
        approver=approver,
    )
    if not confirmed and amount > 0:
        doubts = doubts_about(
            shop=shop, metal=metal, fineness=fineness, side=side, unit=unit, amount=amount, at=at
        )
        if doubts:
            raise RateDoubtful(doubts)
    return set_rate(
        shop=shop,
        metal=metal,
        fineness=fineness,
        side=side,
        unit=unit,
        amount=amount,
        at=at,
        by=by,
        source=source,
        reason=reason,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLoaded:
    """How many rows of a history are new, and how many were there before."""

    new: int
    known: int


@transaction.atomic
def load_history(
    *,
    shop: Shop,
    prices: Sequence[DatedPrice],
    metal: str,
    fineness: int,
    side: str,
    unit: str,
    at: datetime,
    per_unit_of_currency: Decimal = Decimal(1),
    source_name: str = "",
    source: RateSource = RateSource.IMPORT,
) -> HistoryLoaded:
    """Put dated prices into the board's history: all of them or none. Three statements.

    Each holds from the start of its day in the shop's zone. What is there already (same metal,
    fineness, side, unit, moment and source) is left as it is, so running it twice adds nothing.
    amount = price × `per_unit_of_currency`, rounded once to six decimals.

    Units: fineness in parts per ten thousand; `per_unit_of_currency` is money of the shop for one
    unit of the prices' currency. Raises HistoryRefused for rows after `at`, or that come to
    nothing or to too much in the shop's currency; RateImpossible.
    """
    _demand_quotable(metal=metal, fineness=fineness, side=side, unit=unit)
    _demand("factor", str(per_unit_of_currency), per_unit_of_currency > 0)
    with connection.cursor() as cursor:
        # Two imports at once would each find nothing there, and both would write.
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_HISTORY_LOCK, shop.pk])
    known = set(
        MetalRate.objects.filter(
            metal=metal, fineness=fineness, side=side, unit=unit, source=source
        ).values_list("valid_from", flat=True)
    )
    today, bad, new = day_of(shop, at), [], []
    for row in prices:
        amount = round_to(EXACT.multiply(row.price, per_unit_of_currency), _RATE_STEP)
        moment = start_of(shop, row.day)
        if row.day > today:
            bad.append(BadRow(row.line, _("date"), str(row.day), _("this day has not come yet.")))
        elif not 0 < amount < RATE_LIMIT:
            reason = _("it comes to %(amount)s in the shop's currency.") % {"amount": amount}
            bad.append(BadRow(row.line, _("price"), str(row.price), reason))
        elif moment not in known:
            new.append(
                MetalRate(
                    metal=metal,
                    fineness=fineness,
                    side=side,
                    unit=unit,
                    amount=amount,
                    currency=shop.currency,
                    valid_from=moment,
                    source=source,
                    reason=source_name,
                )
            )
    if bad:
        raise HistoryRefused(bad)
    MetalRate.objects.bulk_create(new)
    return HistoryLoaded(new=len(new), known=len(prices) - len(new))
