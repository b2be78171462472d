"""What pages of the counts are sent: which trays, tags, a lot's weight, the approval."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.fields import AmountField, GramsField, KeyedForm, TypedField
from apps.core.typed import parse_amount
from apps.counts.results import CountResult, Done, Line
from apps.inventory.models import Place
from apps.lots.models import Lot, LotMode
from apps.shops.approval_forms import ApprovedForm, SecondForm

LONGEST_LIST: Final = 200_000  # of tags in a box: 5,000 of them and their line breaks
DONE_WORDS: Final = {
    Done.LOOK_FOR: _("Keep looking for it"),
    Done.WRITE_OFF: _("Write it off"),
    Done.MOVE: _("Put it into this tray"),
    Done.FIND: _("It is found again"),
    Done.NOTHING: _("Leave it as it is"),
}


class StartForm(KeyedForm):
    """The trays of a new count."""

    places = forms.MultipleChoiceField(
        label=_("Trays to count"),
        widget=forms.CheckboxSelectMultiple,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice", "invalid_list"),
            _("No tray was chosen, or one that is being counted already. Choose again."),
        ),
    )
    blind = forms.BooleanField(
        label=_("Blind: who counts is not told what is expected"), required=False
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *given: Any, places: Sequence[Place], **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["places"].choices = [  # type: ignore[attr-defined]
            (str(place.pk), place.name) for place in places
        ]


class TagsForm(forms.Form):
    """Tags without script: one, or a list from a reader that keeps them."""

    tags = forms.CharField(
        label=_("Tags"),
        max_length=LONGEST_LIST,
        strip=True,
        error_messages={
            "required": _("There is no tag. Scan one, or write them a line each."),
            "max_length": _("That is too much at once. Send it in parts."),
            "null_characters_not_allowed": _("A sign in the list is no tag. Scan it again."),
        },
        widget=forms.Textarea(
            attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false", "dir": "ltr"}
        ),
    )

    @property
    def tags_read(self) -> list[str]:
        """Only of a valid form: a tag a line, or between commas and tabs."""
        text = self.cleaned_data["tags"].replace(",", "\n").replace("\t", "\n")
        return [tag for tag in (line.strip() for line in text.splitlines()) if tag]


class WeighForm(forms.Form):
    """A lot on the scale: what of it is counted."""

    def __init__(self, *given: Any, lot: Lot, **named: Any) -> None:
        super().__init__(*given, **named)
        if lot.mode != LotMode.MEASURE:
            self.fields["pieces"] = TypedField(
                lambda text: int(parse_amount(text, 0)),
                label=_("Pieces"),
                required=lot.mode != LotMode.MIXED,
            )
        weighed = lot.mode != LotMode.PER_PIECE
        self.fields["weight"] = (
            GramsField(label=_("Grams"), required=weighed)
            if lot.metal
            else AmountField(exponent=5, label=_("Carats"), required=weighed)
        )
        for field in self.fields.values():
            field.error_messages["required"] = _("This is empty. Write what you found.")

    @property
    def pieces(self) -> int | None:
        return self.cleaned_data.get("pieces")

    @property
    def weight(self) -> Decimal | None:
        return self.cleaned_data.get("weight")


class ApproveForm(ApprovedForm):
    """What is done about each line that differs, and the reason."""

    all_missing = forms.ChoiceField(
        label=_("What is missing"),
        required=False,
        choices=[(done.value, DONE_WORDS[done]) for done in (Done.LOOK_FOR, Done.WRITE_OFF)],
        error_messages={"invalid_choice": _("That is none of the choices. Choose one.")},
    )

    def __init__(self, *given: Any, result: CountResult, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["reason"].required = not result.agrees
        self.result = result
        for _sheet, line in result.lines:
            if line.choices and line.piece is not None:
                self.fields[f"piece-{line.piece}"] = forms.ChoiceField(
                    label=line.tag,
                    required=False,
                    choices=self._choices(line),
                    error_messages={
                        "invalid_choice": _("That is none of the choices. Choose one.")
                    },
                )

    @staticmethod
    def _choices(line: Line) -> list[tuple[str, Any]]:
        words = [(done.value or "leave", DONE_WORDS[done]) for done in line.choices]
        return [("", _("As chosen above")), *words] if Done.LOOK_FOR in line.choices else words

    @property
    def choices(self) -> dict[int, Done]:
        """By piece, for the lines that this form showed; only of a valid form."""
        given = self.cleaned_data
        above = Done(given.get("all_missing") or Done.LOOK_FOR)
        chosen: dict[int, Done] = {}
        for _sheet, line in self.result.lines:
            name = f"piece-{line.piece}"
            if line.piece is None or name not in self.data:
                continue
            value = given.get(name, "")
            missing = Done.LOOK_FOR in line.choices
            chosen[line.piece] = (
                above if missing and not value else Done("" if value == "leave" else value)
            )
        return chosen

    def fields_of(self, lines: Sequence[Line]) -> list[tuple[Line, Any]]:
        """Each line with its field, or None."""
        return [
            (line, self[name] if (name := f"piece-{line.piece}") in self.fields else None)
            for line in lines
        ]


class FoundForm(SecondForm):
    """A missed piece that turned up, and where it lies now."""

    tag = forms.CharField(
        label=_("Tag"),
        max_length=40,
        error_messages={
            "required": _("There is no tag. Scan it."),
            "max_length": _("This cannot be a tag. Scan it again."),
            "null_characters_not_allowed": _("This cannot be a tag. Scan it again."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "ltr"}),
    )
    place = forms.ChoiceField(
        label=_("Where it lies now"),
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), _("That is none of the choices. Choose one.")
        ),
    )

    field_order = ("tag", "place")

    def __init__(self, *given: Any, places: Sequence[Place], **named: Any) -> None:
        super().__init__(*given, **named)
        self.places = {str(place.pk): place for place in places}
        self.fields["place"].choices = [  # type: ignore[attr-defined]
            (key, place.name) for key, place in self.places.items()
        ]

    @property
    def chosen(self) -> Place:
        """Only of a valid form."""
        return self.places[self.cleaned_data["place"]]
