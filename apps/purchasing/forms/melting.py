"""Forms of bags, bars and metal of suppliers; of undoing a slip, and of paying a claim."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.fields import AmountField, GramsField, KeyedForm
from apps.customers.cash_forms import PassesCash
from apps.customers.models import Customer
from apps.pricing.models import Metal
from apps.purchasing.forms.fields import (
    fineness_field,
    rate_field,
    text_field,
    zero,
)
from apps.purchasing.models import HowTested, SettlementKind
from apps.purchasing.services.offers import PaidBy
from apps.purchasing.services.refining import Given
from apps.shops.approval_forms import ApprovedForm
from apps.till.kinds import TenderKind

_WEIGH = {"required": _("Weigh it.")}
_TEST = {"required": _("Write what the assay says.")}
_RATE = {"required": _("Write the rate.")}


class OpenBagForm(KeyedForm):
    metal = forms.ChoiceField(label=_("Metal"), choices=Metal.choices, initial=Metal.GOLD)
    note = text_field(label=_("Note"), required=False, max_length=200)


class SealForm(forms.Form):
    seal = text_field(
        label=_("Number of the seal"),
        max_length=40,
        error_messages={"required": _("Write the number that stands on the seal.")},
    )


class MeltForm(ApprovedForm):
    field_order = ("key", "before_g", "after_g", "reason", "approver", "pin")
    before_g = GramsField(label=_("Weight before melting"), error_messages=_WEIGH)
    after_g = GramsField(label=_("Weight of the bar"), error_messages=_WEIGH)


class AssayForm(ApprovedForm):
    field_order = ("key", "fineness", "method", "laboratory", "sample_g", "reason")
    fineness = fineness_field(
        label=_("Fineness"), help_text=_("Parts per thousand"), error_messages=_TEST
    )
    method = forms.ChoiceField(
        label=_("Method"), choices=HowTested.choices, initial=HowTested.FIRE_ASSAY
    )
    laboratory = text_field(label=_("Laboratory"), required=False, max_length=80)
    sample_g = GramsField(
        label=_("Sample not given back"), required=False, help_text=_("Empty: nothing")
    )


class SendForm(forms.Form):
    refiner = forms.ChoiceField(label=_("Refiner"))

    def __init__(self, *given: Any, refiners: Sequence[Customer], **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["refiner"].choices = _people(refiners)  # type: ignore[attr-defined]


class SettleForm(PassesCash, ApprovedForm):
    field_order = (
        "key",
        "kind",
        "weight_g",
        "fineness",
        "charges",
        "rate_per_fine_g",
        "paid_by",
        "reason",
    )
    kind = forms.ChoiceField(label=_("Settled"), choices=SettlementKind.choices)
    weight_g = GramsField(label=_("Weight credited"), error_messages=_WEIGH)
    fineness = fineness_field(label=_("Of fineness"), error_messages=_TEST)
    rate_per_fine_g = rate_field(
        label=_("Rate per fine gram"), required=False, help_text=_("In money only")
    )
    paid_by = forms.ChoiceField(
        label=_("Paid by"),
        choices=[(kind.value, kind.label) for kind in (TenderKind.TRANSFER, TenderKind.CASH)],
        required=False,
        help_text=_("In money only"),
    )

    def __init__(self, *given: Any, currency: str, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["charges"] = AmountField(code=currency, label=_("Charges"), required=False)
        self.order_fields(self.field_order)

    @property
    def given(self) -> Given:
        """Only of a valid form."""
        said = self.cleaned_data
        in_money = said["kind"] == SettlementKind.MONEY
        return Given(
            kind=said["kind"],
            weight_g=said["weight_g"],
            fineness=said["fineness"],
            charges=zero(said["charges"]),
            rate_per_fine_g=said["rate_per_fine_g"] if in_money else None,
            paid_by=said["paid_by"] or TenderKind.TRANSFER,
        )


class ReceiveForm(KeyedForm):
    supplier = forms.ChoiceField(label=_("Supplier"))
    metal = forms.ChoiceField(label=_("Metal"), choices=Metal.choices, initial=Metal.GOLD)
    gross_g = GramsField(label=_("Weight"), error_messages=_WEIGH)
    fineness = fineness_field(label=_("Fineness"), initial=Decimal("999.9"), error_messages=_TEST)
    rate_per_fine_g = rate_field(
        label=_("Provisional rate"), help_text=_("Per fine gram"), error_messages=_RATE
    )

    def __init__(self, *given: Any, suppliers: Sequence[Customer], **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["supplier"].choices = _people(suppliers)  # type: ignore[attr-defined]


class FixForm(KeyedForm):
    account = forms.ChoiceField(label=_("Whose grams"))
    fine_g = GramsField(label=_("Fine grams"), error_messages=_WEIGH)
    rate_per_fine_g = rate_field(
        label=_("Agreed rate"), help_text=_("Per fine gram"), error_messages=_RATE
    )

    def __init__(self, *given: Any, accounts: Sequence[tuple[str, str]], **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["account"].choices = accounts  # type: ignore[attr-defined]

    @property
    def supplier_and_metal(self) -> tuple[int, str]:
        supplier, metal = self.cleaned_data["account"].split("-")
        return int(supplier), metal


class VoidForm(ApprovedForm):
    """Why a slip is undone."""


class PayClaimForm(PassesCash, ApprovedForm):
    """How what is left of a claim is paid."""

    field_order = ("key", "pay_by", "instrument", "reason", "approver", "pin")
    pay_by = forms.ChoiceField(label=_("Paid by"))
    instrument = text_field(label=_("Transfer or cheque number"), required=False, max_length=60)

    def __init__(self, *given: Any, tenders: Sequence[str], **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["pay_by"].choices = [  # type: ignore[attr-defined]
            (name, TenderKind(name).label) for name in tenders
        ]

    @property
    def payments(self) -> tuple[PaidBy, ...]:
        given = self.cleaned_data
        return (PaidBy(kind=given["pay_by"], instrument=given["instrument"]),)


def _people(customers: Sequence[Customer]) -> list[tuple[str, str]]:
    return [(str(one.pk), one.name) for one in customers]
