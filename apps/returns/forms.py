"""What is typed when pieces come back: which ones, what they weigh, why, and who approves."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.fields import AmountField, GramsField
from apps.core.typed import fold_digits
from apps.customers.cash_forms import PassesCash
from apps.customers.fields import CustomerField
from apps.returns.orders import Back
from apps.returns.selectors.bills import BillNow, LineNow
from apps.returns.selectors.judging import sold_weight_of
from apps.sales.pricing import Wanted
from apps.sales.rules import Payment
from apps.shops.approval_forms import ApprovedForm
from apps.till.kinds import TenderKind

_OFF = {"autocomplete": "off"}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the bill with its fields, for the table of the page."""

    line: LineNow
    sold_g: Decimal | None
    take: BoundField | None
    weighed: BoundField | None
    mark_gone: BoundField | None
    damaged: BoundField | None


class BacksForm(forms.Form):
    """Which pieces of a bill come back, and in which state; one set of fields for each line."""

    use_required_attribute = False

    def __init__(self, *args: Any, bill: BillNow, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bill = bill
        for each in bill.live:
            at = each.line.position
            alone = len(bill.live) == 1
            self.fields[f"take_{at}"] = forms.BooleanField(
                required=False, initial=alone, label=_("%(tag)s comes back") % self._tag(each)
            )
            if sold_weight_of(each.line) is not None:
                # Whoever comes back is weighed again; the others need no weight.
                self.fields[f"weighed_{at}"] = GramsField(
                    required=not self.is_bound or self._is_taken(at),
                    label=_("Weight of %(tag)s now, g") % self._tag(each),
                )
            self.fields[f"mark_gone_{at}"] = forms.BooleanField(
                required=False, label=_("Hallmark gone")
            )
            self.fields[f"damaged_{at}"] = forms.BooleanField(required=False, label=_("Damaged"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not self.backs:
            raise forms.ValidationError(_("No piece was chosen. Choose what came back."))
        return cleaned

    @property
    def backs(self) -> list[Back]:
        """The chosen pieces."""
        said = self.cleaned_data
        return [
            Back(
                tag=each.line.tag,
                weighed_g=said.get(f"weighed_{each.line.position}"),
                hallmark_intact=not said[f"mark_gone_{each.line.position}"],
                damaged=said[f"damaged_{each.line.position}"],
            )
            for each in self.bill.live
            if said.get(f"take_{each.line.position}")
        ]

    @property
    def rows(self) -> Iterator[Row]:
        for each in self.bill.lines:
            at = each.line.position
            yield Row(
                each,
                sold_weight_of(each.line),
                *(
                    self[name] if name in self.fields else None
                    for name in (
                        f"take_{at}",
                        f"weighed_{at}",
                        f"mark_gone_{at}",
                        f"damaged_{at}",
                    )
                ),
            )

    def _is_taken(self, position: int) -> bool:
        said = forms.CheckboxInput().value_from_datadict(
            self.data, MultiValueDict(), f"take_{position}"
        )
        return bool(said)

    @staticmethod
    def _tag(each: LineNow) -> dict[str, str]:
        return {"tag": each.line.tag}


class ExchangeForm(BacksForm):
    """The pieces that come back, and the tags of what is taken instead."""

    taken = forms.CharField(
        max_length=400,
        label=gettext_lazy("Tags of what is taken instead"),
        help_text=gettext_lazy("Scan one after the other; a blank between them."),
        widget=forms.TextInput(attrs=_OFF),
    )

    @property
    def wanted(self) -> list[Wanted]:
        tags = fold_digits(self.cleaned_data["taken"]).split()
        return [Wanted(tag.upper()) for tag in dict.fromkeys(tags)]


class ReasonForm(PassesCash, ApprovedForm):
    """Why, and who says yes. `seen` is the result that the page showed."""

    seen = forms.DecimalField(widget=forms.HiddenInput, max_digits=20, decimal_places=4)


class _CustomerForm(ReasonForm):
    customer = CustomerField()

    def __init__(self, *args: Any, bill: BillNow, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if bill.sale.customer_id is not None:
            del self.fields["customer"]


class ReturnForm(_CustomerForm):
    to_credit = forms.BooleanField(required=False, label=gettext_lazy("All of it as store credit"))


class BuyBackForm(_CustomerForm):
    paid_by = forms.ChoiceField(
        label=gettext_lazy("Paid by"),
        choices=[
            (kind.value, kind.label)
            for kind in (TenderKind.CASH, TenderKind.TRANSFER, TenderKind.STORE_CREDIT)
        ],
    )


class PayForm(_CustomerForm):
    """How the difference of an exchange is paid."""

    def __init__(self, *args: Any, code: str, to_pay: Decimal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if to_pay <= 0:
            return
        for kind in (TenderKind.CASH, TenderKind.CARD, TenderKind.TRANSFER):
            self.fields[kind.value] = AmountField(code=code, required=False, label=kind.label)

    @property
    def payments(self) -> list[Payment]:
        kinds = (TenderKind.CASH, TenderKind.CARD, TenderKind.TRANSFER)
        said = {kind.value: self.cleaned_data.get(kind.value) for kind in kinds}
        return [Payment(kind, amount) for kind, amount in said.items() if amount]
