"""The kinds of exceptions by the word in the address: name, what it tells, where it is found."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.reports import exception_sources as sources
from apps.reports.above_board import bought_above_board
from apps.reports.ask import Ask
from apps.reports.odd import Source
from apps.reports.odd_changes import lighter, taken_off
from apps.returns.models import DocumentKind
from apps.shops.models import Action


@dataclass(frozen=True, slots=True)
class ExceptionKind:
    """`at_cost`: its amounts are what pieces cost."""

    label: str | Promise
    tells: str | Promise
    source: Callable[[Ask], Source]
    at_cost: bool = False


_BACK: Final = (DocumentKind.RETURN, DocumentKind.EXCHANGE, DocumentKind.BUY_BACK)

KINDS: Final[dict[str, ExceptionKind]] = {
    "voids": ExceptionKind(
        _("Voids"),
        _("Bills that were undone, by who undid them."),
        lambda ask: sources.returned(ask, [DocumentKind.VOID]),
    ),
    "returns": ExceptionKind(
        _("Returns, exchanges and buy-backs"),
        _("What came back, by who took it."),
        lambda ask: sources.returned(ask, _BACK),
    ),
    "discounts": ExceptionKind(
        _("Discounts"), _("Lines with a discount, by who sold them."), sources.discounted
    ),
    "below-metal": ExceptionKind(
        _("Sold below the metal’s value"),
        _("The price before tax is less than the metal alone; the amount is what was missing."),
        sources.below_metal,
    ),
    "prices": ExceptionKind(
        _("Prices changed at the counter"),
        _("With whose permission, and why."),
        lambda ask: sources.permitted(ask, Action.PRICE),
    ),
    "rates": ExceptionKind(
        _("Rates against the shop, then a sale"),
        _("A sale rate lowered or a purchase rate raised, and a bill within 15 minutes."),
        sources.rates_before_a_sale,
    ),
    "above-board": ExceptionKind(
        _("Old gold above the board"),
        _("Bought at more than the board said; the amount is what it was more."),
        bought_above_board,
    ),
    "lighter": ExceptionKind(
        _("Pieces made lighter"),
        _("The gross weight was written down lower, from whatever page or program."),
        lighter,
    ),
    "tags": ExceptionKind(
        _("Tags printed again"), _("Every copy after the first."), sources.tags_again
    ),
    "receipts": ExceptionKind(
        _("Receipts printed again"), _("Every copy after the first."), sources.receipts_again
    ),
    "drawer": ExceptionKind(
        _("Drawer opened without a sale"),
        _("By whom, and why."),
        lambda ask: sources.permitted(ask, Action.DRAWER),
    ),
    "taken-off": ExceptionKind(
        _("Taken off after the scan"),
        _("Pieces that lay in a sale and were taken off it again."),
        taken_off,
    ),
    "after-hours": ExceptionKind(
        _("After hours"),
        _("Documents outside the opening hours."),
        sources.after_hours,
    ),
    "write-offs": ExceptionKind(
        _("Written off"),
        _("Pieces that left the stock without a sale."),
        lambda ask: sources.permitted(ask, Action.WRITE_OFF),
        at_cost=True,
    ),
    "pins": ExceptionKind(
        _("Wrong PINs"),
        _("By who stood at the till, and whose PIN was meant."),
        sources.wrong_pins,
    ),
}
