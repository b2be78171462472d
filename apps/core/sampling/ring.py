"""The last 24 hours in quarters, in memory. Pure: the time comes from outside."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from apps.core.sampling.check import State

QUARTER: Final = timedelta(minutes=15)
QUARTERS: Final = 96


class Cell(NamedTuple):
    """A check in a quarter: the worst it was, and the word for it."""

    state: State
    word: str = ""


Key = tuple[datetime, str]  # when the quarter begins, and the check
Cells = Mapping[Key, Cell]


def quarter_of(at: datetime) -> datetime:
    """When its quarter of an hour began. `at` is aware."""
    return at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)


def last_quarters(at: datetime) -> list[datetime]:
    """The quarters of a strip, the oldest first; the last is the one that `at` is in."""
    newest = quarter_of(at)
    return [newest - back * QUARTER for back in reversed(range(QUARTERS))]


def worst_of(*several: Cells) -> dict[Key, Cell]:
    """What all of them tell, and where they differ the worse."""
    worst: dict[Key, Cell] = {}
    for cells in several:
        for key, cell in cells.items():
            known = worst.get(key)
            if known is None or cell.state.weight > known.state.weight:
                worst[key] = cell
    return worst


class Ring:
    """One process's own 24 hours; what is older is forgotten. The caller holds the lock."""

    def __init__(self) -> None:
        self._cells: dict[Key, Cell] = {}

    def see(self, name: str, cell: Cell, *, at: datetime) -> Key | None:
        """Keep it if it is news: the check is worse than this quarter knew it, or was unknown."""
        key = (quarter_of(at), name)
        known = self._cells.get(key)
        if known is not None and known.state.weight >= cell.state.weight:
            return None
        self._cells[key] = cell
        return key

    def forget(self, *, at: datetime) -> None:
        """Let go of what no strip shows any more."""
        oldest = quarter_of(at) - (QUARTERS - 1) * QUARTER
        for key in [key for key in self._cells if key[0] < oldest]:
            del self._cells[key]

    def cells(self) -> dict[Key, Cell]:
        return dict(self._cells)

    def __contains__(self, key: Key) -> bool:
        return key in self._cells

    def __getitem__(self, key: Key) -> Cell:
        return self._cells[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._cells)

    def __len__(self) -> int:
        return len(self._cells)
