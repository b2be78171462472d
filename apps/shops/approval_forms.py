"""The form of what is permitted: a key of its own, a reason, and the second person."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.fields import KeyedForm
from apps.core.typed import fold_digits
from apps.shops.approvals import LONGEST_PIN, Approver


class SecondForm(forms.Form):
    """A form with the second person who may have to agree; without them where nobody has to."""

    approver = forms.CharField(
        label=_("Who approves it"),
        max_length=150,
        required=False,
        help_text=_("The user name of an owner or a manager"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    pin = forms.CharField(
        label=_("Their PIN"),
        max_length=LONGEST_PIN,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def __init__(self, *given: Any, second: bool, **named: Any) -> None:
        super().__init__(*given, **named)
        if not second:
            del self.fields["approver"], self.fields["pin"]

    @property
    def approved(self) -> Approver | None:
        """The second person, where somebody was named; only of a valid form."""
        name = self.cleaned_data.get("approver", "").strip()
        pin = fold_digits(self.cleaned_data.get("pin", ""))
        return Approver(username=name, pin=pin) if name or pin else None


class ApprovedForm(SecondForm, KeyedForm):
    """A form with a reason, and the second person who may have to agree."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        error_messages={"required": _("There is no reason. Write why.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order: Sequence[str] = ("key", "reason", "approver", "pin")
