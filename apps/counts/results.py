"""What a count found, tray by tray: the shape that pages, the paper and the record share."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self

from django.utils.translation import gettext as _

from apps.inventory.models import MovementKind, PieceState
from apps.lots.quantities import Quantity


class Found(StrEnum):
    """How a tag stands after the count."""

    MISSING = "missing"  # expected, lies here by the books, and nobody saw it
    LEFT = "left"  # expected, and gone by a document since: sold, moved, lent
    CAME = "came"  # not expected, and came here by a document since
    MISPLACED = "misplaced"  # a piece of another place of this branch
    OTHER_BRANCH = "other_branch"
    LOST = "lost"  # written off before, and here it is
    GONE = "gone"  # sold, lent, on its way: by the books not in the shop
    UNKNOWN = "unknown"  # no tag of the shop


class Done(StrEnum):
    """What the approval does about it."""

    NOTHING = ""
    LOOK_FOR = "look_for"
    WRITE_OFF = "write_off"
    MOVE = "move"
    FIND = "find"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One tag that is not simply seen. `place`: where the books have it, or where it was seen."""

    tag: str
    found: Found
    piece: int | None = None
    name: str = ""
    grams: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)
    state: str = ""
    place: str = ""
    seen_at: str = ""  # of a missing piece: the tray of this count where it was scanned
    step: str = ""  # the kind of its last movement; of a missing piece: that since the tray began
    reference: str = ""
    done: Done = Done.NOTHING

    @property
    def choices(self) -> Sequence[Done]:
        """What an approval may do about it."""
        if self.found == Found.MISSING and not self.seen_at:
            # It may have been away while the tray was read: counted again, it is seen or missing.
            return (Done.LOOK_FOR,) if self.step else (Done.LOOK_FOR, Done.WRITE_OFF)
        if self.found == Found.MISPLACED:
            return (Done.MOVE, Done.NOTHING)
        if self.found == Found.LOST:
            return (Done.FIND, Done.NOTHING)
        return ()

    @property
    def said(self) -> str:
        """The fact in words."""
        if self.found == Found.MISSING:
            if self.seen_at:
                return _("Seen in %(place)s") % {"place": self.seen_at}
            if self.step:
                words = {"step": str(MovementKind(self.step).label)}
                return self._referred(
                    _("Nobody saw it; %(step)s during the count. Count the tray again.") % words
                )
            return _("Nobody saw it")
        if self.found in (Found.LEFT, Found.CAME):
            words = {"step": str(MovementKind(self.step).label) if self.step else ""}
            return self._referred(_("%(step)s during the count") % words)
        if self.found == Found.GONE:
            words = {"state": str(PieceState(self.state).label).lower()}
            return self._referred(_("Is %(state)s by the books") % words)
        if self.found == Found.MISPLACED and not self.place:
            return _("Lies nowhere by the books")
        sentences = {
            Found.MISPLACED: _("Belongs to %(place)s"),
            Found.OTHER_BRANCH: _("Belongs to %(place)s of another branch: send it there"),
            Found.LOST: _("Was written off, and is here"),
            Found.UNKNOWN: _("No tag of this shop"),
        }
        return sentences[self.found] % {"place": self.place}

    def _referred(self, fact: str) -> str:
        return f"{fact} · {self.reference}" if self.reference else fact


@dataclass(frozen=True, slots=True, kw_only=True)
class LotLine:
    """A lot on the scale; `cost` is what the difference is worth at average cost."""

    code: str
    name: str
    metal: str
    held: Quantity
    found: Quantity
    cost: Decimal

    @property
    def differs(self) -> bool:
        return self.held != self.found

    @property
    def difference(self) -> Quantity:
        return self.found + -self.held


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetResult:
    """One tray in its last round. Units: grams gross."""

    sheet: int
    place: str
    round: int
    state: str
    people: tuple[str, ...]
    started_at: datetime | None
    counted_at: datetime | None
    expected: int
    expected_g: Decimal
    seen: int
    seen_g: Decimal
    lines: tuple[Line, ...]
    lots: tuple[LotLine, ...]

    def of(self, *found: Found) -> list[Line]:
        return [line for line in self.lines if line.found in found]

    @property
    def missing(self) -> list[Line]:
        return self.of(Found.MISSING)

    @property
    def left(self) -> list[Line]:
        return self.of(Found.LEFT)

    @property
    def extra(self) -> list[Line]:
        return self.of(
            Found.MISPLACED, Found.OTHER_BRANCH, Found.LOST, Found.GONE, Found.UNKNOWN, Found.CAME
        )

    @property
    def differing_lots(self) -> list[LotLine]:
        return [lot for lot in self.lots if lot.differs]

    @property
    def agrees(self) -> bool:
        """Whether nothing is missing, nothing too much, and every lot weighs what it should."""
        open_lines = self.of(
            Found.MISSING,
            Found.MISPLACED,
            Found.OTHER_BRANCH,
            Found.LOST,
            Found.GONE,
            Found.UNKNOWN,
        )
        return not open_lines and not self.differing_lots


@dataclass(frozen=True, slots=True, kw_only=True)
class CountResult:
    """All trays, by name."""

    sheets: tuple[SheetResult, ...]

    @property
    def expected(self) -> int:
        return sum(sheet.expected for sheet in self.sheets)

    @property
    def expected_g(self) -> Decimal:
        return sum((sheet.expected_g for sheet in self.sheets), Decimal(0))

    @property
    def seen(self) -> int:
        return sum(sheet.seen for sheet in self.sheets)

    @property
    def seen_g(self) -> Decimal:
        return sum((sheet.seen_g for sheet in self.sheets), Decimal(0))

    @property
    def lines(self) -> Iterator[tuple[SheetResult, Line]]:
        for sheet in self.sheets:
            for line in sheet.lines:
                yield sheet, line

    @property
    def agrees(self) -> bool:
        return all(sheet.agrees for sheet in self.sheets)

    def as_json(self) -> dict[str, Any]:
        """For the record of the count: numbers as strings."""
        return {"sheets": [_plain(sheet) for sheet in self.sheets]}

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Self:
        """What `as_json` wrote."""
        return cls(sheets=tuple(_sheet(sheet) for sheet in record["sheets"]))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return str(value) if isinstance(value, StrEnum) else value


def _sheet(record: Mapping[str, Any]) -> SheetResult:
    return SheetResult(
        sheet=record["sheet"],
        place=record["place"],
        round=record["round"],
        state=record["state"],
        expected=record["expected"],
        expected_g=Decimal(record["expected_g"]),
        seen=record["seen"],
        seen_g=Decimal(record["seen_g"]),
        started_at=_moment(record["started_at"]),
        counted_at=_moment(record["counted_at"]),
        people=tuple(record["people"]),
        lines=tuple(
            Line(
                **{
                    **line,
                    "found": Found(line["found"]),
                    "done": Done(line["done"]),
                    "grams": Decimal(line["grams"]),
                    "cost": Decimal(line["cost"]),
                }
            )
            for line in record["lines"]
        ),
        lots=tuple(
            LotLine(
                **{
                    **lot,
                    "held": _quantity(lot["held"]),
                    "found": _quantity(lot["found"]),
                    "cost": Decimal(lot["cost"]),
                }
            )
            for lot in record["lots"]
        ),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _quantity(record: Mapping[str, Any]) -> Quantity:
    return Quantity(
        pieces=record["pieces"], grams=Decimal(record["grams"]), carats=Decimal(record["carats"])
    )
