"""The sheet a tag is printed on, and the fields that stand on it; lengths in millimetres. Pure.

A barbell and a rat tail both have two pads; what lies in neither, the bridge or the tail, is
the dead zone. A field counts its place from the upper left corner of its pad and never leaves it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Final, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.errors import Invalid

MOST_FIELDS: Final = 20
# Dots of a millimetre, as makers of printers count them.
DOTS: Final = {203: Decimal(8), 300: Decimal("11.8")}
SIDES: Final = {"front": gettext_lazy("Front"), "back": gettext_lazy("Back")}
ALIGNS: Final = {
    "left": gettext_lazy("Left"),
    "center": gettext_lazy("Centre"),
    "right": gettext_lazy("Right"),
}
TEXTS: Final = {
    "tag": gettext_lazy("Tag"),
    "name": gettext_lazy("Name"),
    "metal": gettext_lazy("Metal"),
    "fineness": gettext_lazy("Fineness"),
    "karat": gettext_lazy("Karat"),
    "gross": gettext_lazy("Gross weight"),
    "net": gettext_lazy("Net weight"),
    "carats": gettext_lazy("Stones, carats"),
    "huid": gettext_lazy("Hallmark (HUID)"),
    "price": gettext_lazy("Price today"),
    "shop": gettext_lazy("Shop"),
}
SYMBOLS: Final = {
    "datamatrix": gettext_lazy("Data Matrix of the tag"),
    "qr": gettext_lazy("QR code of the tag"),
    "code128": gettext_lazy("Code 128 of the tag"),
}
# What may stand on a tag. Cost is not among it: customers read tags.
FIELDS: Final = {**TEXTS, **SYMBOLS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing on a tag. `turned`: read from below, a quarter turn clockwise."""

    what: str
    side: str
    x_mm: Decimal
    y_mm: Decimal
    width_mm: Decimal
    height_mm: Decimal
    align: str = "left"
    bold: bool = False
    turned: bool = False

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        lengths = ("x_mm", "y_mm", "width_mm", "height_mm")
        return cls(**{**stored, **{name: Decimal(stored[name]) for name in lengths}})

    def as_json(self) -> dict[str, Any]:
        plain = asdict(self)
        return {k: str(v) if isinstance(v, Decimal) else v for k, v in plain.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pad:
    side: str
    x_mm: Decimal
    width_mm: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A tag and its two pads, the front before the back."""

    width_mm: Decimal
    height_mm: Decimal
    front: Pad
    back: Pad
    dpi: int

    def dots(self, length_mm: Decimal) -> int:
        return int((length_mm * DOTS[self.dpi]).to_integral_value())

    def pad(self, side: str) -> Pad:
        return self.front if side == "front" else self.back


@dataclass(eq=False)
class PadsImpossible(Invalid):
    def __str__(self) -> str:
        return _(
            "The pads do not fit the sheet: the front comes first, they do not overlap, and the"
            " back ends on the sheet. Check where they begin and how wide they are."
        )


@dataclass(eq=False)
class FieldOutside(Invalid):
    """A field that leaves the sheet or reaches the dead zone."""

    what: str
    dead: bool
    too_far_mm: Decimal

    def __str__(self) -> str:
        said = (
            _("%(field)s reaches %(far)s mm into the dead zone. Move it, or make it smaller.")
            if self.dead
            else _("%(field)s reaches %(far)s mm over the edge. Move it, or make it smaller.")
        )
        return said % {"field": FIELDS[self.what], "far": self.too_far_mm.normalize()}


@dataclass(eq=False)
class FieldUnknown(Invalid):
    what: str

    def __str__(self) -> str:
        return _("“%(field)s” is nothing that a tag can show. Choose from the list.") % {
            "field": self.what[:40]
        }


@dataclass(eq=False)
class NothingOnTag(Invalid):
    def __str__(self) -> str:
        return _("Nothing stands on this tag. Add its number at least.")


@dataclass(eq=False)
class TooMuchOnTag(Invalid):
    most: int

    def __str__(self) -> str:
        return _("A tag shows up to %(most)s things. Take some away.") % {"most": self.most}


def demand_possible(sheet: Sheet, fields: Iterable[Field]) -> None:
    """Refuse what could not be printed where it is meant to stand.

    Raises PadsImpossible, NothingOnTag, TooMuchOnTag, FieldUnknown, FieldOutside.
    """
    front, back = sheet.front, sheet.back
    if (
        front.x_mm < 0
        or min(front.width_mm, back.width_mm) <= 0
        or back.x_mm < front.x_mm + front.width_mm
        or back.x_mm + back.width_mm > sheet.width_mm
    ):
        raise PadsImpossible
    fields = list(fields)
    if not fields:
        raise NothingOnTag
    if len(fields) > MOST_FIELDS:
        raise TooMuchOnTag(most=MOST_FIELDS)
    for field in fields:
        _demand_inside(sheet, field)


def _demand_inside(sheet: Sheet, field: Field) -> None:
    if field.what not in FIELDS or field.side not in SIDES or field.align not in ALIGNS:
        raise FieldUnknown(what=field.what)
    pad = sheet.pad(field.side)
    after = field.x_mm + field.width_mm - pad.width_mm
    over = max(-field.x_mm, -field.y_mm, field.y_mm + field.height_mm - sheet.height_mm)
    if over > 0:
        raise FieldOutside(what=field.what, dead=False, too_far_mm=over)
    if after > 0:
        # Beyond the pad lies the bridge or the tail, unless the sheet ends there.
        ends = pad.x_mm + pad.width_mm >= sheet.width_mm
        raise FieldOutside(what=field.what, dead=not ends, too_far_mm=after)
