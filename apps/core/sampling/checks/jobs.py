"""Whether a worker takes jobs, and whether its event loop still turns."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from apps.core.sampling.check import Check, Observation, Reading, State

# Every second is meant; a loop this late takes no job in time.
LATE_AFTER_S: Final = 10.0
# No pause any more: only a restart gets it going again.
STUCK_AFTER_S: Final = 60.0


@dataclass(slots=True)
class Progress:
    """What the event loop of a worker writes down, and other threads read.

    is_taking  jobs are fetched from the queue
    running    how many are being run
    """

    clock: Callable[[], float] = time.monotonic
    is_taking: bool = False
    has_taken: bool = False
    running: int = 0
    _beat_at_s: float | None = None

    def beat(self) -> None:
        """The loop turns. Call it from the loop, every second."""
        self._beat_at_s = self.clock()

    def takes(self, yes: bool) -> None:
        """Jobs are fetched from now on, or no more."""
        self.is_taking = yes
        self.has_taken = self.has_taken or yes

    @property
    def late_s(self) -> float:
        """How long ago the loop last turned; 0 before it first did."""
        return 0.0 if self._beat_at_s is None else self.clock() - self._beat_at_s

    def word_of_loop(self) -> str:
        """What liveness fails with, or nothing."""
        return "stuck" if self.late_s > STUCK_AFTER_S else ""


def build(progress: Progress) -> Check:
    """Fails while no job would be taken: the worker starts, lost its database, or is stuck."""

    def look() -> Reading:
        observed = (
            Observation(measurement="jobs:running", value=progress.running, unit="jobs"),
            Observation(measurement="jobs:loopLag", value=_tenths(progress.late_s), unit="s"),
        )
        if word := _word(progress):
            return Reading(state=State.FAIL, word=word, observed=observed)
        return Reading(observed=observed)

    return Check(
        name="jobs",
        look=look,
        every_s=1.0,
        within_s=0.5,
        gates=True,
        component_type="component",
        meaning=_("Takes and runs jobs"),
    )


def _word(progress: Progress) -> str:
    if word := progress.word_of_loop():
        return word
    if progress.late_s > LATE_AFTER_S:
        return "late"
    if progress.is_taking:
        return ""
    return "unreachable" if progress.has_taken else "starting"


def _tenths(seconds: float) -> float:
    return math.floor(seconds * 10) / 10
