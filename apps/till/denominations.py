"""The notes and coins that lie in a drawer, by currency.

Those that people pay with: what is legal tender and has left the shops (one and two cents of some
countries, withdrawn notes) is counted as *other*, as a sum. A currency that is not listed is
counted as a sum too.

Source: the lists of notes and coins in circulation of the issuing central banks (RBI, CBI, CBUAE,
Bank of England, Federal Reserve, ECB, SAMA, CBK, SNB, TCMB, Bank of Japan, Bank of Canada, QCB,
CBB, CBO, RBA, SBP, Bangladesh Bank, PBoC, HKMA, MAS, BNM, Bank of Thailand), as of 2025. IRT is
the toman that shops count in: a tenth of what is printed on the note.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final


@dataclass(frozen=True, slots=True)
class Denomination:
    """One kind of note or coin. Unit: the currency."""

    value: Decimal
    is_note: bool

    @property
    def code(self) -> str:
        """As it stands in the name of a field and in a stored count: "500", "0.25"."""
        return format(self.value, "f")


# Notes, then coins, the largest first.
_TABLE: Final[dict[str, tuple[str, str]]] = {
    "AED": ("1000 500 200 100 50 20 10 5", "1 0.50 0.25"),
    "AUD": ("100 50 20 10 5", "2 1 0.50 0.20 0.10 0.05"),
    "BDT": ("1000 500 200 100 50 20 10 5 2", "5 2 1"),
    "BHD": ("20 10 5 1 0.500", "0.100 0.050 0.025 0.010 0.005"),
    "CAD": ("100 50 20 10 5", "2 1 0.25 0.10 0.05"),
    "CHF": ("1000 200 100 50 20 10", "5 2 1 0.50 0.20 0.10 0.05"),
    "CNY": ("100 50 20 10 5 1", "1 0.50 0.10"),
    "EUR": ("500 200 100 50 20 10 5", "2 1 0.50 0.20 0.10 0.05 0.02 0.01"),
    "GBP": ("50 20 10 5", "2 1 0.50 0.20 0.10 0.05 0.02 0.01"),
    "HKD": ("1000 500 100 50 20 10", "10 5 2 1 0.50 0.20 0.10"),
    "INR": ("500 200 100 50 20 10", "20 10 5 2 1"),
    "IRR": ("1000000 500000 100000 50000 20000 10000 5000", "5000 2000 1000"),
    "IRT": ("100000 50000 10000 5000 2000 1000 500", "500 200 100"),
    "JPY": ("10000 5000 2000 1000", "500 100 50 10 5 1"),
    "KWD": ("20 10 5 1 0.500 0.250", "0.100 0.050 0.020 0.010 0.005"),
    "MYR": ("100 50 20 10 5 1", "0.50 0.20 0.10 0.05"),
    "OMR": ("50 20 10 5 1 0.500 0.100", "0.050 0.025 0.010 0.005"),
    "PKR": ("5000 1000 500 100 50 20 10", "10 5 2 1"),
    "QAR": ("500 200 100 50 10 5 1", "0.50 0.25"),
    "SAR": ("500 200 100 50 20 10 5", "2 1 0.50 0.25 0.10 0.05"),
    "SGD": ("1000 100 50 10 5 2", "1 0.50 0.20 0.10 0.05"),
    "THB": ("1000 500 100 50 20", "10 5 2 1 0.50 0.25"),
    "TRY": ("200 100 50 20 10 5", "5 1 0.50 0.25 0.10 0.05"),
    "USD": ("100 50 20 10 5 2 1", "1 0.50 0.25 0.10 0.05 0.01"),
}


@cache
def denominations(currency: str) -> tuple[Denomination, ...]:
    """What the drawer's table of this currency has, notes first; empty where we know none.

    A value that is both a note and a coin (20 rupees) is one row: their worth is what counts.
    """
    notes, coins = _TABLE.get(currency, ("", ""))
    rows = {Decimal(text): True for text in notes.split()}
    for text in coins.split():
        rows.setdefault(Decimal(text), False)
    return tuple(Denomination(value, is_note) for value, is_note in rows.items())
