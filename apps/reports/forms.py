"""What a person types into the pages of reports."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.fields import DayField


class CloseForm(forms.Form):
    """Through which day the books are closed, and why."""

    through = DayField(label=_("Closed through"))
    reason = forms.CharField(label=_("Reason"), max_length=200)
