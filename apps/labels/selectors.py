"""Reads of the templates, and of what was printed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils.translation import gettext as _

from apps.core.errors import NotFound
from apps.inventory.models import Piece
from apps.inventory.selectors import IN_THE_SHOP
from apps.labels.models import LabelTemplate, TagPrint
from apps.labels.sheet import Field, Pad, Sheet

MOST_AT_ONCE: Final = 200


class TemplateNotFound(NotFound):
    def __str__(self) -> str:
        return _("This shop has no such template. Choose one from the list.")


def templates() -> QuerySet[LabelTemplate]:
    """Those of the shop, the usual one first."""
    return LabelTemplate.objects.order_by("-is_usual", "name")


def template_by_id(pk: int) -> LabelTemplate:
    """Raises TemplateNotFound."""
    found = LabelTemplate.objects.filter(pk=pk).first()
    if found is None:
        raise TemplateNotFound
    return found


def sheet_of(template: LabelTemplate) -> Sheet:
    return Sheet(
        width_mm=template.width_mm,
        height_mm=template.height_mm,
        front=Pad(side="front", x_mm=template.front_x_mm, width_mm=template.front_width_mm),
        back=Pad(side="back", x_mm=template.back_x_mm, width_mm=template.back_width_mm),
        dpi=template.dpi,
    )


def fields_of(template: LabelTemplate) -> list[Field]:
    return [Field.from_json(stored) for stored in template.fields]


def copies_of(tags: Sequence[str]) -> dict[str, int]:
    """How many tags of each piece were printed, by its tag; those never printed are left out."""
    rows = TagPrint.objects.filter(piece__tag__in=tags).values_list("piece__tag")
    return dict(rows.annotate(most=Max("copy")))


def prints_of(tags: Sequence[str]) -> QuerySet[TagPrint]:
    """Every printing of these tags, newest first."""
    return (
        TagPrint.objects.filter(piece__tag__in=tags)
        .select_related("piece", "printed_by__user", "approval__approved_by__user")
        .order_by("-printed_at", "-pk")
    )


@dataclass(frozen=True, slots=True)
class Untagged:
    """Pieces in the shop without a printed tag: the newest, and whether there are more."""

    tags: list[str]
    has_more: bool


def without_tag() -> Untagged:
    """One query."""
    printed = TagPrint.objects.filter(piece=OuterRef("pk"))
    pieces = Piece.objects.filter(state__in=IN_THE_SHOP).exclude(Exists(printed))
    tags = list(
        pieces.order_by("-arrived_at", "-pk").values_list("tag", flat=True)[: MOST_AT_ONCE + 1]
    )
    return Untagged(tags[:MOST_AT_ONCE], len(tags) > MOST_AT_ONCE)
