"""What a person types into the pages of reports."""

from django import forms
from django.utils.translation import gettext_lazy as _


class CloseForm(forms.Form):
    """Through which day the books are closed, and why."""

    through = forms.DateField(
        label=_("Closed through"), widget=forms.DateInput(attrs={"type": "date"})
    )
    reason = forms.CharField(label=_("Reason"), max_length=200)
