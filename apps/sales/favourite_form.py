"""What is typed to make a favourite: its name, and which pieces it means."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.fields import GramsField, WholeField
from apps.core.typed import Unreadable, parse_fineness
from apps.pricing.models import Metal
from apps.sales.services.rates import MOST_MINUTES


class HoldTimeForm(forms.Form):
    """How long a quoted rate counts though the board changed."""

    minutes = WholeField(
        label=_("Quoted rates are kept for, minutes"),
        min_value=0,
        max_value=MOST_MINUTES,
        error_messages={"required": _("Write how many minutes; 0 keeps none.")},
    )


class FavouriteForm(forms.Form):
    """A name and a kind; metal, fineness and weight where only some of that kind are meant."""

    label = forms.CharField(
        label=_("Name on the button"),
        max_length=40,
        error_messages={"required": _("Write what the button says.")},
    )
    category = forms.CharField(
        label=_("Kind of piece"),
        max_length=40,
        required=False,
        help_text=_("As the pieces say it: coin, bar, box"),
    )
    metal = forms.ChoiceField(
        label=_("Metal"),
        required=False,
        choices=[("", pgettext_lazy("metal", "Any")), *Metal.choices],
    )
    fineness = forms.CharField(label=_("Fineness"), max_length=12, required=False)
    net_weight_g = GramsField(label=_("Net weight, g"), required=False)
    lot_code = forms.CharField(
        label=_("Or a lot, by its code"),
        max_length=20,
        required=False,
        help_text=_("A part of it is weighed off at the counter."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        metal, typed = cleaned.get("metal", ""), cleaned.pop("fineness", "").strip()
        cleaned["fineness"] = None
        kind, lot = cleaned.get("category", ""), cleaned.get("lot_code", "")
        if not kind and not lot:
            self.add_error("category", _("Write the kind of piece, or the code of a lot."))
        elif lot and (kind or metal):
            self.add_error("lot_code", _("A lot says itself what it is. Leave kind and metal out."))
        if not metal and (typed or cleaned.get("net_weight_g")):
            self.add_error("metal", _("A fineness and a weight are of a metal. Choose it."))
        elif typed:
            try:
                cleaned["fineness"] = parse_fineness(typed, metal=metal)
            except Unreadable as unreadable:
                self.add_error("fineness", str(unreadable))
        return cleaned
