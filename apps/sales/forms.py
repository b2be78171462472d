"""What is typed at the counter: an amount handed over, a discount, whom the bill is for."""

from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.currencies import CURRENCIES
from apps.core.fields import AmountField, KeyedForm
from apps.sales.claims import CLAIMS
from apps.sales.models import TenderKind
from apps.sales.services.finish import Credit
from apps.shops.approval_forms import ApprovedForm


class Chip(models.TextChoices):
    """What is chosen under "Kind of payment": the tenders, and cash of another currency."""

    CASH = "cash", TenderKind.CASH.label
    CARD = "card", TenderKind.CARD.label
    TRANSFER = "transfer", TenderKind.TRANSFER.label
    OLD_GOLD = "old_gold", TenderKind.OLD_GOLD.label
    DEPOSIT = "deposit", TenderKind.DEPOSIT.label
    GIFT_CARD = "gift_card", TenderKind.GIFT_CARD.label
    STORE_CREDIT = "store_credit", TenderKind.STORE_CREDIT.label
    ON_ACCOUNT = "on_account", TenderKind.ON_ACCOUNT.label
    SCHEME = "scheme", TenderKind.SCHEME.label
    FOREIGN = "foreign", _("Other currency")

    @property
    def kind(self) -> TenderKind:
        return TenderKind.CASH if self == Chip.FOREIGN else TenderKind(self.value)


FIRST_CHIPS: Final = (
    Chip.CASH,
    Chip.CARD,
    Chip.TRANSFER,
    Chip.OLD_GOLD,
    Chip.DEPOSIT,
    Chip.GIFT_CARD,
)
MORE_CHIPS: Final = (Chip.STORE_CREDIT, Chip.ON_ACCOUNT, Chip.SCHEME, Chip.FOREIGN)
# Without an amount, as much is taken as there is and the bill needs.
_AMOUNT_LEFT_OPEN: Final = CLAIMS | {TenderKind.GIFT_CARD, TenderKind.STORE_CREDIT}


class TenderForm(forms.Form):
    """One payment. `idempotency_key` is the newest payment the page has seen."""

    kind = forms.ChoiceField(choices=Chip.choices)
    instrument = forms.CharField(max_length=60, required=False)
    currency = forms.CharField(max_length=3, required=False)
    idempotency_key = forms.IntegerField(required=False, min_value=0)

    def __init__(self, data: Any, *, code: str) -> None:
        super().__init__(data)
        typed = str(data.get("kind", ""))
        chip = Chip(typed) if typed in Chip.values else Chip.CASH
        foreign = str(data.get("currency", "")) if chip == Chip.FOREIGN else ""
        self.fields["amount"] = AmountField(
            code=foreign if foreign in CURRENCIES else code,
            required=chip.kind not in _AMOUNT_LEFT_OPEN,
            error_messages={"required": _("Write what was handed over.")},
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("kind") == Chip.FOREIGN and not cleaned.get("currency"):
            self.add_error("currency", _("Choose the currency that was handed over."))
        return cleaned

    @property
    def chip(self) -> Chip:
        return Chip(self.cleaned_data["kind"])

    @property
    def amount(self) -> Decimal:
        """What was typed; zero where it was left open."""
        amount: Decimal | None = self.cleaned_data["amount"]
        return amount or Decimal(0)


class CustomerForm(forms.Form):
    """Both are optional: most bills have no name."""

    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        help_text=_("The receipt is mailed there."),
        error_messages={"invalid": _("Write the address as name@example.com.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"


class NewcomerForm(KeyedForm):
    """A new customer of the list, in two fields; what was searched for is one of them already."""

    new_name = forms.CharField(
        label=_("Name"), max_length=120, error_messages={"required": _("Write the name.")}
    )
    new_phone = forms.CharField(
        label=_("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "dir": "ltr"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"

    @classmethod
    def about(cls, searched: str) -> "NewcomerForm":
        """With the searched text where it belongs: digits are a phone, the rest a name."""
        digits = sum(sign.isdigit() for sign in searched)
        is_phone = digits >= 3 and not any(sign.isalpha() for sign in searched)
        return cls(initial={"new_phone" if is_phone else "new_name": searched})


class CreditForm(ApprovedForm):
    """Why the bill goes beyond a limit, of credit or of cash; with the second person who agrees."""

    def __init__(self, *given: Any, second: bool) -> None:
        super().__init__(*given, second=second, prefix="credit")
        del self.fields["key"]  # it stands in the form of Finish, which has the sale's own
        self.fields["reason"].label = _("Why more than the limit")

    def credit(self) -> Credit:
        """What was written, once the form is valid."""
        return Credit(reason=self.cleaned_data["reason"], approver=self.approved)


class FinishForm(forms.Form):
    """What the page showed when Finish was pressed; hidden, so what is wrong was not typed."""

    idempotency_key = forms.UUIDField()
    pieces_seen = forms.CharField(max_length=4000)
    total_seen = forms.DecimalField(max_digits=20, decimal_places=4, min_value=0)

    @property
    def key(self) -> UUID:
        key: UUID = self.cleaned_data["idempotency_key"]
        return key
