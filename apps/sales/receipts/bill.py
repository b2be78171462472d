"""A bill as it is printed, whatever the paper: exact numbers and the words that explain them.

The amounts are Decimals; templates write them in the reader's digits. Labels and calculations are
words already, in the language that was active when the bill was read. No database, no HTTP.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from apps.core.formatting import money
from apps.core.paper.amount_words import in_words
from apps.pricing.words import Explained

_ZERO: Final = Decimal(0)
# The A4 table at 9.5 pt: millimetres that the columns of money may take, and what they take.
_ROOM_MM: Final = Decimal(100)
_CHARACTER_MM: Final = Decimal("1.7")
_PADDING_MM: Final = Decimal(3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Who sold: as the shop called itself at that moment."""

    name: str
    address: str
    phone: str
    tax_number: str
    terms: str
    time_zone: str
    seller: str
    register: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Metal:
    """Units: fineness in parts per ten thousand; grams."""

    metal: str
    fineness: int
    karat: str  # in the reader's words, or empty
    mark: str  # "916" in the reader's digits
    net_weight_g: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Stone:
    kind: str
    count: int
    carats: Decimal
    certificate: str  # its laboratory before its number


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """metal + making + stones + other + discount + tax = total = the sum of the parts."""

    tag: str
    name: str
    category: str
    hallmark: str  # HUID, or empty
    taken_back: bool  # by a later document
    gross_weight_g: Decimal | None
    metals: tuple[Metal, ...]
    stones: tuple[Stone, ...]
    parts: tuple[Explained, ...]
    metal: Decimal
    making: Decimal
    stones_amount: Decimal
    other: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal

    @property
    def net_weight_g(self) -> Decimal:
        return sum((metal.net_weight_g for metal in self.metals), _ZERO)

    @property
    def has_gross_of_its_own(self) -> bool:
        """Whether the gross weight says more than the net weight does."""
        return self.gross_weight_g is not None and self.gross_weight_g != self.net_weight_g


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """One row of tax: a whole tax, or one of its named parts (CGST, SGST)."""

    label: str
    percent: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RateUsed:
    """Units: money for one `unit` of metal of the fineness that karat and mark name.

    Both are empty where the rate was for whatever the piece is of.
    """

    metal: str
    karat: str
    mark: str
    amount: Decimal
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """`notes`: what it was paid by, a sentence a row; words already."""

    label: str
    given: Decimal
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which columns of money the A4 table has, and whether they fit beside the piece."""

    metal: bool
    making: bool
    stones: bool
    other: bool
    discount: bool
    tax: bool
    fit: bool

    @property
    def beside_tag(self) -> int:
        """How many columns stand beside the tag: piece, fineness, weight, amount, and these."""
        return 4 + sum((self.metal, self.making, self.stones, self.other, self.discount, self.tax))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """gross + discount = before_tax; + taxes on top + round_off = total; the payments less the
    change come to total + cash_rounding.

    `before_tax` contains the `taxes_within`. The tax of a margin scheme is in neither list:
    the law wants it unseen.
    """

    code: str
    sold_at: datetime
    currency: str
    head: Head
    customer_name: str
    customer_email: str
    rates: tuple[RateUsed, ...]
    lines: tuple[Line, ...]
    gross: Decimal
    discount: Decimal
    before_tax: Decimal
    taxes_on_top: tuple[Tax, ...]
    taxes_within: tuple[Tax, ...]
    is_margin_scheme: bool
    round_off: Decimal
    total: Decimal
    cash_rounding: Decimal
    cash_step: Decimal
    payments: tuple[Payment, ...]
    change: Decimal

    @property
    def total_in_words(self) -> str:
        """In the active language; empty where there are no words for it."""
        return in_words(self.total, self.currency)

    @property
    def taken_back(self) -> int:
        """How many of the pieces later documents took back."""
        return sum(line.taken_back for line in self.lines)

    @property
    def is_tax_invoice(self) -> bool:
        """Only who has a tax number and shows the tax may call the paper so."""
        return bool(self.head.tax_number and (self.taxes_on_top or self.taxes_within))

    @property
    def rates_are_per_gram(self) -> bool:
        return all(rate.unit == "g" for rate in self.rates)

    @property
    def columns(self) -> Columns:
        """The columns that say something about at least one line."""
        amounts = {
            "metal": [line.metal for line in self.lines],
            "making": [line.making for line in self.lines],
            "stones": [line.stones_amount for line in self.lines],
            "other": [line.other for line in self.lines],
            "discount": [line.discount for line in self.lines],
            "tax": [line.tax for line in self.lines],
        }
        shown = {name: column for name, column in amounts.items() if any(column)}
        width = _PADDING_MM + self._width([line.total for line in self.lines])
        width += sum((_PADDING_MM + self._width(column) for column in shown.values()), Decimal(0))
        return Columns(**{name: name in shown for name in amounts}, fit=width <= _ROOM_MM)

    def _width(self, column: list[Decimal]) -> Decimal:
        return _CHARACTER_MM * max(len(money(amount, self.currency)) for amount in column)
