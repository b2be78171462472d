"""Forms of the tags' pages: what to print, and a template by its numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.fields import AmountField, WholeField
from apps.labels.models import LabelTemplate, Stock
from apps.labels.models.templates import Dpi, Speaks
from apps.labels.sheet import ALIGNS, FIELDS, MOST_FIELDS, SIDES, Field
from apps.shops.approval_forms import ApprovedForm

_NEW_ROWS: Final = 3
_LENGTHS: Final = {
    "x_mm": _("From the left"),
    "y_mm": _("From the top"),
    "width_mm": _("Width"),
    "height_mm": _("Height"),
}
_SHEET: Final = (
    "width_mm",
    "height_mm",
    "front_x_mm",
    "front_width_mm",
    "back_x_mm",
    "back_width_mm",
)


class PrintForm(ApprovedForm):
    """Which template; a reason and the second person only where a tag was printed before."""

    template = forms.TypedChoiceField(label=_("Template"), coerce=int)

    field_order = ("template", "reason", "approver", "pin")

    def __init__(
        self,
        *given: Any,
        templates: Sequence[LabelTemplate],
        again: bool,
        second: bool,
        **named: Any,
    ) -> None:
        super().__init__(*given, second=again and second, **named)
        self._templates = {template.pk: template for template in templates}
        self.fields["template"].choices = [(one.pk, one.name) for one in templates]  # type: ignore[attr-defined]
        if not again:
            del self.fields["reason"]

    @property
    def chosen(self) -> LabelTemplate:
        """Only of a valid form."""
        return self._templates[self.cleaned_data["template"]]


class Millimetres(AmountField):
    def __init__(self, **named: Any) -> None:
        super().__init__(exponent=2, **named)


@dataclass(frozen=True, slots=True)
class Row:
    """The inputs of one field of a template, in the table's order."""

    number: int
    inputs: Sequence[BoundField]
    ticks: Sequence[BoundField]
    has_errors: bool


class TemplateForm(forms.Form):
    """A template: its sheet, and a row for each field; a row without a field is none."""

    name = forms.CharField(label=_("Name"), max_length=40)
    stock = forms.ChoiceField(label=_("Stock"), choices=Stock.choices)
    width_mm = Millimetres(label=_("Width, mm"))
    height_mm = Millimetres(label=_("Height, mm"))
    front_x_mm = Millimetres(label=_("Front pad begins at, mm"))
    front_width_mm = Millimetres(label=_("Front pad is wide, mm"))
    back_x_mm = Millimetres(label=_("Back pad begins at, mm"))
    back_width_mm = Millimetres(label=_("Back pad is wide, mm"))
    dpi = forms.TypedChoiceField(label=_("Printer's head"), choices=Dpi.choices, coerce=int)
    darkness = WholeField(label=_("Darkness, 0 to 30"), min_value=0, max_value=30)
    language = forms.ChoiceField(label=_("Language and digits"), choices=Speaks.choices)
    printers_letters = forms.BooleanField(
        label=_("Latin words in the printer's own letters"),
        required=False,
        help_text=_("A smaller file. The letters are narrower than in the picture."),
    )
    is_usual = forms.BooleanField(label=_("The usual template"), required=False)

    def __init__(self, *given: Any, rows: int, **named: Any) -> None:
        super().__init__(*given, **named)
        self.rows = min(rows + _NEW_ROWS, MOST_FIELDS)
        for number in range(self.rows):
            self._add_row(number)

    def _add_row(self, number: int) -> None:
        at = gettext("row %(number)s") % {"number": number + 1}
        shows = [("", "–"), *FIELDS.items()]

        def add(name: str, field: forms.Field, label: Any) -> None:
            field.label = f"{label}, {at}"
            self.fields[f"f{number}-{name}"] = field

        add("what", forms.ChoiceField(choices=shows, required=False), _("Shows"))
        add("side", forms.ChoiceField(choices=list(SIDES.items()), required=False), _("Pad"))
        for name, label in _LENGTHS.items():
            add(name, Millimetres(required=False, empty=None), label)
        add("align", forms.ChoiceField(choices=list(ALIGNS.items()), required=False), _("Stands"))
        add("bold", forms.BooleanField(required=False), _("Bold"))
        add("turned", forms.BooleanField(required=False), _("Turned"))

    @property
    def table(self) -> Iterator[Row]:
        for number in range(self.rows):
            inputs = [self[f"f{number}-{name}"] for name in ("what", "side", *_LENGTHS, "align")]
            ticks = [self[f"f{number}-bold"], self[f"f{number}-turned"]]
            yield Row(number, inputs, ticks, any(field.errors for field in inputs))

    @property
    def sheet_fields(self) -> list[BoundField]:
        return [self[name] for name in _SHEET]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in _SHEET:
            if given.get(name) is not None and given[name] > 200:
                self.add_error(name, gettext("Tags are up to 200 mm long. Check the number."))
        least = {"width_mm": Decimal(10), "height_mm": Decimal(5)}
        for name, smallest in least.items():
            if given.get(name) is not None and given[name] < smallest:
                said = gettext("That is smaller than %(least)s mm. Check the number.")
                self.add_error(name, said % {"least": smallest})
        for number in range(self.rows):
            if given.get(f"f{number}-what"):
                for name in _LENGTHS:
                    if given.get(f"f{number}-{name}") is None and not self.errors.get(
                        f"f{number}-{name}"
                    ):
                        self.add_error(f"f{number}-{name}", gettext("Write how many millimetres."))
        return given

    @property
    def placed_fields(self) -> list[Field]:
        """The rows that show something; only of a valid form."""
        given = self.cleaned_data
        names = ("what", *_LENGTHS, "bold", "turned")
        return [
            Field(
                side=given[f"f{number}-side"] or "front",
                align=given[f"f{number}-align"] or "left",
                **{name: given[f"f{number}-{name}"] for name in names},
            )
            for number in range(self.rows)
            if given[f"f{number}-what"]
        ]

    def fill(self, template: LabelTemplate) -> LabelTemplate:
        """Give a template what was typed, but for its fields; only of a valid form."""
        for name in (
            "name",
            "stock",
            *_SHEET,
            "dpi",
            "darkness",
            "language",
            "printers_letters",
            "is_usual",
        ):
            setattr(template, name, self.cleaned_data[name])
        return template


def initial_of(template: LabelTemplate) -> dict[str, Any]:
    """What the form shows of a template."""
    names = [*TemplateForm.base_fields]
    said = {name: getattr(template, name) for name in names}
    for number, stored in enumerate(template.fields):
        field = Field.from_json(stored)
        for name in ("what", "side", *_LENGTHS, "align", "bold", "turned"):
            said[f"f{number}-{name}"] = getattr(field, name)
    return said
