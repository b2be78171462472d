"""What is typed about people: one's own PIN, who works here, and who may do what alone."""

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core import formatting
from apps.core.fields import AmountField, DayField
from apps.core.typed import fold_digits
from apps.shops.approvals import LONGEST_PIN, Rule
from apps.shops.hours import Hours
from apps.shops.models import Action, Role

# The owner may do everything, so that nobody locks themself out: their column has no box.
OTHERS: Final = tuple(role for role in Role.values if role != Role.OWNER)
# What is a sight and no deed: nothing is asked, so nobody approves it.
SIGHTS: Final = (Action.SEE_COST,)
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


class PermissionsForm(forms.Form):
    """For each action: which roles may do it, and above which amount a second person is needed."""

    def __init__(self, *args: Any, rules: dict[Action, Rule], code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._before = rules
        for action, rule in rules.items():
            for role in OTHERS:
                self.fields[f"may_{action}_{role}"] = forms.BooleanField(
                    label=f"{Role(role).label}: {action.label}",
                    required=False,
                    initial=role in rule.roles,
                )
            if action in SIGHTS:
                continue
            self.fields[f"second_{action}"] = forms.ChoiceField(
                label=_("Second person"),
                initial=NEVER if rule.limit is None else ABOVE if rule.limit else ALWAYS,
                choices=[
                    (ALWAYS, _("Always")),
                    (ABOVE, _("Above the amount")),
                    (NEVER, _("Never")),
                ],
            )
            self.fields[f"limit_{action}"] = AmountField(
                code=code,
                label=_("Amount"),
                required=False,
                initial=rule.limit or None,
            )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        for action in Action:
            name = f"limit_{action}"
            if said.get(f"second_{action}") == ABOVE and name in said and said[name] is None:
                self.add_error(name, _("There is no amount. Write up to how much is free."))
        return said

    @property
    def changed(self) -> dict[Action, Rule]:
        """The rules that were changed; only of a valid form."""
        said = {action: self._rule(action) for action in Action}
        return {action: rule for action, rule in said.items() if rule != self._before[action]}

    def _limit(self, action: Action) -> Decimal | None:
        if action in SIGHTS:
            return self._before[action].limit
        said = self.cleaned_data
        limits: dict[str, Decimal | None] = {
            ALWAYS: Decimal(0),
            NEVER: None,
            ABOVE: said[f"limit_{action}"],
        }
        return limits[said[f"second_{action}"]]

    def _rule(self, action: Action) -> Rule:
        said = self.cleaned_data
        return Rule(
            roles=tuple(
                role
                for role in Role.values
                if role == Role.OWNER or said.get(f"may_{action}_{role}")
            ),
            limit=self._limit(action),
        )

    @property
    def rows(self) -> list[tuple[str, list[BoundField], BoundField | None, BoundField | None]]:
        """(action in words, one box for each role, second person, amount), for the page's table."""
        return [
            (
                str(action.label),
                [self[f"may_{action}_{role}"] for role in OTHERS],
                None if action in SIGHTS else self[f"second_{action}"],
                None if action in SIGHTS else self[f"limit_{action}"],
            )
            for action in Action
        ]


class DaysForm(forms.Form):
    """From which day to which; either may be left open."""

    since = DayField(label=gettext_lazy("From"), required=False)
    until = DayField(label=gettext_lazy("to"), required=False)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        since, until = said.get("since"), said.get("until")
        if since and until and since > until:
            raise forms.ValidationError(
                _(
                    "The period ends on %(until)s, before it begins on %(since)s. Turn the two days"
                    " round."
                )
                % {"since": formatting.day(since), "until": formatting.day(until)}
            )
        return said


class HoursForm(forms.Form):
    """From when until when the shop works; both empty: the report looks at no clock."""

    since = forms.TimeField(
        label=gettext_lazy("Opens"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    until = forms.TimeField(
        label=gettext_lazy("Closes"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        for one, other in (("since", "until"), ("until", "since")):
            if said.get(one) is None and said.get(other) is not None and one not in self.errors:
                self.add_error(one, _("One of the two is empty. Write both, or neither."))
        return said

    @property
    def hours(self) -> Hours | None:
        """Only of a valid form."""
        since, until = self.cleaned_data["since"], self.cleaned_data["until"]
        return None if since is None else Hours(since, until)


class PersonForm(forms.Form):
    """Somebody who is to work in the shop; a password only for a user name that is new."""

    username = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=150,
        help_text=gettext_lazy(
            "What they sign in with. One that exists already is taken as it is."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=150,
        required=False,
        help_text=gettext_lazy("As colleagues and receipts show it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=Role.choices, initial=Role.SALESPERSON
    )
    password = forms.CharField(
        label=gettext_lazy("First password"),
        max_length=128,
        required=False,
        strip=False,
        help_text=gettext_lazy("For a new user name. They change it after signing in."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class RoleForm(forms.Form):
    """What one person is from now on."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices)
