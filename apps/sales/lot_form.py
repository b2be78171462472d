"""What is weighed off a lot at the counter."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.fields import AmountField, GramsField, KeyedForm, WholeField
from apps.lots.models import Lot


class FromLotForm(KeyedForm):
    """A lot, and how much of it: what a lot does not count stays empty."""

    lot = forms.ChoiceField(
        label=_("Lot"),
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"),
            _("That is no lot of this branch with anything in it. Choose one of the list."),
        ),
    )
    grams = GramsField(label=_("Weight, g"), required=False)
    carats = AmountField(exponent=5, label=_("Stones, ct"), required=False)
    pieces = WholeField(label=_("Pieces"), required=False, min_value=1, max_value=100_000)

    def __init__(self, *args: Any, lots: list[Lot], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lot = self.fields["lot"]
        assert isinstance(lot, forms.ChoiceField)
        lot.choices = [(one.code, f"{one.code} · {one.name}") for one in lots]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        cleaned["grams"] = cleaned.get("grams") or Decimal(0)
        cleaned["carats"] = cleaned.get("carats") or Decimal(0)
        cleaned["pieces"] = cleaned.get("pieces") or 0
        return cleaned
