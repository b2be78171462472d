"""A field that names somebody of the list."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.customers.selectors import find


class CustomerField(forms.CharField):
    """The one customer that a name or a phone means: their pk, None where nothing was typed."""

    def __init__(self, **named: Any) -> None:
        super().__init__(
            max_length=120,
            required=False,
            label=gettext_lazy("Customer"),
            help_text=gettext_lazy("Name or phone, as in the list of customers."),
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
            **named,
        )

    def clean(self, value: Any) -> int | None:
        words = super().clean(value).strip()
        if not words:
            return None
        found = find(words, 2)
        if len(found) == 1:
            return found[0].pk
        if found:
            raise forms.ValidationError(
                _("Several customers have this name. Write the whole name, or the phone.")
            )
        raise forms.ValidationError(
            _("No customer has this name or phone. Add them to the customers first.")
        )
