"""What the home page says: taken today, what needs somebody, the stock by metal. Reads only."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db.models import Count, Exists, OuterRef, Q, Sum

from apps.consignment.models import Direction
from apps.consignment.selectors.memos import overdue
from apps.core.units import EXACT, currency, round_money, round_to
from apps.inventory.models import Ownership, Piece, PieceImport, PieceMetal
from apps.inventory.selectors import IN_THE_BOOKS
from apps.pricing.board import BoardRow
from apps.pricing.models import Metal
from apps.pricing.rules.rates import per_gram
from apps.pricing.selectors import RateMissing, board_at
from apps.sales.models import OpenSale, OpenSaleLine, Sale, SaleLine, Tender, TenderKind
from apps.shops.models import Register, Shop

# A piece counts in each of its metals once: with the first part that is of the metal. Counting
# distinct pieces would say the same and sort every one of them, three times as slow.
_EARLIER_PART: Final = PieceMetal.objects.filter(
    piece=OuterRef("piece"), metal=OuterRef("metal"), position__lt=OuterRef("position")
)
# What a day is compared by; other payments are named on days that have them.
_ALWAYS: Final = (TenderKind.CASH, TenderKind.CARD, TenderKind.TRANSFER)
_ZERO: Final = Decimal(0)
_TENTH: Final = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class TenderShare:
    """What one kind of payment brought in, and its part of the whole in percent."""

    label: str
    amount: Decimal
    percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Takings:
    """A day's money and what went over the counter for it. Units: the shop's money; net grams."""

    total: Decimal
    sales: int
    pieces: int
    grams: Sequence[tuple[str, Decimal]]
    tenders: Sequence[TenderShare]


def taken_on(day: date) -> Takings:
    """What was taken on a day of the shop's. Three queries, whatever the number of sales.

    total = Σ tenders = Σ (sale total + cash rounding).
    """
    by_kind = dict(
        Tender.objects.filter(sale__day=day)
        .values_list("kind")
        .annotate(amount=Sum("amount"))
        .order_by()
    )
    counts = Sale.objects.filter(day=day).aggregate(
        sales=Count("pk", distinct=True), pieces=Count("lines")
    )
    grams = dict(
        SaleLine.objects.filter(sale__day=day, piece__metals__isnull=False)
        .values_list("piece__metals__metal")
        .annotate(grams=Sum("piece__metals__net_weight_g"))
        .order_by()
    )
    total = sum(by_kind.values(), _ZERO)
    return Takings(
        total=total,
        sales=counts["sales"],
        pieces=counts["pieces"],
        grams=[(metal, grams[metal]) for metal in Metal.values if metal in grams],
        tenders=[
            TenderShare(
                label=str(kind.label),
                amount=by_kind.get(kind, _ZERO),
                percent=_share(by_kind.get(kind, _ZERO), total),
            )
            for kind in TenderKind
            if kind in by_kind or kind in _ALWAYS
        ],
    )


def _share(part: Decimal, whole: Decimal) -> Decimal:
    return round_to(EXACT.divide(part * 100, whole), _TENTH) if whole else _ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What waits for somebody; what does not exist is empty."""

    old_rates: Sequence[BoardRow]
    no_rates: bool
    open_sale: OpenSale | None
    open_pieces: int
    imports: Sequence[PieceImport]
    # Memos whose day is past: pieces lent out, and owners' pieces in our care.
    overdue_out: int = 0
    overdue_in: int = 0

    def __bool__(self) -> bool:
        waiting = self.open_sale or self.imports or self.overdue_out or self.overdue_in
        return bool(self.old_rates or self.no_rates or waiting)


def needs_of(
    *,
    rows: Sequence[BoardRow],
    register: Register | None,
    may_import: bool,
    day: date | None = None,
) -> Needs:
    """What the person at this till should look at. Three queries at most.

    `rows` is the board as it is now; imports wait only for who may bring them in. `day`: the
    shop's, on which memos are overdue; None looks at none.
    """
    late = {} if day is None else overdue(day=day)
    lines = OpenSaleLine.objects.none()
    if register is not None:
        lines = OpenSaleLine.objects.filter(
            open_sale__register=register, open_sale__held_at=None, removed=False
        ).select_related("open_sale")
    waiting = list(lines)
    imports = PieceImport.objects.none()
    if may_import:
        imports = PieceImport.objects.filter(state=PieceImport.State.READ).order_by("-id")
    return Needs(
        old_rates=[row for row in rows if not row.valid],
        no_rates=not rows,
        open_sale=waiting[0].open_sale if waiting else None,
        open_pieces=len(waiting),
        imports=list(imports.defer("content", "preview")[:3]),
        overdue_out=late.get(Direction.OUT, 0),
        overdue_in=late.get(Direction.IN, 0),
    )


def has_pieces() -> bool:
    """Whether the shop ever took in a piece."""
    return Piece.objects.exists()


@dataclass(frozen=True, slots=True, kw_only=True)
class MetalInStock:
    """The stock of one metal. `value` is None while a fineness of it has no rate today.

    Units: grams of pure metal; the shop's money.
    """

    metal: str
    pieces: int
    fine_g: Decimal
    value: Decimal | None


def stock_by_metal(*, shop: Shop, at: datetime) -> list[MetalInStock]:
    """The metal of every piece that is ours, at the rates of `at`. Two queries.

    value = Σ net grams × rate a gram of their fineness, rounded once a metal: the metal alone,
    without making and stones. A piece of two metals counts in both, of two finenesses once.
    """
    board = board_at(shop=shop, at=at)
    exponent = currency(shop.currency).exponent
    pieces: dict[str, int] = defaultdict(int)
    fine: dict[str, Decimal] = defaultdict(Decimal)
    values: dict[str, Decimal | None] = {}
    for part in (
        PieceMetal.objects.filter(piece__state__in=IN_THE_BOOKS, piece__ownership=Ownership.OWNED)
        .values("metal", "fineness")
        .annotate(
            pieces=Count("pk", filter=Q(position=0) | Q(~Exists(_EARLIER_PART))),
            net_g=Sum("net_weight_g"),
            fine_g=Sum("fine_weight_g"),
        )
        .order_by()
    ):
        metal, fineness = part["metal"], part["fineness"]
        pieces[metal] += part["pieces"]
        fine[metal] += part["fine_g"]
        so_far = values.get(metal, _ZERO)
        try:
            rate = per_gram(board.rate_for(metal, fineness), fineness)
        except RateMissing:
            so_far = None
        values[metal] = None if so_far is None else so_far + EXACT.multiply(part["net_g"], rate)
    return [
        MetalInStock(
            metal=metal,
            pieces=pieces[metal],
            fine_g=fine[metal],
            value=None if value is None else round_money(value, exponent),
        )
        for metal in Metal.values
        if metal in values
        for value in [values[metal]]
    ]
