"""The figures of a shift, as an X or a Z report tells them. Reads nothing; see `report`."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.till.kinds import TenderKind
from apps.till.models import MoveKind, MovePlace

# The documents of a counter by what the ledger calls them. Others stand under their own word.
DOCUMENTS: Final[dict[str, str | Promise]] = {
    "sale": _("Bills"),
    "void": _("Voids"),
    "return": _("Returns"),
    "exchange": _("Exchanges"),
    "buy_back": _("Buy-backs"),
    "old-gold": _("Old gold slips"),
    "old-gold-void": _("Voids of old gold slips"),
    "old-gold-payout": _("Old gold paid out"),
    "deposit": _("Deposits and layaways"),
    "scheme": _("Savings schemes"),
    "gift-card": _("Gift cards"),
    "payment": _("Payments on account"),
    "refiner": _("Settled with refiners"),
    "assay": _("Assays"),
    "metal-receipt": _("Metal taken in"),
    "fixing": _("Fixings"),
    "memo": _("Bought of its owner"),
    "owner-payment": _("Paid to an owner"),
}
_ALWAYS_TOLD: Final = ("sale", "void", "return")


@dataclass(frozen=True, slots=True, kw_only=True)
class CashSum:
    """One currency in the drawer. float + taken + moved in − moved out = expected."""

    currency: str
    floated: Decimal
    taken: Decimal  # over the counter: what came in less what went out
    moved_in: Decimal
    moved_out: Decimal

    @property
    def expected(self) -> Decimal:
        return self.floated + self.taken + self.moved_in - self.moved_out


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderSum:
    """One kind of payment: taken for documents, and given for them. net = taken − given."""

    kind: str
    currency: str
    taken: Decimal
    given: Decimal

    @property
    def label(self) -> str:
        return str(TenderKind(self.kind).label)

    @property
    def net(self) -> Decimal:
        return self.taken - self.given


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveLine:
    """Cash that was put in or taken out, by its slip."""

    code: str
    kind: str
    place: str
    currency: str
    amount: Decimal
    reason: str

    @property
    def signed(self) -> Decimal:
        """Below zero: it went out."""
        return -self.amount if self.kind == MoveKind.OUT else self.amount

    @property
    def place_label(self) -> str:
        return str(MovePlace(self.place).label)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A shift in figures. Units: money of the currency that is named; fine grams."""

    cash: Sequence[CashSum]
    tenders: Sequence[TenderSum]
    documents: Sequence[tuple[str, int]]  # what the ledger calls them, and how many
    discounts: Decimal
    discounted: int
    old_gold: Sequence[tuple[str, Decimal]]
    pieces_sold: int
    moves: Sequence[MoveLine]
    openings: int = 0  # of the drawer without a sale; closes of before it was counted have none

    def count_of(self, what: str) -> int:
        return dict(self.documents).get(what, 0)

    @property
    def documents_named(self) -> Sequence[tuple[str, int]]:
        """The documents in the reader's words; no bills, voids or returns are told too."""
        counts = {**dict.fromkeys(_ALWAYS_TOLD, 0), **dict(self.documents)}
        return [
            *((str(word), counts[what]) for what, word in DOCUMENTS.items() if what in counts),
            *((what, count) for what, count in self.documents if what not in DOCUMENTS),
        ]
