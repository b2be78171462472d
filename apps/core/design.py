"""The component sheet: every component with all its states, for whoever builds a page.

Shown at /design/ while DEBUG is on; ?lang=fa shows the Persian digits and dates, ?dir=rtl the other
direction, ?theme=dark the other colours. The figures are those of the design's pictures.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from apps.core import charts, formatting
from apps.core.templatetags import shop

_DARK_MEDIA = {"device": "(prefers-color-scheme: dark)", "dark": "all", "light": "not all"}


@dataclass(frozen=True, slots=True)
class _Part:
    label: str
    basis: SafeString | str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class _Line:
    tag: str
    name: str
    category: str
    metal: str
    fineness: int
    karat: str
    net_weight_g: Decimal
    components: tuple[_Part, ...]
    stones_text: str = ""

    @property
    def total(self) -> Decimal:
        return sum((part.amount for part in self.components), Decimal(0))


class _PieceForm(forms.Form):
    """A form with every kind of field, refused, so that each shows its sentence."""

    name = forms.CharField(label=_("Name"), help_text=_("As the customer reads it on the receipt."))
    metal = forms.ChoiceField(
        label=_("Metal"), choices=[("", _("Choose")), ("gold", _("Gold")), ("silver", _("Silver"))]
    )
    note = forms.CharField(label=_("Note"), required=False)
    insured = forms.BooleanField(
        label=_("Insured"), required=False, widget=forms.CheckboxInput(attrs={"class": "tick"})
    )


@require_safe
def sheet(request: HttpRequest) -> HttpResponse:
    """Every component, in the language, direction and colours that the address asks for."""
    if not settings.DEBUG:
        raise Http404
    language = "fa" if request.GET.get("lang") == "fa" else "en"
    theme = request.GET.get("theme", "device")
    theme = theme if theme in _DARK_MEDIA else "device"
    with translation.override(language):
        return render(
            request,
            "design/sheet.html",
            {
                **_examples(),
                "theme": theme,
                "dark_media": _DARK_MEDIA[theme],
                "direction": "rtl" if request.GET.get("dir") == "rtl" else "ltr",
                "density": "desk" if request.GET.get("density") == "desk" else "",
            },
        )


sheet.allowed_roles = None  # type: ignore[attr-defined]  # holds nothing of any shop


def _examples() -> dict[str, Any]:
    lines = _lines()
    rates = [Decimal(value) for value in _RATES.split()]
    bought = [value - Decimal("7.75") for value in rates]
    days = [date(2026, 4, 15), date(2026, 5, 15), date(2026, 6, 15), date(2026, 7, 14)]
    return {
        "currency": "AED",
        "line": lines[0],
        "other": lines[1],
        "left": Decimal("3297.42"),
        "card": Decimal("-8000.00"),
        "cash": Decimal("-3297.50"),
        "old_gold": Decimal("-5294.05"),
        "changes": (Decimal("3.75"), Decimal("-0.04"), Decimal(0)),
        "moment": datetime(2026, 7, 14, 9, 12, tzinfo=UTC),
        "metals": (
            ("gold", 7500),
            ("gold", 9160),
            ("gold", 9999),
            ("silver", 9250),
            ("platinum", 9500),
            ("palladium", 9500),
        ),
        "kinds": ("ring", "bangle", "bracelet", "chain", "necklace", "pendant", "earrings"),
        "more_kinds": ("coin", "bar", "set", "brooch"),
        "icons": _ICONS.split(),
        "form": _PieceForm({"note": "For the window"}),
        "options": (("cash", _("Cash")), ("card", _("Card"))),
        "segments": (("#7", _("7 days"), False), ("#90", _("90 days"), True)),
        "chips": (("#all", _("All metals"), False), ("#in", _("In the shop"), True)),
        "steps": (_("File"), _("Columns"), _("Preview")),
        "chart": charts.line_chart(
            rates,
            second=bought,
            labels=[formatting.day(day, table=True) for day in days],
            label_value=lambda value: formatting.number(value, places=0),
        ),
        "spark": charts.spark(rates[-14:]),
        "shares": (("100"), ("19.1"), ("15.7")),
        "facts": ((_("pieces"), Decimal(100214)), (_("g net"), Decimal("412883.640"))),
    }


def _lines() -> tuple[_Line, _Line]:
    def times(weight: str, rate: str) -> SafeString:
        return format_html("{} × {}", shop.grams(Decimal(weight)), shop.money(Decimal(rate), "AED"))

    chain = _Line(
        tag="C33150",
        name="Rope chain, 45 cm",
        category="chain",
        metal="gold",
        fineness=8750,
        karat="21K",
        net_weight_g=Decimal("7.350"),
        components=(
            _Part("Gold 875", times("7.350", "424.50"), Decimal("3120.08")),
            _Part("Making", times("7.350", "28.00"), Decimal("205.80")),
            _Part("Discount on making", shop.percent(10), Decimal("-20.58")),
            _Part("VAT", format_html("{} × {}", shop.percent(5), "3,305.30"), Decimal("165.27")),
        ),
    )
    ring = _Line(
        tag="R10482",
        name="Solitaire ring “Ayla”",
        category="ring",
        metal="gold",
        fineness=7500,
        karat="18K",
        net_weight_g=Decimal("3.850"),
        stones_text="Diamond 0.31 ct · IGI",
        components=(_Part("Gold 750", times("3.850", "363.75"), Decimal("3872.60")),),
    )
    return chain, ring


_RATES = (
    "512.0 507.5 508.2 503.9 500.1 499.6 497.0 492.8 495.3 499.9 503.4 498.0 492.7 489.9 488.4"
    " 493.6 484.1 478.5 472.9 468.2 467.4 477.8 473.0 470.6 469.8 465.1 461.9 466.2 463.0"
    " 465.6 464.4 467.1 463.8 468.9 467.5 468.8 463.4 457.1 461.0 465.6 468.2 473.5 467.0 476.4"
    " 471.8 478.25"
)
_ICONS = (
    "home counter scan stock rates people close-day reports status repairs more search plus minus x"
    " check warn stop info offline online hold cash card bank scale note gift print undo chevron"
    " next prev lock hidden user filter download upload calendar edit clock up down tag columns"
    " expand refresh signout sound sound-off theme shop link key gem"
)
