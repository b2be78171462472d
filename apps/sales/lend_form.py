"""What the page of lending is sent: until when, which tags, and what is agreed about each."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from apps.consignment.models import TERMS_OUT, Terms
from apps.consignment.services.agreeing import LONGEST_NOTE, Agreed
from apps.core.fields import AmountField, DayField
from apps.inventory.selectors import WholePiece, typed_tags
from apps.shops.approval_forms import ApprovedForm

_CHOICE: Final = dict.fromkeys(
    ("required", "invalid_choice"), _("That is none of the choices. Choose one.")
)


def tags_typed(data: QueryDict) -> list[str]:
    """The tags that a sent form names, as they were written."""
    return typed_tags(data.get("tags", "")[:8_000])


class LendForm(ApprovedForm):
    """A memo of pieces that go out; a row for each piece that was looked at."""

    due = DayField(
        label=_("Until"),
        error_messages={
            "required": _("There is no day. Choose one."),
            "invalid": _("That day is not in the calendar. Choose it again."),
        },
    )
    tags = forms.CharField(
        label=_("Tags"),
        required=False,
        max_length=8_000,
        help_text=_("Scan them, or write one a line."),
        widget=forms.Textarea(
            attrs={
                "rows": 4,
                "autocomplete": "off",
                "spellcheck": "false",
                "dir": "ltr",
                "data-tags": "",
                "data-key": "F2",
                "aria-keyshortcuts": "F2",
            }
        ),
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(
        self, *given: Any, pieces: Sequence[WholePiece] = (), code: str, **named: Any
    ) -> None:
        super().__init__(*given, **named)
        self.pieces = pieces
        for n, whole in enumerate(pieces):
            tag = whole.piece.tag
            self.fields[f"terms-{n}"] = forms.ChoiceField(
                label=_("What is agreed about %(tag)s") % {"tag": tag},
                choices=[(each.value, each.label) for each in TERMS_OUT],
                required=False,
                error_messages=_CHOICE,
            )
            self.fields[f"value-{n}"] = AmountField(
                code=code, label=_("Agreed amount of %(tag)s") % {"tag": tag}, required=False
            )

    @property
    def seen(self) -> bool:
        """Whether the page that was sent had a row for each of these pieces."""
        tags = [whole.piece.tag for whole in self.pieces]
        given = self.data.getlist("seen") if hasattr(self.data, "getlist") else []
        return bool(tags) and given == tags

    @property
    def rows(self) -> list[tuple[WholePiece, forms.BoundField, forms.BoundField]]:
        return [
            (whole, self[f"terms-{n}"], self[f"value-{n}"]) for n, whole in enumerate(self.pieces)
        ]

    @property
    def agreed(self) -> list[Agreed]:
        """Only of a valid form. An amount without a word about it is a price."""
        found = []
        for n, whole in enumerate(self.pieces):
            value = self.cleaned_data[f"value-{n}"]
            terms = Terms(self.cleaned_data[f"terms-{n}"] or Terms.DAY)
            found.append(Agreed(tag=whole.piece.tag, terms=terms, value=value))
        return found
