"""What is looked at, and what a look says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final


class State(StrEnum):
    """How something is. The values are those of draft-inadarei-api-health-check-06."""

    PASS = "pass"  # noqa: S105 - no password
    WARN = "warn"
    FAIL = "fail"

    @property
    def weight(self) -> int:
        """0 is good; a higher one is worse."""
        return _WEIGHTS[self]


_WEIGHTS: Final = {State.PASS: 0, State.WARN: 1, State.FAIL: 2}

# The only words that say why, for whoever may know it. Never a server's own text: that goes to
# the log and to `said`.
WORDS: Final = frozenset(
    {
        "auth",
        "disk",
        "dns",
        "draining",
        "error",
        "expired",
        "expiring",
        "full",
        "lag",
        "late",
        "pending",
        "pool",
        "read_only",
        "refused",
        "stale",
        "starting",
        "stuck",
        "timeout",
        "tls",
        "unbound",
        "unreachable",
        "wedged",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One measured value: an entry of `checks` in a health answer, under its `measurement`.

    `measurement` is `component:measurement`, such as `database:responseTime`; `component` says
    which one of several, such as `primary`.
    """

    measurement: str
    value: Any
    unit: str = ""
    component: str = ""
    state: State = State.PASS
    word: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one look found.

    `finding` is the doctor's code of the cause, `said` what the other side said of it, without
    secrets; both are for the log and for those who may know.
    """

    state: State = State.PASS
    word: str = ""
    finding: str = ""
    said: str = ""
    observed: tuple[Observation, ...] = ()

    def __post_init__(self) -> None:
        if self.word and self.word not in WORDS:
            raise ValueError(f"{self.word!r} is not one of the words for a cause")
        if (self.state is State.PASS) != (not self.word):
            raise ValueError(f"{self.state} with the word {self.word!r}: a cause, or none, for it")


def nothing() -> None:
    """For a check that cannot be cut short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Something that is looked at again and again, in a thread of its own.

    `look` may block; it raises nothing on purpose, and what it raises reads as `error`. Past
    `within_s` the reader takes it for failed, whatever it is doing, and the watchdog calls
    `give_up` once, from another thread, to free it.

    gates   readiness fails with it. Otherwise it warns at most, whatever it says.
    latch   once passed, it is not looked at again and does not expire.
    """

    name: str
    look: Callable[[], Reading]
    every_s: float
    within_s: float
    gates: bool = False
    latch: bool = False
    give_up: Callable[[], None] = nothing
    component_type: str = "component"
    meaning: Any = field(default="", repr=False)  # what it is for, translated lazily

    @property
    def expires_after_s(self) -> float:
        """A last good look older than this proves nothing any more."""
        return max(2.5 * self.every_s, self.every_s + 2 * self.within_s)
