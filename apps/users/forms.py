"""What a person chooses about their pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.users.models import Calendar, Digits, Language, MoneyUnit, User

_BY_LANGUAGE = ("", _("As the language has it"))


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]
    """`tomans`: whether the shop's money has another unit to be shown in."""

    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("As the browser asks")), *Language.choices],
    )
    digits = forms.ChoiceField(
        label=_("Digits"),
        required=False,
        choices=[_BY_LANGUAGE, *Digits.choices],
        help_text=_("Typed are Persian, Arabic and Latin digits, in any field."),
    )
    calendar = forms.ChoiceField(
        label=_("Calendar"),
        required=False,
        choices=[_BY_LANGUAGE, *Calendar.choices],
        help_text=_("Also of “this month” in reports. Fiscal years follow the shop's country."),
    )
    money_unit = forms.ChoiceField(
        label=_("Amounts in rials"),
        required=False,
        choices=[("", _("As the language has it")), *MoneyUnit.choices],
        help_text=_(
            "Shown and typed on every page in this unit. Papers, files and the books keep rials."
        ),
    )
    sounds = forms.BooleanField(label=_("Sounds of the counter"), required=False)

    class Meta:
        model = User
        fields = ("language", "digits", "calendar", "money_unit", "sounds")

    def __init__(self, *given: Any, tomans: bool, **named: Any) -> None:
        super().__init__(*given, **named)
        if not tomans:
            del self.fields["money_unit"]
