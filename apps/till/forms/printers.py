"""Where a printer is, and what it can."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.fields import WholeField
from apps.core.paper.network import LONGEST_HOST, USUAL_PORT
from apps.core.typed import fold_digits
from apps.till.models import Printer, PrinterDots, PrinterUse


class PrinterForm(forms.Form):
    """One printer of a till; without an address the till has none."""

    host = forms.CharField(
        label=_("Address"),
        max_length=LONGEST_HOST,
        required=False,
        help_text=_("Such as 192.168.1.50. Empty: no printer."),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}),
    )
    port = WholeField(label=_("Port"), required=False)
    dots = forms.TypedChoiceField(
        label=_("Paper"), choices=PrinterDots.choices, coerce=int, required=False
    )
    cuts = forms.BooleanField(label=_("It cuts the paper"), required=False)
    opens_drawer = forms.BooleanField(
        label=_("It opens the drawer when a sale took cash"), required=False
    )

    def __init__(self, *given: Any, use: PrinterUse, printer: Printer | None, **named: Any) -> None:
        shown = printer or Printer(port=USUAL_PORT)
        names = ("host", "port", "dots", "cuts", "opens_drawer")
        named["initial"] = {name: getattr(shown, name) for name in names}
        super().__init__(*given, **named)
        if use == PrinterUse.LABEL:
            for name in ("dots", "cuts", "opens_drawer"):
                del self.fields[name]

    def clean_host(self) -> str:
        return fold_digits(self.cleaned_data["host"]).strip()

    @property
    def wanted(self) -> dict[str, Any]:
        """What the printer is to be; only of a valid form."""
        given = {name: self.cleaned_data[name] for name in self.fields}
        given["port"] = given["port"] or USUAL_PORT
        if "dots" in given:
            given["dots"] = given["dots"] or PrinterDots.WIDE
        return given
