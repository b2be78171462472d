"""Cash of another currency: the shop's board of rates, and what goes into the books.

Each currency balances by itself: what came in as dollars and pays a bill in
dirhams passes the account *Exchange of currencies* in both.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core import formatting
from apps.core.currencies import CURRENCIES
from apps.core.errors import Conflict, Forbidden, Invalid
from apps.core.reading import reading
from apps.core.units import EXACT, RATE, currency, round_to
from apps.credit.models import CashRate
from apps.credit.tendered import HandedOverTooLittle, Tendered, demand_amount
from apps.ledger import chart
from apps.ledger.services import Amount
from apps.shops.days import rates_valid_since
from apps.shops.models import IN_CHARGE, Member, Shop

_STEP = Decimal(1).scaleb(-RATE["decimal_places"])
_LIMIT = Decimal(10) ** 9


@dataclass(eq=False)
class CashRateMissing(Conflict):
    currency: str

    def __str__(self) -> str:
        return _(
            "There is no rate of today for %(currency)s cash. Let the owner set one, or take the"
            " shop's own currency."
        ) % {"currency": self.currency}


@dataclass(eq=False)
class CashRateChanged(Conflict):
    currency: str
    rate: Decimal

    def __str__(self) -> str:
        return _("%(currency)s cash is taken at %(rate)s now. Look at the amount again.") % {
            "currency": self.currency,
            "rate": formatting.rate(self.rate, reading().home),
        }


@dataclass(eq=False)
class CashRateImpossible(Invalid):
    field: str
    why: str

    def __str__(self) -> str:
        return self.why


class CashRatesNotYours(Forbidden):
    def __str__(self) -> str:
        return _("Rates of foreign cash are set by owners and managers. Ask one of them.")


@transaction.atomic
def set_cash_rate(*, code: str, rate: Decimal, by: Member, at: datetime) -> CashRate:
    """Take cash of a currency at this rate from now on.

    Units: the shop's currency for one unit of the other. Raises
    CashRatesNotYours, CashRateImpossible.
    """
    if by.role not in IN_CHARGE:
        raise CashRatesNotYours
    if code not in CURRENCIES or code == by.shop.currency:
        raise CashRateImpossible(
            field="currency",
            why=_("%(code)s is no foreign currency here. Write it as USD or EUR are written.")
            % {"code": code[:12]},
        )
    if not rate.is_finite() or not 0 < rate < _LIMIT or rate % _STEP:
        raise CashRateImpossible(
            field="rate",
            why=_("A rate is above zero, with six decimals at most. Write what one unit is worth."),
        )
    return CashRate.objects.create(currency=code, rate=rate, valid_from=at, set_by=by)


def cash_rates(*, at: datetime) -> list[CashRate]:
    """The newest rate of each currency, of today or older. One query."""
    return list(
        CashRate.objects.filter(valid_from__lte=at)
        .order_by("currency", "-valid_from", "-pk")
        .distinct("currency")
        .select_related("set_by__user")
    )


def rates_in_force(*, shop: Shop, at: datetime) -> list[CashRate]:
    """Those of them that take cash now."""
    since = rates_valid_since(shop, at)
    return [rate for rate in cash_rates(at=at) if rate.valid_from >= since]


def cash_rate_at(code: str, *, shop: Shop, at: datetime) -> CashRate:
    """The rate in force; one of another day counts only as long as the shop's metal rates do.

    Raises CashRateMissing.
    """
    found = (
        CashRate.objects.filter(
            currency=code, valid_from__lte=at, valid_from__gte=rates_valid_since(shop, at)
        )
        .order_by("-valid_from", "-pk")
        .first()
    )
    if found is None:
        raise CashRateMissing(currency=code)
    return found


def worth_of(foreign: Decimal, rate: Decimal, *, shop: Shop) -> Decimal:
    """foreign × rate, rounded half up to the smallest coin of the shop's currency."""
    step = shop.cash_step or currency(shop.currency).cash_step
    return round_to(EXACT.multiply(foreign, rate), step)


def is_foreign(tender: Tendered, *, shop: Shop) -> bool:
    """Whether the cash is of another currency than the shop's."""
    return tender.foreign is not None or tender.currency not in ("", shop.currency)


def priced(tender: Tendered, *, shop: Shop, at: datetime) -> Tendered:
    """The tender with the board's rate and its worth as `given`.

    Raises CashRateMissing, CashRateChanged, AmountImpossible, HandedOverTooLittle.
    """
    if tender.currency not in CURRENCIES or tender.currency == shop.currency:
        raise CashRateMissing(currency=tender.currency[:12])
    foreign = tender.foreign if tender.foreign is not None else Decimal(0)
    demand_amount(foreign, tender.currency)
    rate = cash_rate_at(tender.currency, shop=shop, at=at).rate
    if tender.rate is not None and tender.rate != rate:
        raise CashRateChanged(currency=tender.currency, rate=rate)
    worth = worth_of(foreign, rate, shop=shop)
    if worth < tender.amount:
        raise HandedOverTooLittle(worth=worth, amount=tender.amount, currency=shop.currency)
    return Tendered(
        kind=tender.kind,
        amount=tender.amount,
        given=worth,
        currency=tender.currency,
        foreign=foreign,
        rate=rate,
        instrument=tender.instrument,
    )


def exchanged(tender: Tendered, *, home: str, sign: int) -> list[Amount]:
    """The postings of priced foreign cash; the change went back in the shop's currency.

    100 USD at 3.65 for 300 AED: +100 USD cash, −100 USD exchange, +365 AED
    exchange, −65 AED cash. `sign` is −1 where the shop hands it out.
    """
    assert tender.foreign is not None, "priced"
    assert tender.given is not None, "priced"
    foreign, given = sign * tender.foreign, sign * tender.given
    change = given - sign * tender.amount
    return [
        Amount(account=chart.CASH, commodity=tender.currency, amount=foreign),
        Amount(account=chart.EXCHANGE, commodity=tender.currency, amount=-foreign),
        Amount(account=chart.EXCHANGE, commodity=home, amount=given),
        Amount(account=chart.CASH, commodity=home, amount=-change),
    ]
