"""What pages of the stock at hand are sent: moves, parcels, reservations, papers, splits."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.fields import DayField, GramsField, KeyedForm
from apps.inventory.models import Place, PlaceKind
from apps.inventory.selectors import WholePiece
from apps.inventory.services.parts import MOST_PARTS, Part
from apps.inventory.services.places import LONGEST_NAME
from apps.shops.approval_forms import ApprovedForm
from apps.shops.models import Branch, Member

_NONE_OF_THE_CHOICES = _("That is none of the choices. Choose one.")
_FEWEST_PARTS: Final = 2
_NO_TAG = _("There is no tag. Scan one, or type it.")


def _choice_errors() -> dict[str, Any]:
    return dict.fromkeys(("required", "invalid_choice"), _NONE_OF_THE_CHOICES)


class PlaceChoice(forms.ChoiceField):
    """One of the open places; its value is the place."""

    def __init__(self, places: Sequence[Place], **named: Any) -> None:
        self.places = {str(place.pk): place for place in places}
        named.setdefault("label", _("Place"))
        super().__init__(
            choices=[(key, _told(place, places)) for key, place in self.places.items()],
            error_messages=_choice_errors(),
            **named,
        )

    def clean(self, value: Any) -> Place | None:
        return self.places.get(super().clean(value))


def _told(place: Place, among: Sequence[Place]) -> str:
    """A place by its name, and its branch where there are several."""
    several = len({each.branch_id for each in among}) > 1
    return f"{place.name} · {place.branch.name}" if several else place.name


class MoveForm(forms.Form):
    """Chosen pieces into one place; where each lay when it was chosen stands in `seen`."""

    def __init__(self, data: Any = None, *, places: Sequence[Place], initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["place"] = PlaceChoice(places, label=_("Into which place"))

    def seen(self, tags: Sequence[str]) -> dict[str, int | None]:
        """Where the page said that each tag lay; in the order of the tags."""
        given = self.data.getlist("seen") if hasattr(self.data, "getlist") else []
        return {
            tag: int(place) if place.isascii() and place.isdigit() and len(place) < 18 else None
            for tag, place in zip(tags, given, strict=False)
        }


class PlaceChangeForm(forms.Form):
    """Another name for a place."""

    name = forms.CharField(
        label=_("Name"),
        strip=False,
        error_messages={"required": _("The place has no name. Write what people call it.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": LONGEST_NAME}),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=PlaceKind.choices)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["name"].validators = []
        self.fields["kind"].error_messages = _choice_errors()


class CustodianForm(forms.Form):
    """Who answers for a place."""

    def __init__(self, data: Any = None, *, members: Sequence[Member], initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.members = {str(member.pk): member for member in members}
        self.fields["to"] = forms.ChoiceField(
            label=_("Who answers for it"),
            required=False,
            # The heading over it says so too; the page shows it once.
            widget=forms.Select(attrs={"aria-labelledby": "who-title"}),
            choices=[
                ("", _("Nobody in particular")),
                *((key, str(member.user)) for key, member in self.members.items()),
            ],
            error_messages=_choice_errors(),
        )

    @property
    def member(self) -> Member | None:
        return self.members.get(self.cleaned_data["to"])


class ParcelForm(KeyedForm):
    """From which branch to which."""

    def __init__(
        self, data: Any = None, *, branches: Sequence[Branch], initial: Any = None
    ) -> None:
        super().__init__(data, initial=initial)
        self.branches = {str(branch.pk): branch for branch in branches}
        choices = [(key, branch.name) for key, branch in self.branches.items()]
        for name, label in (
            ("source", _("From")),
            ("target", pgettext_lazy("whom or where", "To")),
        ):
            self.fields[name] = forms.ChoiceField(
                label=label, choices=choices, error_messages=_choice_errors()
            )
        self.fields["carrier"] = forms.CharField(
            label=_("Who carries it"),
            max_length=80,
            required=False,
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )

    @property
    def ends(self) -> tuple[Branch, Branch]:
        return tuple(self.branches[self.cleaned_data[name]] for name in ("source", "target"))  # type: ignore[return-value]


class SendForm(ApprovedForm):
    """Let the parcel go."""


class ReserveForm(forms.Form):
    """For whom a piece is kept, and until when."""

    until = DayField(
        label=_("Until which day"),
        error_messages=dict.fromkeys(
            ("required", "invalid"), _("That is no day. Choose one in the calendar.")
        ),
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    customer = forms.IntegerField(
        min_value=1,
        max_value=2**62,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            _("Nobody was chosen. Look the customer up, then choose them."),
        ),
    )

    @property
    def day(self) -> date:
        day: date = self.cleaned_data["until"]
        return day


class LoseForm(ApprovedForm):
    """Tags that are written off, one a line."""

    field_order: Sequence[str] = ("tags", "reason")

    tags = forms.CharField(
        label=_("Tags, one a line"),
        max_length=6000,
        error_messages={"required": _NO_TAG},
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
    )


class FindForm(LoseForm):
    """Tags that are found again, and where they lie now."""

    field_order = ("tags", "place", "reason")

    def __init__(self, *given: Any, places: Sequence[Place], **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["place"] = PlaceChoice(places, label=_("Where it lies now"))
        self.order_fields(self.field_order)


class OptionalReason(ApprovedForm):
    """As an approved form, but the reason is needed only where the service says so.

    The page tells when; a mark that it may be left out would say the opposite.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        reason = self.fields["reason"]
        reason.required, reason.needed = False, True  # type: ignore[attr-defined]


class SplitForm(OptionalReason):
    """What each part weighs: one row a part; a row without a weight is no part."""

    def __init__(self, *given: Any, whole: WholePiece, rows: int = 2, **named: Any) -> None:
        super().__init__(*given, **named)
        self.whole, self.row_count = whole, max(_FEWEST_PARTS, min(rows, MOST_PARTS))
        for n in range(1, self.row_count + 1):
            self._add_row(n)

    def _add_row(self, n: int) -> None:
        text = {"autocomplete": "off"}
        self.fields[f"tag_{n}"] = forms.CharField(
            label=_("New tag"),
            required=False,
            max_length=30,
            help_text=_("Empty: the next free one."),
            widget=forms.TextInput(attrs=text),
        )
        self.fields[f"name_{n}"] = forms.CharField(
            label=_("Name"), required=False, max_length=120, widget=forms.TextInput(attrs=text)
        )
        # There are two parts at least; a row after them may stay empty, and is no part then.
        weighed: list[forms.Field] = []
        for k, metal in enumerate(self.whole.metals):
            label = _("Net weight") if len(self.whole.metals) == 1 else str(metal.metal)
            net = GramsField(label=label, required=False, empty=Decimal(0))
            self.fields[f"net_{n}_{k}"] = net
            weighed.append(net)
        gross = GramsField(label=_("Gross weight"), required=False)
        self.fields[f"gross_{n}"] = gross
        if not self.whole.metals:  # else it is what metal and stones weigh
            weighed.append(gross)
        for field in weighed:
            field.needed = n <= _FEWEST_PARTS  # type: ignore[attr-defined]
        for k, stone in enumerate(self.whole.stones):
            count = forms.IntegerField(
                label=stone.kind, required=False, min_value=0, max_value=100_000, initial=0
            )
            count.needed = True  # type: ignore[attr-defined]
            self.fields[f"stones_{n}_{k}"] = count

    @property
    def rows(self) -> list[list[forms.BoundField]]:
        """The fields of each part."""
        return [
            [self[name] for name in self.fields if name.split("_")[1:2] == [str(n)]]
            for n in range(1, self.row_count + 1)
        ]

    @property
    def parts(self) -> list[Part]:
        """Only of a valid form."""
        given = self.cleaned_data
        made = []
        for n in range(1, self.row_count + 1):
            nets = tuple(given[f"net_{n}_{k}"] for k in range(len(self.whole.metals)))
            stones = tuple(given[f"stones_{n}_{k}"] or 0 for k in range(len(self.whole.stones)))
            gross = given[f"gross_{n}"]
            if not any(nets) and not any(stones) and gross is None:
                continue
            made.append(
                Part(
                    tag=given[f"tag_{n}"],
                    name=given[f"name_{n}"],
                    net_g=nets,
                    gross_g=gross,
                    stones=stones,
                )
            )
        return made


class JoinForm(OptionalReason):
    """Tags that become one."""

    tags = forms.CharField(
        label=_("Tags, one a line"),
        max_length=600,
        error_messages={"required": _NO_TAG},
        help_text=_("The first of them gives the terms of the price."),
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
    )
    tag = forms.CharField(
        label=_("New tag"),
        required=False,
        max_length=30,
        help_text=_("Empty: the next free one."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    gross_g = GramsField(
        label=_("Gross weight"), required=False, help_text=_("Empty: what they weighed apart.")
    )
    field_order = ("tags", "tag", "name", "gross_g", "reason")
