"""Exceptions that only the history of changes tells."""

from collections.abc import Sequence
from typing import Any

from django.db.models import DecimalField, F, Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from apps.core import formatting
from apps.inventory.models import Piece
from apps.reports.ask import Ask
from apps.reports.odd import Odd, Rows, Source
from apps.shops.models import Change


def lighter(ask: Ask) -> Source:
    """Pieces whose gross weight was made less, by whatever way."""
    found = (
        _changes(ask, "inventory_piece")
        .filter(after__has_key="gross_weight_g")
        .annotate(was=_weight("before"), became=_weight("after"))
        .filter(was__isnull=False)
        .filter(Q(became__isnull=True) | Q(became__lt=F("was")))
    )

    def told(changes: Sequence[Any]) -> list[Odd]:
        rows = [change.row for change in changes]
        tags = dict(Piece.objects.filter(pk__in=rows).values_list("pk", "tag"))
        return [
            _changed(
                change,
                reference=tags.get(change.row, ""),
                said=_("%(before)s g became %(after)s g")
                % {
                    "before": formatting.number(change.was, places=3),
                    "after": "–"
                    if change.became is None
                    else formatting.number(change.became, places=3),
                },
            )
            for change in changes
        ]

    return Rows(rows=found, at="at", who="who", told=told)


def _weight(side: str) -> Combinable:
    return Cast(
        KeyTextTransform("gross_weight_g", side), DecimalField(max_digits=20, decimal_places=3)
    )


def taken_off(ask: Ask) -> Source:
    """Pieces that were scanned at the counter and taken off the sale again."""

    def told(changes: Sequence[Change]) -> list[Odd]:
        pieces = [change.before.get("piece_id") for change in changes]
        tags = dict(Piece.objects.filter(pk__in=pieces).values_list("pk", "tag"))
        return [
            _changed(change, reference=tags.get(piece, "–"))
            for change, piece in zip(changes, pieces, strict=True)
        ]

    return Rows(rows=_changes(ask, "sales_opensaleline"), at="at", who="who", told=told)


def _changes(ask: Ask, table: str) -> QuerySet[Change]:
    since, until = ask.span
    return Change.objects.filter(table=table, at__gte=since, at__lt=until)


def _changed(change: Change, *, reference: str = "", said: str = "") -> Odd:
    where = urlencode({"table": change.table, "row": str(change.row)})
    return Odd(
        at=change.at,
        who=change.who_id,
        reference=reference or str(change.row),
        link=f"{reverse('shops:changes')}?{where}",
        said=said,
    )
