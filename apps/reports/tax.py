"""The taxes of a period by rate and part, and the figures the country's return asks for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from apps.reports.ask import Ask
from apps.reports.facts import sold, taxed
from apps.reports.tables import Cell, Column, Kind, Report, Row, Table, row

_ZERO = Decimal(0)
_GROUP: Final = ("label", "percent", "shown")
Taxes = Sequence[Mapping[str, Any]]


def tax(ask: Ask) -> Report:
    """By tax and rate: the base without the tax, and the tax, less what came back. Four queries.

    The tax of a margin scheme stands apart: no bill shows it, and its base is the margin.
    """
    found = taxed(since=ask.period.since, until=ask.period.until, register=ask.register)
    total = sum((each["amount"] for each in found), _ZERO)
    code = ask.shop.currency
    columns = [
        Column(_("Tax")),
        Column(_("Rate"), Kind.PERCENT),
        Column(_("Bills"), Kind.COUNT, wide=True),
        Column(_("Base"), Kind.MONEY, code),
        Column(_("Tax due"), Kind.MONEY, code),
    ]
    rows = list(_rows(ask, found))
    base = sum((each["base"] for each in found), _ZERO)
    if rows:
        rows.append(row(_("Sum"), None, None, base, total, style="total"))
    tables = [Table(caption=_("By tax and rate"), columns=columns, rows=rows)] if rows else []
    country = _RETURNS.get(ask.shop.tax_pack)
    if rows and country:
        tables.append(country(ask, found))
    return Report(
        tables=tables,
        notes=[_("A figure for your return, not the return: have an accountant look at it.")],
    )


def _rows(ask: Ask, found: Taxes) -> Iterator[Row]:
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for each in found:
        groups.setdefault(tuple(each[key] for key in _GROUP), []).append(each)
    link = ask.address("sold-pieces")
    for (label, percent, shown), parts in groups.items():
        base = sum((part["base"] for part in parts), _ZERO)
        amount = sum((part["amount"] for part in parts), _ZERO)
        documents = max(part["documents"] for part in parts)
        name = label if shown else _("%(tax)s of the margin scheme") % {"tax": label}
        yield row(Cell(name, link), percent, documents, base, Cell(amount, link))
        if len(parts) > 1:
            for part in sorted(parts, key=lambda part: part["position"]):
                yield row(
                    _("of it %(tax)s") % {"tax": part["part"]},
                    part["part_percent"],
                    None,
                    None,
                    part["amount"],
                    style="part",
                )


# -- what the returns of countries ask for -----------------------------------------------------


def _boxes(caption: str, code: str, rows: Sequence[tuple[str, str, Decimal]]) -> Table:
    return Table(
        caption=caption,
        columns=[
            Column(_("Box"), Kind.CODE),
            Column(_("What")),
            Column(_("Amount"), Kind.MONEY, code),
        ],
        rows=[row(*each) for each in rows],
    )


def _gb(ask: Ask, found: Taxes) -> Table:
    """Boxes 1 and 6 of the VAT return; what was bought is not known here.

    Box 6 counts pieces of the margin scheme with their whole price less the tax on the margin.
    Source: VAT Notice 700/12, sections 3.2 and 3.7; Notice 718, section 9.
    """
    pieces = sold(by="metal", since=ask.period.since, until=ask.period.until, register=ask.register)
    net = sum((each["total"] - each["tax"] for each in pieces), _ZERO)
    due = sum((each["amount"] for each in found), _ZERO)
    return _boxes(
        _("VAT return"),
        ask.shop.currency,
        [
            ("1", _("VAT due on sales and other outputs"), due),
            ("6", _("Sales and all other outputs, without VAT"), net),
        ],
    )


def _ae(ask: Ask, found: Taxes) -> Table:
    """Boxes 1 and 4 of form VAT201; box 1 is written in the line of the shop's emirate."""
    standard = [each for each in found if each["percent"]]
    zero = sum((each["base"] for each in found if not each["percent"]), _ZERO)
    return _boxes(
        _("Form VAT201"),
        ask.shop.currency,
        [
            ("1", _("Standard rated supplies: amount"), sum((e["base"] for e in standard), _ZERO)),
            ("1", _("Standard rated supplies: VAT"), sum((e["amount"] for e in standard), _ZERO)),
            ("4", _("Zero-rated supplies"), zero),
        ],
    )


def _in(ask: Ask, found: Taxes) -> Table:
    """Taxable value and tax by rate, as the summary of outward supplies has them."""
    code = ask.shop.currency
    heads = ("IGST", "CGST", "SGST")
    rates = sorted({each["percent"] for each in found})
    rows = []
    for rate in rates:
        of_rate = [each for each in found if each["percent"] == rate]
        amounts = [sum((e["amount"] for e in of_rate if e["part"] == h), _ZERO) for h in heads]
        rows.append(row(rate, sum((e["base"] for e in of_rate), _ZERO), *amounts))
    return Table(
        caption=_("Outward supplies by rate"),
        columns=[
            Column(_("Rate"), Kind.PERCENT),
            Column(_("Taxable value"), Kind.MONEY, code),
            *(Column(head, Kind.MONEY, code) for head in heads),
        ],
        rows=rows,
    )


_RETURNS: Final[Mapping[str, Callable[[Ask, Taxes], Table]]] = {"GB": _gb, "AE": _ae, "IN": _in}
