"""Twenty-four hours of a check as 96 bars: SVG coordinates and a sentence that says the same.

Readable without colour: works is low, slow or late two thirds, down the full
height, not measured hollow. Time runs left to right in every language.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.core.formatting import clock
from apps.core.sampling.check import State
from apps.core.sampling.ring import QUARTER, Cell, Cells, last_quarters
from apps.core.status.facts import duration

HEIGHT: Final = 24
STEP: Final = 6
_WIDTH: Final = 4
# Of a bar: where its top is.
_TOPS: Final = {State.PASS: 16, State.WARN: 8, State.FAIL: 0}
# How many times a sentence names, the last ones; a listener cannot skim.
_SPANS_TOLD: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """Paths of the bars by what they say, and the sentence."""

    works: str
    slow: str
    down: str
    unmeasured: str
    sentence: str


def strip(name: str, what: str, cells: Cells, *, at: datetime) -> Strip:
    """Draw the check `name`, which the reader knows as `what`."""
    quarters = last_quarters(at)
    states = [
        cell.state if (cell := cells.get((quarter, name))) is not None else None
        for quarter in quarters
    ]
    return Strip(
        works=_bars(states, State.PASS),
        slow=_bars(states, State.WARN),
        down=_bars(states, State.FAIL),
        unmeasured=_hollows(states),
        sentence=_sentence(what, quarters, states, at=at),
    )


def with_now(
    cells: Cells, name: str, cell: Cell, *, at: datetime
) -> dict[tuple[datetime, str], Cell]:
    """As the quarter is that `at` lies in, if `cell` is worse than what it knew."""
    key = (last_quarters(at)[-1], name)
    known = cells.get(key)
    if known is not None and known.state.weight >= cell.state.weight:
        return dict(cells)
    return {**cells, key: cell}


def _bars(states: Sequence[State | None], of: State) -> str:
    top = _TOPS[of]
    return "".join(
        f"M{index * STEP} {top}h{_WIDTH}v{HEIGHT - top}h-{_WIDTH}z"
        for index, state in enumerate(states)
        if state is of
    )


def _hollows(states: Sequence[State | None]) -> str:
    # Half a unit inside, so that the line around it is as wide as a bar.
    return "".join(
        f"M{index * STEP + 0.5} 18.5h3v5h-3z" for index, state in enumerate(states) if state is None
    )


def _sentence(
    what: str, quarters: Sequence[datetime], states: Sequence[State | None], *, at: datetime
) -> str:
    told = [_span(state, first, last, at=at) for state, first, last in _spans(quarters, states)]
    measured = sum(state is not None for state in states)
    if not measured:
        return _("%(name)s, the last 24 hours: not measured.") % {"name": what}
    if told[_SPANS_TOLD:]:
        earlier = _("%(n)s times before that") % {"n": len(told) - _SPANS_TOLD}
        told = [earlier, *told[-_SPANS_TOLD:]]
    told.append(_("works otherwise") if told else _("works all the time"))
    if missing := len(states) - measured:
        time = duration(missing * QUARTER.total_seconds())
        told.append(_("not measured for %(time)s") % {"time": time})
    return _("%(name)s, the last 24 hours: %(times)s.") % {
        "name": what,
        "times": pgettext("between times", "; ").join(told),
    }


def _spans(
    quarters: Sequence[datetime], states: Sequence[State | None]
) -> Iterable[tuple[State, datetime, datetime]]:
    """State, begin and end of each stretch that was not well."""
    for state, several in groupby(zip(states, quarters, strict=True), key=lambda one: one[0]):
        members = [quarter for _state, quarter in several]
        if state is not None and state is not State.PASS:
            yield state, members[0], members[-1] + QUARTER


def _span(state: State, first: datetime, last: datetime, *, at: datetime) -> str:
    times = {"begin": clock(first), "end": clock(min(last, at))}
    if state is State.FAIL:
        return _("down between %(begin)s and %(end)s") % times
    return _("slow or late between %(begin)s and %(end)s") % times
