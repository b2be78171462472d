"""What the counter shows: the open sale as a clerk reads it, and what the page posts back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from apps.pricing import rules
from apps.pricing.words import Explained, tax_name
from apps.sales.models import OpenSale
from apps.sales.plain_words import karats_explained
from apps.sales.quoted import Quoted
from apps.sales.standing import Standing
from apps.shops.models import Register
from apps.till.kinds import TenderKind

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class MetalShown:
    metal: str
    fineness: int
    karat: str
    net_weight_g: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class LineShown:
    """A line as a clerk reads it. `total` is None while it has no price, and `trouble` says why."""

    pk: int
    tag: str
    name: str
    category: str
    removed: bool
    metals: tuple[MetalShown, ...]
    stones_text: str
    has_discount: bool
    is_raised: bool
    components: tuple[Explained, ...]
    words: tuple[str, ...]  # the same as it is said to a customer
    total: Decimal | None
    trouble: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderShown:
    """A payment as a clerk reads it. `stays`: what of a slip or a deposit this bill leaves."""

    pk: int
    kind: str
    word: str
    detail: str
    amount: Decimal
    stays: Decimal
    trouble: str
    taken_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """Everything the page shows of one till's sale; also of a till where none is open."""

    register: Register
    currency: str
    exponent: int
    open_sale: OpenSale | None
    lines: tuple[LineShown, ...]  # newest first, removed ones in their places
    tenders: Sequence[TenderShown]
    quote: rules.Quote | None
    trouble: str  # why the bill as a whole has no price
    standing: Standing
    cash_keys: tuple[Decimal, ...]
    quoted: Quoted

    @property
    def key(self) -> str:
        return str(self.open_sale.key) if self.open_sale else ""

    @property
    def kept(self) -> list[LineShown]:
        return [line for line in self.lines if not line.removed]

    @property
    def karats(self) -> tuple[str, ...]:
        """What each karat on the bill means."""
        alloys = ((m.metal, m.fineness) for line in self.kept for m in line.metals)
        return karats_explained(alloys)

    @property
    def net_weight_g(self) -> Decimal:
        return sum((m.net_weight_g for line in self.kept for m in line.metals), _ZERO)

    @property
    def total(self) -> Decimal:
        return self.quote.total if self.quote else _ZERO

    @property
    def taxes(self) -> list[tuple[str, Decimal, Decimal]]:
        """Name, percent and amount of each tax that may be shown."""
        taxes = self.quote.taxes if self.quote else ()
        return [(tax_name(tax.label), tax.percent, tax.amount) for tax in taxes if tax.shown]

    @property
    def pieces_seen(self) -> str:
        """The lines of the bill as the page posts them back with Finish."""
        return seen([line.pk for line in self.kept])

    @property
    def total_seen(self) -> str:
        """The total as the page posts it back with Finish, whatever the language."""
        return format(self.total, "f")

    @property
    def last_line(self) -> int:
        return max((line.pk for line in self.lines), default=0)

    @property
    def last_tender(self) -> int:
        return max((tender.pk for tender in self.tenders), default=0)

    @property
    def unsold(self) -> bool:
        """Whether a line on the bill cannot be sold as it is."""
        return bool(self.trouble) or any(line.trouble for line in self.kept)

    @property
    def unpayable(self) -> bool:
        """Whether a payment cannot be taken as it is."""
        return any(tender.trouble for tender in self.tenders)

    @property
    def on_account(self) -> Decimal:
        """What of the bill the customer will owe."""
        return sum((t.amount for t in self.tenders if t.kind == TenderKind.ON_ACCOUNT), _ZERO)

    @property
    def ready(self) -> bool:
        """Whether Finish would go through, as far as this page knows."""
        if self.quoted.ran_out:
            return False
        return bool(self.kept) and not self.unsold and not self.unpayable and self.standing.settled


def seen(lines: Sequence[int]) -> str:
    """The ids of lines, in one text that does not depend on their order."""
    return ".".join(str(pk) for pk in sorted(lines))
