"""The stock at cost and at the rate of today, by metal and kind; and whether the books agree."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from apps.core import formatting
from apps.core.units import EXACT, currency, round_money
from apps.inventory.models import Ownership, Piece, PieceMetal
from apps.inventory.selectors import IN_THE_BOOKS
from apps.ledger import chart
from apps.ledger.selectors import moved
from apps.pricing.models import Metal
from apps.pricing.rules.rates import per_gram
from apps.pricing.selectors import Board, RateMissing, board_at
from apps.reports.ask import Ask
from apps.reports.lots import lots_table, lots_warnings
from apps.reports.tables import Cell, Column, Kind, OfCosts, Report, Row, Table, row
from apps.reports.words import metal_word

_ZERO = Decimal(0)


@dataclass(slots=True)
class Held:
    """Pieces of one kind and metal. `value` is None while a fineness of it has no rate today.

    Cost stands with the first metal of a piece, grams with each.
    """

    pieces: int = 0
    net_g: Decimal = _ZERO
    fine_g: Decimal = _ZERO
    cost: Decimal = _ZERO
    value: Decimal | None = _ZERO

    def add(self, other: "Held") -> None:
        self.pieces += other.pieces
        self.net_g += other.net_g
        self.fine_g += other.fine_g
        self.cost += other.cost
        known = self.value is not None and other.value is not None
        self.value = (self.value or _ZERO) + (other.value or _ZERO) if known else None


def stock(ask: Ask) -> Report:
    """Every piece in the shop now, whatever the period. Ten queries.

    value = Σ net grams × rate of their fineness, rounded once a row: the metal alone. The sums
    of cost and of fine grams have to be the balance of the stock's account in the books.
    """
    board = board_at(shop=ask.shop, at=ask.now)
    held = _held(board)
    exponent = currency(ask.shop.currency).exponent
    for each in held.values():
        each.value = None if each.value is None else round_money(each.value, exponent)
    rows = list(_rows(held))
    code = ask.shop.currency
    pieces = Table(caption=_("Stock by metal and kind"), columns=_columns(code), rows=rows)
    return Report(
        tables=[*([pieces] if rows else []), *lots_table(board, code=code)],
        notes=[
            _("Value is of the metal alone, at the selling rate of today; stones and making not."),
            _("The stock as it is now: the period narrows nothing here."),
            _("What is lent or on the way is ours and counted; what others gave us is not."),
        ],
        warnings=[*_differences(ask, held), *lots_warnings(ask)],
    )


def _held(board: Board) -> dict[tuple[str, str], Held]:
    held: dict[tuple[str, str], Held] = defaultdict(Held)
    first = Q(position=0)
    parts = (
        PieceMetal.objects.filter(piece__state__in=IN_THE_BOOKS, piece__ownership=Ownership.OWNED)
        .values("metal", "fineness", "piece__category")
        .annotate(
            pieces=Count("pk", filter=first),
            net_g=Sum("net_weight_g"),
            fine_g=Sum("fine_weight_g"),
            cost=Coalesce(Sum("piece__cost", filter=first), _ZERO),
        )
        .order_by()
    )
    for part in parts:
        held[part["metal"], part["piece__category"]].add(_part(part, board))
    bare = (
        Piece.objects.filter(state__in=IN_THE_BOOKS, ownership=Ownership.OWNED, made_of="")
        .values("category")
        .annotate(pieces=Count("pk"), cost=Sum("cost"))
        .order_by()
    )
    for each in bare:
        held["", each["category"]].add(Held(pieces=each["pieces"], cost=each["cost"]))
    return held


def _part(part: Mapping[str, Any], board: Board) -> Held:
    try:
        rate = per_gram(board.rate_for(part["metal"], part["fineness"]), part["fineness"])
        value = EXACT.multiply(part["net_g"], rate)
    except RateMissing:
        value = None
    return Held(part["pieces"], part["net_g"], part["fine_g"], part["cost"], value)


def _columns(code: str) -> list[Column]:
    return [
        Column(_("Kind")),
        Column(_("Pieces"), Kind.COUNT),
        Column(_("Net g"), Kind.GRAMS, wide=True),
        Column(_("Fine g"), Kind.GRAMS, wide=True),
        Column(_("Cost"), Kind.MONEY, code, cost=True),
        Column(_("Value today"), Kind.MONEY, code),
        Column(_("Difference"), Kind.MONEY, code, wide=True, cost=True),
    ]


def _rows(held: dict[tuple[str, str], Held]) -> Iterator[Row]:
    total = Held()
    for metal in [metal for metal in (*Metal.values, "") if any(m == metal for m, _c in held)]:
        of_metal = Held()
        yield row(metal_word(metal), style="group")
        for (_metal, category), each in sorted(held.items()):
            if _metal == metal:
                of_metal.add(each)
                yield _row(Cell(category or _("Without a kind"), _pieces(metal, category)), each)
        yield _row(_("Sum of %(metal)s") % {"metal": metal_word(metal)}, of_metal, style="total")
        total.add(of_metal)
    if held:
        yield _row(_("All"), total, style="total")


def _row(head: Any, held: Held, *, style: str = "") -> Row:
    cost, value = held.cost, held.value
    return row(
        head,
        Cell(held.pieces, head.link if isinstance(head, Cell) else ""),
        held.net_g,
        held.fine_g,
        cost,
        value,
        None if value is None else value - cost,
        style=style,
    )


def _pieces(metal: str, category: str) -> str:
    """The stock list, narrowed down to these pieces."""
    given = {"metal": metal, "category": category}
    asked = {key: value for key, value in given.items() if value}
    return f"{reverse('inventory:piece-list')}?{urlencode(asked)}"


def _differences(ask: Ask, held: dict[tuple[str, str], Held]) -> Iterator[str]:
    """What the pieces come to and the books do not; nothing, if all is well."""
    book = moved(until=ask.today, account=chart.STOCK)
    in_books = {commodity: amount.net for (_account, commodity), amount in book.items()}
    cost = sum((each.cost for each in held.values()), _ZERO)
    code = ask.shop.currency
    if cost != in_books.get(code, _ZERO):
        said = _("The pieces cost %(pieces)s, and the books say %(books)s.") % {
            "pieces": formatting.money(cost, code),
            "books": formatting.money(in_books.get(code, _ZERO), code),
        }
        yield OfCosts(said)
    for metal in Metal.values:
        fine = sum((each.fine_g for (m, _c), each in held.items() if m == metal), _ZERO)
        if fine != in_books.get(metal, _ZERO):
            yield _("%(metal)s: the pieces hold %(pieces)s fine, and the books say %(books)s.") % {
                "metal": metal_word(metal),
                "pieces": formatting.grams(fine),
                "books": formatting.grams(in_books.get(metal, _ZERO)),
            }
