"""What is typed about approvals: one's own PIN, and who may do what alone."""

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.typed import Unreadable, fold_digits, parse_amount
from apps.core.units import currency, plain
from apps.shops.approvals import LONGEST_PIN, Rule
from apps.shops.models import IN_CHARGE, Action, Role

_EVERYBODY: Final = "everybody"
_THOSE_IN_CHARGE: Final = "in_charge"
_OWNER: Final = "owner"
_ROLES: Final[dict[str, tuple[str, ...]]] = {
    _EVERYBODY: tuple(Role.values),
    _THOSE_IN_CHARGE: tuple(IN_CHARGE),
    _OWNER: (Role.OWNER.value,),
}
ALWAYS, ABOVE, NEVER = "always", "above", "never"
# Browsers pass over "off"; this one they neither fill in nor offer to keep.
_PIN: Final = {"inputmode": "numeric", "autocomplete": "one-time-code"}


class PinForm(forms.Form):
    """A new PIN of one's own; the password shows that it is you who sits there."""

    password = forms.CharField(
        max_length=128,
        label=gettext_lazy("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    pin = forms.CharField(
        max_length=LONGEST_PIN,
        label=gettext_lazy("New PIN"),
        help_text=gettext_lazy("4 to 12 digits, not all the same."),
        widget=forms.PasswordInput(attrs=_PIN),
    )
    again = forms.CharField(
        max_length=LONGEST_PIN,
        label=gettext_lazy("New PIN once more"),
        widget=forms.PasswordInput(attrs=_PIN),
    )

    def clean_pin(self) -> str:
        return fold_digits(self.cleaned_data["pin"])

    def clean_again(self) -> str:
        again = fold_digits(self.cleaned_data["again"])
        if "pin" in self.cleaned_data and again != self.cleaned_data["pin"]:
            raise forms.ValidationError(_("The two PINs differ. Type both again."))
        return again


class RulesForm(forms.Form):
    """For each action: who may ask, and above which amount a second person is needed."""

    def __init__(self, *args: Any, rules: dict[Action, Rule], code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._exponent = currency(code).exponent
        for action, rule in rules.items():
            self.fields[f"roles_{action}"] = forms.ChoiceField(
                label=_("Who may ask"),
                initial=_word_of(rule.roles),
                choices=[
                    (_EVERYBODY, _("Everybody")),
                    (_THOSE_IN_CHARGE, _("Owners and managers")),
                    (_OWNER, _("The owner")),
                ],
            )
            self.fields[f"second_{action}"] = forms.ChoiceField(
                label=_("Second person"),
                initial=NEVER if rule.limit is None else ABOVE if rule.limit else ALWAYS,
                choices=[
                    (ALWAYS, _("Always")),
                    (ABOVE, _("Above the amount")),
                    (NEVER, _("Never")),
                ],
            )
            self.fields[f"limit_{action}"] = forms.CharField(
                label=_("Amount"),
                required=False,
                max_length=40,
                initial=plain(rule.limit) if rule.limit else "",
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        for action in Action:
            if said.get(f"second_{action}") == ABOVE:
                self._clean_limit(f"limit_{action}", said)
        return said

    def _clean_limit(self, name: str, said: dict[str, Any]) -> None:
        try:
            said[name] = parse_amount(said.get(name, ""), self._exponent)
        except Unreadable as unreadable:
            self.add_error(name, str(unreadable))

    @property
    def rules(self) -> dict[Action, Rule]:
        return {action: self._rule(action) for action in Action}

    def _rule(self, action: Action) -> Rule:
        said = self.cleaned_data
        limits = {ALWAYS: Decimal(0), NEVER: None, ABOVE: said[f"limit_{action}"]}
        return Rule(roles=_ROLES[said[f"roles_{action}"]], limit=limits[said[f"second_{action}"]])

    @property
    def rows(self) -> list[tuple[str, BoundField, BoundField, BoundField]]:
        """(action in words, who, second person, amount), for the table of the page."""
        return [
            (
                str(action.label),
                self[f"roles_{action}"],
                self[f"second_{action}"],
                self[f"limit_{action}"],
            )
            for action in Action
        ]


def _word_of(roles: tuple[str, ...]) -> str:
    """The narrowest choice that lets in all of these roles."""
    fitting = (word for word in (_OWNER, _THOSE_IN_CHARGE) if set(roles) <= set(_ROLES[word]))
    return next(fitting, _EVERYBODY)
