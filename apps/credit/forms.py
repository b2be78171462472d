"""Forms of the pages of dues, gift cards and foreign cash."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.fields import AmountField, DayField, RateField
from apps.core.formatting import currency_name
from apps.core.typed import fold_digits
from apps.core.units import RATE
from apps.credit.exchange import worth_of
from apps.credit.models import CashRate
from apps.credit.policy import CreditRules
from apps.credit.tendered import Tendered
from apps.customers.cash_forms import PassesCash
from apps.customers.fields import CustomerField
from apps.shops.models import Shop
from apps.till.kinds import TenderKind

_PLAIN: Final = {"autocomplete": "off"}
_NO_DAY: Final = _("That day is not in the calendar. Choose it again.")


class TendersForm(PassesCash):
    """What is handed over: an amount for each way of paying, all of them optional."""

    def __init__(
        self,
        *given: Any,
        shop: Shop,
        kinds: Sequence[TenderKind],
        rates: Sequence[CashRate] = (),
        **named: Any,
    ) -> None:
        super().__init__(*given, **named)
        self.shop = shop
        self.kinds = kinds
        self.rates = {rate.currency: rate for rate in rates}
        for kind in kinds:
            self.fields[kind.value] = AmountField(
                code=shop.currency, label=kind.label, required=False
            )
        if TenderKind.CARD in kinds:
            self.fields["slip"] = forms.CharField(
                label=_("Number of the card slip"),
                required=False,
                max_length=60,
                widget=forms.TextInput(attrs=_PLAIN),
            )
        if TenderKind.GIFT_CARD in kinds:
            self.fields["code"] = forms.CharField(
                label=_("Code of the gift card"),
                required=False,
                max_length=60,
                widget=forms.TextInput(attrs=_PLAIN),
            )
        if rates:
            self.fields["currency"] = forms.ChoiceField(
                label=_("Foreign cash"),
                required=False,
                choices=[("", "—"), *((code, currency_name(code)) for code in self.rates)],
            )
            # Three decimals: more than any currency has; the service knows how many this one has.
            self.fields["foreign"] = AmountField(
                exponent=3, label=_("How much of it"), required=False
            )

    @property
    def money_fields(self) -> list[forms.BoundField]:
        """The amounts of the shop's currency."""
        return [self[kind.value] for kind in self.kinds]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("foreign") and not given.get("currency"):
            self.add_error("currency", _("Choose which currency it is."))
        if given.get(TenderKind.GIFT_CARD.value) and not given.get("code"):
            self.add_error("code", _("There is no code. Read it from the card."))
        return given

    def tenders(self, total: Decimal | None = None) -> list[Tendered]:
        """What was entered; only of a valid form.

        Foreign cash pays what is left of `total`, and the rest goes back as
        change; without a total it pays what it is worth.
        """
        given = self.cleaned_data
        instruments = {TenderKind.CARD: "slip", TenderKind.GIFT_CARD: "code"}
        tenders = [
            Tendered(
                kind=kind,
                amount=given[kind.value],
                instrument=given.get(instruments.get(kind, ""), ""),
            )
            for kind in self.kinds
            if given[kind.value]
        ]
        if given.get("foreign"):
            rate = self.rates[given["currency"]].rate
            paid = sum((tender.amount for tender in tenders), Decimal(0))
            worth = worth_of(given["foreign"], rate, shop=self.shop)
            tenders.append(
                Tendered(
                    kind=TenderKind.CASH,
                    amount=worth if total is None else total - paid,
                    currency=given["currency"],
                    foreign=given["foreign"],
                    rate=rate,
                )
            )
        return tenders


class PaymentForm(TendersForm):
    """A payment of dues."""

    note = forms.CharField(
        label=_("Note"), required=False, max_length=200, widget=forms.TextInput(attrs=_PLAIN)
    )
    rest_to_credit = forms.BooleanField(
        label=_("What is more than they owe becomes store credit"), required=False
    )


class GiftCardForm(TendersForm):
    """A gift card to sell; the customer is who buys it, and may stay unnamed below the limits."""

    customer = CustomerField()

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["amount"] = AmountField(
            code=self.shop.currency,
            label=_("Amount of the card"),
            error_messages={"required": _("There is no amount. Write what the card is worth.")},
        )


class CodeForm(forms.Form):
    """A code that is scanned or typed, to see what is left on its card."""

    code = forms.CharField(
        label=_("Code of the card"),
        max_length=60,
        error_messages={"required": _("There is no code. Read it from the card.")},
        widget=forms.TextInput(attrs=_PLAIN),
    )


class CashRateForm(forms.Form):
    """What one unit of foreign cash is worth."""

    currency = forms.CharField(
        label=_("Currency"),
        max_length=12,
        error_messages={"required": _("There is no currency. Write it as USD or EUR.")},
        widget=forms.TextInput(attrs={**_PLAIN, "maxlength": 3}),
    )

    def __init__(self, *given: Any, home: str, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["rate"] = RateField(
            decimals=RATE["decimal_places"],
            label=_("One unit is worth"),
            error_messages={"required": _("There is no rate. Write what one unit is worth.")},
        )

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).strip().upper()


class RulesForm(forms.Form):
    """How gift cards are sold and when they run out."""

    gift_card_days = forms.CharField(
        label=_("A gift card pays for how many days"),
        required=False,
        max_length=8,
        help_text=_("Empty: for ever."),
        widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "numeric"}),
    )
    breakage_days = forms.CharField(
        label=_("How many days after its last one the rest becomes income"),
        required=False,
        max_length=8,
        help_text=_("Empty: never; the shop goes on owing it."),
        widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "numeric"}),
    )

    def __init__(self, *given: Any, home: str, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["most"] = AmountField(
            code=home, label=_("The largest card"), required=False, help_text=_("Empty: any.")
        )

    def clean_gift_card_days(self) -> int | None:
        return _days(self.cleaned_data["gift_card_days"])

    def clean_breakage_days(self) -> int | None:
        return _days(self.cleaned_data["breakage_days"])

    @property
    def rules(self) -> CreditRules:
        """What was entered; only of a valid form."""
        return CreditRules(**self.cleaned_data)


class PeriodForm(forms.Form):
    """From when to when a statement goes."""

    since = DayField(label=_("From"), error_messages={"invalid": _NO_DAY})
    until = DayField(label=_("To"), error_messages={"invalid": _NO_DAY})

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since > until:
            self.add_error("until", _("The period ends before it begins. Choose the days again."))
        return self.cleaned_data


def _days(text: str) -> int | None:
    plain = fold_digits(text).strip()
    if not plain:
        return None
    if not (plain.isascii() and plain.isdigit()):
        raise forms.ValidationError(_("That is no number of days. Write digits."))
    return int(plain)
