"""Forms of the customers' pages: their rules are the services'."""

import itertools
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.fields import AmountField, DayField, KeyedForm, WholeField
from apps.core.typed import fold_digits
from apps.customers.cash_limits import OwnLimit
from apps.customers.models import Channel, Customer, OccasionKind, PaperKind, Profile
from apps.customers.profiles import Wishes
from apps.customers.rules.places import Effect
from apps.customers.rules.sizes import NoRingSize, RingStandard, ring_mm

_PLAIN = {"autocomplete": "off"}
_OF_A_NUMBER: Final = "+()-./ 0123456789"


class CustomerForm(KeyedForm):
    """Who it is. The limit is asked from owners and managers only."""

    name = forms.CharField(
        label=_("Name"),
        strip=False,
        error_messages={"required": _("There is no name. Write who it is.")},
        widget=forms.TextInput(attrs={**_PLAIN, "maxlength": 120}),
    )
    phone = forms.CharField(
        label=_("Phone"),
        required=False,
        widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "tel", "maxlength": 40}),
    )
    email = forms.CharField(
        label=_("E-mail"),
        required=False,
        widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "email", "maxlength": 254}),
    )
    address = forms.CharField(
        label=_("Address"),
        required=False,
        widget=forms.TextInput(attrs={**_PLAIN, "maxlength": 200}),
    )
    birth_date = DayField(
        label=_("Date of birth"),
        required=False,
        error_messages={"invalid": _("That day is not in the calendar. Choose it again.")},
    )
    note = forms.CharField(
        label=_("Note"), required=False, widget=forms.TextInput(attrs={**_PLAIN, "maxlength": 500})
    )

    def __init__(
        self,
        *given: Any,
        currency: str,
        sets_limit: bool,
        customer: Customer | None = None,
        **named: Any,
    ) -> None:
        self.customer = customer
        if customer is not None:
            named["initial"] = {
                name: getattr(customer, name)
                for name in ("name", "phone", "email", "address", "birth_date", "note")
            }
            if customer.credit_limit is not None:
                named["initial"]["credit_limit"] = customer.credit_limit
        super().__init__(*given, **named)
        if sets_limit:
            self.fields["credit_limit"] = AmountField(
                code=currency,
                label=_("May owe up to"),
                required=False,
                help_text=_("Empty: nothing is sold to them on account."),
            )

    @property
    def details(self) -> dict[str, Any]:
        """What the services take; only of a valid form."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "key"}
        if "credit_limit" not in self.fields:
            given["credit_limit"] = self.customer.credit_limit if self.customer else None
        return given


class PaperForm(forms.Form):
    """A paper that somebody shows."""

    kind = forms.ChoiceField(label=pgettext_lazy("identity", "Paper"), choices=PaperKind.choices)
    number = forms.CharField(
        label=_("Number"),
        strip=False,
        error_messages={"required": _("There is no number. Copy it from the paper.")},
        help_text=_("It is sealed; only its last four signs are shown afterwards."),
        widget=forms.TextInput(attrs={**_PLAIN, "maxlength": 40}),
    )
    country = forms.CharField(
        label=_("Country that issued it"),
        required=False,
        help_text=_("Two letters: AE, IN, IR"),
        widget=forms.TextInput(attrs={**_PLAIN, "maxlength": 2}),
    )
    expires_on = DayField(
        label=_("Valid until"),
        required=False,
        error_messages={"invalid": _("That day is not in the calendar. Choose it again.")},
    )


class ProfileForm(forms.Form):
    """Sizes, tastes, other phones and consent."""

    ring = forms.CharField(
        label=_("Ring size"),
        required=False,
        max_length=8,
        widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "text"}),
    )
    ring_standard = forms.ChoiceField(
        label=_("Counted as"),
        choices=[
            ("iso", _("Millimetres around (ISO)")),
            ("us", _("United States")),
            ("uk", _("United Kingdom")),
            ("jp", _("Japan")),
        ],
    )
    bangle_mm = AmountField(exponent=1, label=_("Bangle, mm across inside"), required=False)
    chain_cm = AmountField(exponent=1, label=_("Chain, cm"), required=False)
    wrist_cm = AmountField(exponent=1, label=_("Wrist, cm"), required=False)
    metals = forms.MultipleChoiceField(
        label=_("Metals they like"),
        required=False,
        choices=[
            ("gold", _("Gold")),
            ("silver", _("Silver")),
            ("platinum", _("Platinum")),
            ("palladium", _("Palladium")),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    colours = forms.CharField(label=_("Colours"), required=False, max_length=120)
    likes = forms.CharField(label=_("Likes"), required=False, max_length=300)
    dislikes = forms.CharField(label=_("Does not like"), required=False, max_length=300)
    phones = forms.CharField(
        label=_("Other phones"),
        required=False,
        max_length=4000,
        help_text=_("One a line: a number, then whose or where it is."),
        widget=forms.Textarea(attrs={**_PLAIN, "rows": 2}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", "–"), ("en", _("English")), ("fa", _("Persian")), ("ar", _("Arabic"))],
    )
    channel = forms.ChoiceField(
        label=_("Best reached by"), required=False, choices=[("", "–"), *Channel.choices]
    )
    consents = forms.BooleanField(label=_("Agreed to be written to"), required=False)
    consent_how = forms.CharField(label=_("How they said so"), required=False, max_length=120)

    def __init__(self, *given: Any, profile: Profile | None = None, **named: Any) -> None:
        if profile is not None:
            named["initial"] = {
                **{
                    name: getattr(profile, name)
                    for name in (
                        "bangle_mm", "chain_cm", "wrist_cm", "metals", "colours", "likes",
                        "dislikes", "language", "channel", "consent_how",
                    )
                },
                "ring": profile.ring_mm.normalize() if profile.ring_mm else "",
                "ring_standard": "iso",
                "phones": "\n".join(
                    f"{one['number']} {one['label']}".strip() for one in profile.phones
                ),
                "consents": profile.consent_at is not None,
            }  # fmt: skip
        super().__init__(*given, **named)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        size = fold_digits(given.get("ring") or "")
        given["ring_mm"] = None
        if size:
            try:
                given["ring_mm"] = ring_mm(RingStandard(given.get("ring_standard", "iso")), size)
            except NoRingSize:
                self.add_error(
                    "ring", _("This is no ring size there. Write it as the ring gauge says.")
                )
        return given

    @property
    def wishes(self) -> Wishes:
        """What the service takes; only of a valid form."""
        given = dict(self.cleaned_data)
        given.pop("ring"), given.pop("ring_standard")
        lines = given.pop("phones").splitlines()
        phones = [_number_and_label(line) for line in lines if line.strip()]
        return Wishes(**given, phones=phones)


class DayForm(forms.Form):
    """A day of the year that the shop remembers."""

    kind = forms.ChoiceField(
        label=_("Day"),
        choices=[
            (OccasionKind.WEDDING.value, OccasionKind.WEDDING.label),
            (OccasionKind.OTHER.value, OccasionKind.OTHER.label),
        ],
    )
    label = forms.CharField(label=_("Its name"), required=False, max_length=60)
    day = DayField(
        label=_("Date"),
        error_messages={"invalid": _("That day is not in the calendar. Choose it again.")},
    )


class LookForm(forms.Form):
    """Why somebody wants to see a whole number."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        error_messages={"required": _("There is no reason. Write why the number is needed.")},
        widget=forms.TextInput(attrs=_PLAIN),
    )


def _number_and_label(line: str) -> tuple[str, str]:
    """ "050 123 4567 Work" as its label and its number."""
    number = "".join(itertools.takewhile(lambda sign: sign in _OF_A_NUMBER, fold_digits(line)))
    return line[len(number) :].strip(), line[: len(number)].strip() or line.strip()


class CashLimitForm(KeyedForm):
    """The shop's own limit of cash, one way; without an amount there is none."""

    def __init__(self, *given: Any, currency: str, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["threshold"] = AmountField(
            code=currency,
            label=_("From"),
            required=False,
            help_text=_("Empty: no limit beside the law's."),
        )
        self.fields["days"] = WholeField(
            label=_("Added up over days"), min_value=1, max_value=365, initial=1
        )
        self.fields["effect"] = forms.ChoiceField(
            label=_("Then"),
            choices=[
                (Effect.WARN.value, _("Warn, and go on with a reason")),
                (Effect.PAPERS.value, _("Ask for an identity paper")),
                (Effect.BLOCK.value, _("Take no more")),
            ],
        )

    @property
    def limit(self) -> OwnLimit | None:
        """What the service takes; only of a valid form."""
        threshold = self.cleaned_data["threshold"]
        if threshold is None:
            return None
        return OwnLimit(
            threshold=threshold,
            days=self.cleaned_data["days"],
            effect=Effect(self.cleaned_data["effect"]),
        )
