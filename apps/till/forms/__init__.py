"""Forms of the drawer's pages: what was typed, as values for the services."""

from apps.till.forms.drawer import CountForm, FloatForm
from apps.till.forms.money import CashForm, CorrectForm, PolicyForm, SignForm
from apps.till.forms.printers import PrinterForm

__all__ = [
    "CashForm",
    "CorrectForm",
    "CountForm",
    "FloatForm",
    "PolicyForm",
    "PrinterForm",
    "SignForm",
]
