"""Reads: the history in the words of the shop. The words of tables and columns stand below."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.apps import apps
from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.core import formatting
from apps.shops.change_words import COLUMNS, COSTS, PAGES, TABLES, UNSAID
from apps.shops.days import start_of
from apps.shops.models import Change, ChangeOp, Member, Shop

PER_PAGE: Final = 50
HIDDEN: Final = "…"
_ONE_DAY: Final = timedelta(days=1)
# Days beyond them have no moment in every zone.
_FIRST: Final = date(1900, 1, 1)
_LAST: Final = date(9000, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How the list is narrowed down; what is empty or unknown narrows nothing."""

    who: int | None = None
    table: str = ""
    op: str = ""
    row: int | None = None
    older_than: int | None = None
    since: date | None = None  # days of the shop, both counted
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One column of a change in words; `before` or `after` is empty where it had no value."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One change in words."""

    change: Change
    what: str  # Piece, Customer
    of: str  # B20881, Nadia Rahman; empty: it is there no more, and has no name
    url: str
    source: str
    said: Sequence[Said]


def changes_wanted(wanted: Wanted, *, shop: Shop) -> tuple[list[Change], bool]:
    """A page of changes, the newest first, and whether older ones follow. One query."""
    found = Change.objects.select_related("who__user", "till").order_by("-pk")
    if wanted.who is not None:
        found = found.filter(who=wanted.who)
    if wanted.table in TABLES:
        found = found.filter(table=wanted.table)
    if wanted.op in ChangeOp.values:
        found = found.filter(op=wanted.op)
    if wanted.row is not None:
        found = found.filter(row=wanted.row)
    if wanted.since is not None:
        found = found.filter(at__gte=start_of(shop, max(wanted.since, _FIRST)))
    if wanted.until is not None:
        found = found.filter(at__lt=start_of(shop, min(wanted.until, _LAST) + _ONE_DAY))
    if wanted.older_than is not None:
        found = found.filter(pk__lt=wanted.older_than)
    page = list(found[: PER_PAGE + 1])
    return page[:PER_PAGE], len(page) > PER_PAGE


def in_words(changes: Sequence[Change], *, costs: bool) -> list[Shown]:
    """Each change as people say it; without `costs` what a piece cost is left out.

    One query for each kind of row that is named.
    """
    known = {model._meta.db_table: model for model in apps.get_models()}
    names = _names(changes, known)
    unsaid = UNSAID if costs else UNSAID | COSTS
    return [_shown(change, known.get(change.table), names, unsaid) for change in changes]


_Names = Mapping[type[models.Model], Mapping[int, models.Model]]


def _names(changes: Sequence[Change], known: Mapping[str, type[models.Model]]) -> _Names:
    """The rows that the changes are of, and those that their columns point at."""
    wanted: dict[type[models.Model], set[int]] = defaultdict(set)
    for change in changes:
        model = known.get(change.table)
        if model is None:
            continue
        wanted[model].add(change.row)
        for column, value in [*change.before.items(), *change.after.items()]:
            field = _field(model, column)
            if isinstance(field, models.ForeignKey) and isinstance(value, int):
                wanted[field.related_model].add(value)
    return {model: _rows(model, ids) for model, ids in wanted.items()}


def _rows(model: type[models.Model], ids: set[int]) -> Mapping[int, models.Model]:
    rows = model._default_manager.filter(pk__in=ids)
    if model is Member:
        rows = rows.select_related("user")
    return {int(row.pk): row for row in rows}


def _field(model: type[models.Model], column: str) -> "models.Field[Any, Any] | None":
    return next((field for field in model._meta.concrete_fields if field.column == column), None)


def _shown(
    change: Change,
    model: type[models.Model] | None,
    names: _Names,
    unsaid: frozenset[str],
) -> Shown:
    columns = [name for name in {**change.before, **change.after} if name not in unsaid]
    return Shown(
        change=change,
        what=str(TABLES.get(change.table, change.table)),
        of=_name(names[model].get(change.row)) if model else "",
        url=_page_of(change, names[model].get(change.row) if model else None),
        source=_source(change),
        said=[
            Said(
                column=str(COLUMNS.get(column, column.removesuffix("_id").replace("_", " "))),
                before=_value(model, column, change.before.get(column), names),
                after=_value(model, column, change.after.get(column), names),
            )
            for column in columns
        ],
    )


def _name(row: models.Model | None) -> str:
    if row is None:
        return ""
    return str(row.user) if isinstance(row, Member) else str(row)


def _page_of(change: Change, row: models.Model | None) -> str:
    if row is None or change.table not in PAGES:
        return ""
    view, key = PAGES[change.table]
    try:
        return reverse(view, args=[getattr(row, key)])
    except NoReverseMatch:
        return ""


def _source(change: Change) -> str:
    """The door in words; what no door wrote was written past the program."""
    kind, _space, rest = change.source.partition(" ")
    words = {
        "page": _("page %(address)s"),
        "api": _("API %(address)s"),
        "command": _("command %(address)s"),
        "program": _("program %(address)s"),
    }
    if kind in words:
        return words[kind] % {"address": rest}
    return _("straight in the database, as %(login)s") % {"login": change.login}


def _value(model: type[models.Model] | None, column: str, value: Any, names: _Names) -> str:
    if value is None or value in ("", HIDDEN, {}, []):
        return value or ""
    field = _field(model, column) if model else None
    if isinstance(value, bool):
        return pgettext("a box", "yes") if value else pgettext("a box", "no")
    if field is None:
        return str(value)
    if isinstance(field, models.ForeignKey):
        row = names.get(field.related_model, {}).get(value)
        return _name(row) or formatting.digits(value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.DateTimeField) and (moment := parse_datetime(str(value))):
        return _moment(moment)
    if isinstance(field, models.DateField) and (day := parse_date(str(value))):
        return str(formatting.day(day, table=True))
    if isinstance(field, models.DecimalField):
        return _number(value)
    return str(value)


def _moment(moment: datetime) -> str:
    return f"{formatting.day(moment, table=True)} {formatting.clock(moment)}"


def _number(value: Any) -> str:
    try:
        return formatting.number(Decimal(str(value)).normalize())
    except InvalidOperation:
        return str(value)
