"""What came of a line in the reader's words: from the stored result to rows of a table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.core.formatting import percent
from apps.pricing.rules import Kind
from apps.pricing.words import metal_name, tax_name
from apps.returns.models import DocumentLine
from apps.returns.policy import TODAY
from apps.returns.selectors.judging import LineResult
from apps.returns.selectors.offers import OfferLine

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class PartShown:
    """sold = refunded + kept. `is_within`: contained in the rows above it."""

    label: str
    sold: Decimal
    refunded: Decimal
    kept: Decimal
    is_within: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LineShown:
    """A line that came back, or is about to."""

    tag: str
    name: str
    sold_g: Decimal | None
    weighed_g: Decimal | None
    parts: tuple[PartShown, ...]
    notes: tuple[str, ...]
    refunded: Decimal
    kept: Decimal
    fate: str


def part_name(kind: str, label: str) -> str:
    """ "Gold", "Making", "VAT": what a part is for."""
    if kind == Kind.METAL:
        return metal_name(label)
    if kind == Kind.TAX:
        return tax_name(label)
    names = {
        Kind.WASTAGE: pgettext("part of a price", "Wastage"),
        Kind.MAKING: pgettext("part of a price", "Making"),
        Kind.PROFIT: pgettext("part of a price", "Profit"),
        Kind.PRICE: pgettext("part of a price", "Price"),
    }
    return names.get(Kind(kind)) or capfirst(label)


def line_shown(line: DocumentLine) -> LineShown:
    """A stored line."""
    return _shown(
        line.result,
        tag=line.tag,
        name=line.name,
        sold_g=line.sold_weight_g,
        weighed_g=line.weighed_g,
        refunded=line.refunded,
        kept=line.kept,
        fate=line.get_fate_display(),
    )


def result_shown(result: LineResult) -> LineShown:
    """A line that is shown before it is written."""
    return _shown(
        result.as_json(),
        tag=result.line.tag,
        name=result.line.name,
        sold_g=result.sold_g,
        weighed_g=result.back.weighed_g,
        refunded=result.refunded,
        kept=result.kept,
        fate=str(result.fate.label),
    )


def _shown(result: Mapping[str, Any], **line: Any) -> LineShown:
    return LineShown(
        parts=tuple(_parts(result.get("parts", ()))), notes=tuple(_notes(result)), **line
    )


def _parts(stored: Iterable[Mapping[str, Any]]) -> Iterable[PartShown]:
    """Without a tax that must not be shown: its amount is inside the price."""
    for part in stored:
        if not part["shown"]:
            continue
        refunded, kept = Decimal(part["refunded"]), Decimal(part["kept"])
        name = part_name(part["kind"], part["label"])
        yield PartShown(
            label=_("%(tax)s, inside") % {"tax": name} if part["within"] else name,
            sold=refunded + kept,
            refunded=refunded,
            kept=kept,
            is_within=part["within"],
        )


def _notes(result: Mapping[str, Any]) -> Iterable[str]:
    """Why it is not all that was paid, and what the piece is like."""
    terms = result.get("terms", {})
    fee = Decimal(terms.get("fee_percent", 0))
    if fee:
        yield _("%(percent)s of every charge is kept as the fee.") % {"percent": percent(fee)}
    if terms.get("rates") == TODAY:
        yield _("The metal counts at today's rate where that is less.")
    share = Decimal(result.get("metal_share", 1))
    if share < 1:
        yield _("%(percent)s of the metal came back.") % {"percent": percent(round(share * 100, 2))}
    if "percent" in terms:
        yield _("%(percent)s of the metal at today's buying rate.") % {
            "percent": percent(Decimal(terms["percent"]))
        }
    if result.get("damaged"):
        yield _("Damaged.")
    if not result.get("hallmark_intact", True):
        yield _("The hallmark is gone.")


def offer_shown(line: OfferLine) -> LineShown:
    """A piece that is offered for, before it is bought."""
    return _shown(
        line.as_json(),
        tag=line.line.tag,
        name=line.line.name,
        sold_g=line.sold_g,
        weighed_g=line.back.weighed_g,
        refunded=line.value,
        kept=_ZERO,
        fate=str(line.fate.label),
    )
