"""The form of a slip: its items one under the other, and how it is paid."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from apps.core.fields import AmountField, GramsField
from apps.customers.cash_forms import PassesCash
from apps.pricing.models import Metal
from apps.purchasing.forms.fields import (
    PhotosField,
    fineness_field,
    percent_field,
    rate_field,
    text_field,
    zero,
)
from apps.purchasing.models import HowTested, Purpose
from apps.purchasing.services.offers import MOST_ITEMS, ItemImpossible, NewItem, Offer, PaidBy
from apps.shops.approval_forms import ApprovedForm
from apps.till.kinds import TenderKind

_MORE: Final = (
    "dirt_g",
    "other_g",
    "stated_fineness",
    "offered_fineness",
    "cut_percent",
    "rate_per_g",
    "tester",
    "own_tag",
)


class ItemForm(forms.Form):
    """One thing on the scale."""

    description = text_field(
        label=_("What it is"),
        max_length=120,
        error_messages={"required": _("Describe it, for example: bangle, worn.")},
    )
    metal = forms.ChoiceField(label=_("Metal"), choices=Metal.choices, initial=Metal.GOLD)
    gross_weight_g = GramsField(
        label=_("Gross weight"), error_messages={"required": _("Weigh it.")}
    )
    stones_g = GramsField(label=_("Stones"), required=False)
    dirt_g = GramsField(label=_("Dirt, enamel, thread"), required=False)
    other_g = GramsField(label=_("Other that is no metal"), required=False)
    tested_fineness = fineness_field(
        label=_("Tested fineness"),
        help_text=_("916, or 22K"),
        error_messages={"required": _("Test it, and write what the test says.")},
    )
    method = forms.ChoiceField(
        label=_("Tested by"), choices=HowTested.choices, initial=HowTested.XRF
    )
    stated_fineness = fineness_field(
        label=_("Fineness the seller states"), required=False, help_text=_("Empty: not stated")
    )
    offered_fineness = fineness_field(
        label=_("Fineness that is paid"), required=False, help_text=_("Empty: as tested")
    )
    cut_percent = percent_field(
        label=_("Cut"), required=False, help_text=_("Percent. Empty: the shop's")
    )
    rate_per_g = rate_field(
        label=_("Rate per gram"),
        required=False,
        help_text=_("Of the fineness that is paid. Empty: the board's"),
    )
    tester = forms.ChoiceField(label=_("Who tested it"), required=False)
    own_tag = text_field(
        label=_("Our own tag"), required=False, max_length=24, help_text=_("If we sold it")
    )
    photos = PhotosField(label=_("Photos"))

    def __init__(self, *given: Any, members: Sequence[str], **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["tester"].choices = [  # type: ignore[attr-defined]
            ("", _("Whoever buys it")),
            *((name, name) for name in members),
        ]

    @property
    def more(self) -> list[forms.BoundField]:
        return [self[name] for name in _MORE]

    @property
    def more_is_open(self) -> bool:
        """Whether something is written behind "More"."""
        return any(self[name].value() or self[name].errors for name in _MORE)

    @property
    def item(self) -> NewItem:
        """Only of a valid form."""
        given = self.cleaned_data
        return NewItem(
            description=given["description"],
            metal=given["metal"],
            gross_weight_g=given["gross_weight_g"],
            stones_g=zero(given["stones_g"]),
            dirt_g=zero(given["dirt_g"]),
            other_g=zero(given["other_g"]),
            stated_fineness=given["stated_fineness"],
            tested_fineness=given["tested_fineness"],
            method=given["method"],
            tester=given["tester"],
            offered_fineness=given["offered_fineness"],
            cut_percent=given["cut_percent"],
            rate_per_g=given["rate_per_g"],
            own_tag=given["own_tag"],
            photos=given["photos"],
        )


class SlipForm(PassesCash, ApprovedForm):
    """What a slip says besides its items."""

    purpose = forms.ChoiceField(label=_("What for"), choices=Purpose.choices)
    pay_by = forms.ChoiceField(label=_("Paid by"))
    pay_amount = forms.CharField()  # replaced: it needs the currency
    rest_by = forms.ChoiceField(label=_("The rest by"), required=False)
    instrument = text_field(label=_("Transfer or cheque number"), required=False, max_length=60)
    note = text_field(label=_("Note"), required=False, max_length=200)

    def __init__(
        self, *given: Any, tenders: Sequence[str], currency: str, reason_needed: bool, **named: Any
    ) -> None:
        super().__init__(*given, **named)
        ways = [(name, TenderKind(name).label) for name in tenders]
        self.fields["pay_by"].choices = ways  # type: ignore[attr-defined]
        self.fields["rest_by"].choices = [("", "—"), *ways]  # type: ignore[attr-defined]
        self.fields["pay_amount"] = AmountField(
            code=currency, label=_("Of it"), required=False, help_text=_("Empty: all of it")
        )
        self.fields["reason"].required = reason_needed

    @property
    def payments(self) -> tuple[PaidBy, ...]:
        given = self.cleaned_data
        if given["purpose"] != Purpose.CASH:
            return ()
        amount: Decimal | None = given["pay_amount"]
        first = PaidBy(kind=given["pay_by"], amount=amount, instrument=given["instrument"])
        if amount is None or not given["rest_by"]:
            return (first,)
        return (first, PaidBy(kind=given["rest_by"], instrument=given["instrument"]))

    def offer(
        self,
        items: Sequence[NewItem],
        *,
        customer: int,
        register: str,
        seen_total: Decimal | None,
    ) -> Offer:
        """Only of a valid form."""
        given = self.cleaned_data
        return Offer(
            customer=customer,
            purpose=given["purpose"],
            items=tuple(items),
            key=self.given_key,
            payments=self.payments,
            seen_total=seen_total,
            note=given["note"],
            reason=given["reason"],
            register=register,
            approver=self.approved,
            cash_reason=self.cash_reason,
        )


def item_prefixes(data: Mapping[str, str]) -> list[int]:
    """Which rows of items stand in what was sent, in their order."""
    named = {name.split("-")[1] for name in data if name.startswith("item-")}
    rows = sorted(int(row) for row in named if row.isascii() and row.isdigit() and len(row) < 6)
    return rows[:MOST_ITEMS]


def item_forms(
    rows: Sequence[int], *, data: QueryDict | None, files: Any = None, members: Sequence[str]
) -> list[ItemForm]:
    """A form for each row. A row keeps its number, so that nothing moves when one is taken out."""
    return [
        ItemForm(
            data if data is not None and f"item-{row}-description" in data else None,
            files,
            prefix=f"item-{row}",
            members=members,
        )
        for row in rows
    ]


def show_where(refusal: ItemImpossible, forms_: Sequence[ItemForm]) -> None:
    """The sentence about an item, beside the field that it is about."""
    form = forms_[refusal.position - 1]
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.why)
