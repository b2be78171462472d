"""Sales of a period by seller, kind of piece, metal or day: pieces, grams, money, margin."""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.core import formatting
from apps.core.typed import fold_letters
from apps.reports.ask import Ask
from apps.reports.facts import sold
from apps.reports.periods import month_end, month_start
from apps.reports.tables import Cell, Column, Kind, Report, Row, Table, row
from apps.reports.words import metal_word
from apps.shops.models import Member

KEYS: Final = {
    "seller": "seller_id",
    "category": "category",
    "metal": "metal",
    "day": "day",
    "month": "day",
}
_MONEY: Final = ("metal_amount", "making", "stones", "extras", "discount", "tax", "total", "cost")


def sales(ask: Ask) -> Report:
    """What was sold less what came back, a row each. Four queries.

    metal + making + stones + extras + discount + tax on top = total; margin = total − tax − cost.
    Money stands with the first metal of a piece, grams with each.
    """
    by = ask.by if ask.by in KEYS else "category"
    found = sold(by=KEYS[by], since=ask.period.since, until=ask.period.until, register=ask.register)
    if by == "month":
        found = _by_month(found, pack=ask.shop.tax_pack)
    named = _namer(ask, by)
    rows = [
        _row(each, Cell(named(each[KEYS[by]]), _rows_of(ask, by, each[KEYS[by]])), "")
        for each in _ordered(found, by)
    ]
    if rows:
        rows.append(_row(_sum(found), Cell(_("Sum")), "total"))
    code = ask.shop.currency
    return Report(
        tables=[Table(caption=_CAPTIONS[by](), columns=_columns(_HEADS[by](), code), rows=rows)]
        if rows
        else [],
        notes=[
            _("Margin is the total without tax, less what the pieces cost."),
            _("A piece of two metals counts with its first one; grams count with each."),
        ],
    )


_HEADS: Final[dict[str, Callable[[], str]]] = {
    "seller": lambda: pgettext("who sold it", "Seller"),
    "category": lambda: _("Kind"),
    "metal": lambda: _("Metal"),
    "day": lambda: _("Day"),
    "month": lambda: _("Month"),
}


_CAPTIONS: Final[dict[str, Callable[[], str]]] = {
    "seller": lambda: _("Sales by seller"),
    "category": lambda: _("Sales by kind"),
    "metal": lambda: _("Sales by metal"),
    "day": lambda: _("Sales by day"),
    "month": lambda: _("Sales by month"),
}


def _columns(head: str, code: str) -> list[Column]:
    return [
        Column(head, Kind.DAY if head == _HEADS["day"]() else Kind.TEXT),
        Column(_("Pieces"), Kind.COUNT),
        Column(_("Net g"), Kind.GRAMS, wide=True),
        Column(_("Fine g"), Kind.GRAMS, wide=True),
        Column(_("Metal"), Kind.MONEY, code, wide=True),
        Column(_("Making"), Kind.MONEY, code, wide=True),
        Column(_("Stones"), Kind.MONEY, code, wide=True, spare=True),
        Column(_("Extras"), Kind.MONEY, code, wide=True, spare=True),
        Column(_("Discount"), Kind.MONEY, code, wide=True, spare=True),
        Column(_("Tax"), Kind.MONEY, code, wide=True),
        Column(_("Total"), Kind.MONEY, code),
        Column(_("Cost"), Kind.MONEY, code, wide=True, cost=True),
        Column(_("Margin"), Kind.MONEY, code, cost=True),
    ]


def _row(sums: dict[str, Any], head: Cell, style: str) -> Row:
    return row(
        head,
        Cell(sums["pieces"], head.link),
        sums["net_g"],
        sums["fine_g"],
        *(Cell(sums[name], head.link if name == "total" else "") for name in _MONEY),
        sums["total"] - sums["tax"] - sums["cost"],
        style=style,
    )


def _by_month(found: list[dict[str, Any]], *, pack: str) -> list[dict[str, Any]]:
    """Days summed up by the first of their month, in the calendar that the reader sees."""
    months: dict[date, list[dict[str, Any]]] = {}
    for each in found:
        months.setdefault(month_start(each["day"], pack=pack), []).append(each)
    return [_sum(days) | {"day": first} for first, days in sorted(months.items())]


def _sum(found: Iterable[dict[str, Any]]) -> dict[str, Any]:
    rows = list(found)
    names = ("pieces", "net_g", "fine_g", *_MONEY)
    return {name: sum((each[name] for each in rows), Decimal(0)) for name in names}


def _ordered(found: list[dict[str, Any]], by: str) -> list[dict[str, Any]]:
    if by in ("day", "month"):
        return found
    return sorted(found, key=lambda each: (-each["total"], fold_letters(str(each[KEYS[by]]))))


def _rows_of(ask: Ask, by: str, key: Any) -> str:
    if by == "day":
        return ask.on(key, "sold-pieces")
    if by == "month":
        first, last = max(key, ask.period.since), month_end(key, pack=ask.shop.tax_pack)
        return ask.address(
            "sold-pieces",
            since=first.isoformat(),
            until=min(last, ask.period.until).isoformat(),
        )
    return ask.address("sold-pieces", **{by: key})


def _namer(ask: Ask, by: str) -> Callable[[Any], Any]:
    """What a key is called: a person by name, a metal by its word."""
    if by == "metal":
        return metal_word
    if by == "category":
        return lambda category: category or _("Without a kind")
    if by == "seller":
        names = {
            member.pk: member.user.get_full_name() or member.user.get_username()
            for member in Member.objects.filter(shop=ask.shop).select_related("user")
        }
        return lambda seller: names.get(seller, str(seller))
    if by == "month":
        return formatting.month
    return lambda day: day
