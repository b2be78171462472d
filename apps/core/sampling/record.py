"""What was seen of one check, and what that is worth now. Pure: the time comes from outside.

Worse is believed at once, better after two looks in a row, so that a dependency
on the edge does not take every process in and out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from apps.core.sampling.check import Check, Reading, State

_GOOD_LOOKS_TO_RETURN: Final = 2
_LOOKED_AT_WHILE_BAD_EVERY_S: Final = 5.0

STARTING: Final = Reading(state=State.FAIL, word="starting")
STALE: Final = Reading(state=State.FAIL, word="stale")
TIMEOUT: Final = Reading(state=State.FAIL, word="timeout")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One check went from one state to another, or to another cause of the same."""

    at: datetime
    check: str
    before: State
    after: State
    word: str = ""
    finding: str = ""
    said: str = ""


@dataclass(slots=True, kw_only=True)  # frozen would make each of a dozen a probe thrice as dear
class Standing:
    """What a check is worth at one moment. Nobody changes it.

    age_s is None before the first look has ended; since is when the state began, in UTC.
    """

    name: str
    state: State
    gates: bool
    reading: Reading
    since: datetime
    age_s: float | None
    took_s: float | None
    in_a_row: int

    @property
    def word(self) -> str:
        return self.reading.word


@dataclass(slots=True, kw_only=True)
class Record:
    """The memory of one check. One thread begins and ends looks; any thread asks how it stands.

    `returns_after_s` holds a return to readiness back, so that not every process comes back at
    the same moment.
    """

    check: Check
    now: datetime
    returns_after_s: float = 0.0
    tell: Callable[[Change], None] = field(default=lambda change: None, repr=False)
    shown: Reading = STARTING
    since: datetime = field(init=False)
    _expires_after_s: float = field(init=False)
    looks: int = 0
    in_a_row: int = 0
    began_at: float | None = None
    ended_at: float | None = None
    took_s: float | None = None
    _good_since: float | None = None
    _good_looks: int = 0

    def __post_init__(self) -> None:
        self.since = self.now
        self._expires_after_s = self.check.expires_after_s

    def begin(self, *, at_s: float) -> None:
        """A look starts."""
        self.began_at = at_s

    def end(self, reading: Reading, *, at_s: float, now: datetime) -> None:
        """A look has ended with this. One that took too long is a timeout, whatever it found."""
        if self.began_at is not None:
            self.took_s = at_s - self.began_at
            if self.took_s > self.check.within_s:
                reading = TIMEOUT
        self.began_at = None
        self.ended_at = at_s
        self._take(reading, at_s=at_s, now=now)
        self.looks += 1

    def settle(self, *, at_s: float, now: datetime) -> None:
        """Write down what has become of it without a look: a deadline or an expiry that passed."""
        given_up = self._without_a_look(at_s)
        if given_up is None:
            return
        self._good_since, self._good_looks = None, 0
        if self.shown != given_up:
            self._show(given_up, now=now)

    def is_overdue(self, *, at_s: float) -> bool:
        """Whether a look is running past its deadline."""
        return self.began_at is not None and at_s - self.began_at > self.check.within_s

    def next_at(self) -> float | None:
        """When the next look is due, on the clock of `at_s`; None when none is needed."""
        if self.is_latched:
            return None
        if self.ended_at is None:
            return 0.0
        # What is not well is looked at more often: a return is not to wait for a slow cadence.
        every_s = self.check.every_s
        if self.shown.state is not State.PASS:
            every_s = min(every_s, _LOOKED_AT_WHILE_BAD_EVERY_S)
        return self.ended_at + every_s

    @property
    def is_latched(self) -> bool:
        """Whether it passed once and that is enough."""
        return self.check.latch and self.looks > 0 and self.shown.state is State.PASS

    def standing(self, *, at_s: float) -> Standing:
        """How it stands now, by the reader's clock: nobody needs to have looked."""
        reading = self._without_a_look(at_s) or self.shown
        return Standing(
            name=self.check.name,
            state=reading.state,
            gates=self.check.gates,
            reading=reading,
            since=self.since,
            age_s=None if self.ended_at is None else at_s - self.ended_at,
            took_s=self.took_s,
            in_a_row=self.in_a_row,
        )

    def _without_a_look(self, at_s: float) -> Reading | None:
        """A timeout or an expiry, if there is one."""
        if self.is_overdue(at_s=at_s):
            return TIMEOUT
        if self.is_latched or self.ended_at is None:
            return None
        if at_s - self.ended_at > self._expires_after_s and self.shown.state is not State.FAIL:
            return STALE
        return None

    def _take(self, reading: Reading, *, at_s: float, now: datetime) -> None:
        first = self.looks == 0 and self.shown is STARTING
        if reading.state.weight >= self.shown.state.weight or first:
            self._good_since, self._good_looks = None, 0
            self._show(reading, now=now)
            return
        self._good_looks += 1
        if self._good_since is None:
            self._good_since = at_s
        waited = at_s - self._good_since >= self.returns_after_s or not self.check.gates
        if self._good_looks >= _GOOD_LOOKS_TO_RETURN and waited:
            self._good_since, self._good_looks = None, 0
            self._show(reading, now=now)

    def _show(self, reading: Reading, *, now: datetime) -> None:
        before = self.shown
        self.shown = reading
        if (before.state, before.word) == (reading.state, reading.word):
            self.in_a_row += 1
            return
        self.in_a_row = 1
        self.since = now
        if before is STARTING and reading.state is State.PASS:
            return  # coming up is no news
        self.tell(
            Change(
                at=now,
                check=self.check.name,
                before=before.state,
                after=reading.state,
                word=reading.word,
                finding=reading.finding,
                said=reading.said,
            )
        )
