"""The currencies a shop can keep its books in: decimals of an amount, and the smallest cash step.

Stored with us, because tables differ and a stored sale must not change when a library does.
Decimals follow CLDR, which follows use: IRR, IQD, LBP and SYP have none, though ISO 4217 still
prints two or three for them. Cash steps follow CLDR too, except where the table says otherwise.
A step that is only a custom of shops (25 fils in the Emirates, the whole rupee in India) is the
shop's own setting and not here. Funds, metals and test codes of ISO 4217 (CLF, XAU, XTS …) are
left out: no till holds them.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final


@dataclass(frozen=True, slots=True)
class Currency:
    """`exponent`: decimals of a printed amount; `cash_step`: the smallest amount in coins."""

    code: str
    exponent: int
    cash_step: Decimal

    @property
    def step(self) -> Decimal:
        """The smallest amount that can be written: 0.01 for two decimals."""
        return Decimal(1).scaleb(-self.exponent)


class UnknownCurrency(ValueError):
    """A code that is not in the table."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def __str__(self) -> str:
        return f"{self.code!r} is no currency here. Use the three letters of ISO 4217, or IRT."


_CODES_BY_EXPONENT: Final = {
    0: (
        "AFN ALL BIF CLP DJF GNF IQD IRR IRT ISK JPY KMF KPW KRW LAK LBP MGA MMK PYG RSD RWF SOS"
        " SYP UGX VND VUV XAF XOF XPF YER"
    ),
    2: (
        "AED AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF"
        " CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ"
        " GYD HKD HNL HTG HUF IDR ILS INR JMD KES KGS KHR KYD KZT LKR LRD LSL MAD MDL MKD MNT MOP"
        " MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RUB"
        " SAR SBD SCR SDG SEK SGD SHP SLE SRD SSP STN SVC SZL THB TJS TMT TOP TRY TTD TWD TZS UAH"
        " USD UYU UZS VED VES WST XCD XCG ZAR ZMW ZWG"
    ),
    3: "BHD JOD KWD LYD OMR TND",
}

# Coarser in coins than on paper. KWD is ours: CLDR names no step, and the smallest coin is 5 fils.
_CASH_STEPS: Final = {
    "0.005": "KWD",
    "0.05": "CAD CHF",
    "0.50": "DKK",
    "1": "AMD COP CRC CZK GYD HUF IDR MNT MUR NOK PKR SEK TWD TZS UZS",
}


def _table() -> dict[str, Currency]:
    coarse = {code: Decimal(step) for step, codes in _CASH_STEPS.items() for code in codes.split()}
    return {
        code: Currency(code, exponent, coarse.get(code, Decimal(1).scaleb(-exponent)))
        for exponent, codes in _CODES_BY_EXPONENT.items()
        for code in codes.split()
    }


CURRENCIES: Final[dict[str, Currency]] = _table()


def currency(code: str) -> Currency:
    """The currency with this code, "KWD" or "IRT" (toman). Raises UnknownCurrency."""
    try:
        return CURRENCIES[code]
    except KeyError:
        raise UnknownCurrency(code) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownUnit:
    """What people say instead of a currency's own unit: ten rials are one toman.

    Amounts are kept in the currency and shown ÷ `factor`, exactly: `least` decimals always, more
    where they say something. A law that renames money is a row with the days it counts on; what
    was kept before it stays as it was.
    """

    currency: str
    name: str  # a key of formatting.currency_name
    choice: str  # what a reader chooses in the preferences
    factor: int
    least: int = 0
    since: date | None = None
    until: date | None = None  # the last day

    @property
    def most(self) -> int:
        """Decimals that the smallest step of the currency needs: one for a rial in tomans."""
        return CURRENCIES[self.currency].exponent + len(str(self.factor)) - 1

    def counts_on(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (
            self.until is None or day <= self.until
        )


_SHOWN_UNITS: Final = (ShownUnit(currency="IRR", name="IRT", choice="toman", factor=10),)


def shown_units(*, on: date) -> list[ShownUnit]:
    """The units that somebody may choose on a day."""
    return [unit for unit in _SHOWN_UNITS if unit.counts_on(on)]


# How much of these currencies one dollar has been, officially and unchanged, for decades.
# Source: the central banks' fixed rates.
PER_DOLLAR: Final[dict[str, Decimal]] = {
    "AED": Decimal("3.6725"),
    "BHD": Decimal("0.376"),
    "OMR": Decimal("0.3845"),
    "QAR": Decimal("3.64"),
    "SAR": Decimal("3.75"),
}
