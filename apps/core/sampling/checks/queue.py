"""Does somebody do the queued work? Mail, exports and housekeeping, kept in the database."""

import math
import time
from collections.abc import Callable
from typing import Final

import psycopg
from django.utils.translation import gettext_lazy as _

from apps.core.sampling.check import Check, Observation, Reading, State
from apps.core.sampling.checks.asking import ask_aside, no_answer
from apps.core.sampling.link import Link

# A receipt is waited for at the counter; and the housekeeping of each minute is done by then.
LATE_AFTER_S: Final = 60.0
# Four of a worker's heartbeats (10 s) lost, and told within a minute of the last one.
SILENT_AFTER_S: Final = 45.0
# A job that has no time set has been due since it was put into the queue.
_QUEUE: Final = """
    WITH due AS (
        SELECT coalesce(j.scheduled_at,
                        (SELECT min(e.at) FROM procrastinate_events e WHERE e.job_id = j.id)) AS at
          FROM procrastinate_jobs j
         WHERE j.status = 'todo' AND coalesce(j.scheduled_at, now()) <= now()
    )
    SELECT (SELECT count(*) FROM due),
           (SELECT extract(epoch FROM now() - min(at))::float8 FROM due),
           (SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'),
           (SELECT extract(epoch FROM now() - max(last_heartbeat))::float8
              FROM procrastinate_workers)
"""


def build(link: Link, *, clock: Callable[[], float] = time.monotonic) -> Check:
    return Check(
        name="queue",
        look=Queue(link, clock=clock).look,
        every_s=10.0,
        within_s=2.0,
        component_type="component",
        meaning=_("Receipts, mails, exports"),
    )


class Queue:
    """Remembers when a worker was known.

    One that starts with us has not said so yet, and one that ends in order takes its name away.
    """

    def __init__(self, link: Link, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._link = link
        self._clock = clock
        self._known_at_s = clock()

    def look(self) -> Reading:
        """One look. Observes what waits and since when, what failed, and a worker's last word."""
        reading = look(self._link, unknown_s=self._clock() - self._known_at_s)
        if any(one.measurement == "queue:heartbeatAge" for one in reading.observed):
            self._known_at_s = self._clock()
        return reading


def look(link: Link, *, unknown_s: float = math.inf) -> Reading:
    """One look. Observes what waits and since when, what failed, and when a worker last spoke.

    unknown_s is for how long no worker may have been known, should none be now.
    """
    try:
        waiting, oldest_s, failed, heartbeat_s = ask_aside(link, _QUEUE).row
    except psycopg.Error as failure:
        return no_answer(failure, link=link)
    late = oldest_s is not None and oldest_s > LATE_AFTER_S
    silent = (unknown_s if heartbeat_s is None else heartbeat_s) > SILENT_AFTER_S
    observed = (
        _seen("waiting", waiting, "jobs"),
        _seen("oldest", _rounded(oldest_s) or 0.0, "s", "late" if late else ""),
        _seen("failed", failed, "jobs"),
        *(
            []
            if heartbeat_s is None
            else [_seen("heartbeatAge", _rounded(heartbeat_s), "s", "stale" if silent else "")]
        ),
    )
    if silent:
        last = "none is known" if heartbeat_s is None else f"the last {heartbeat_s:.0f} s ago"
        said = f"no worker has said for {SILENT_AFTER_S:.0f} s that it lives; {last}"
        return Reading(state=State.WARN, word="stale", said=said, observed=observed)
    if late:
        said = f"{waiting} jobs wait, the oldest for {oldest_s:.0f} s"
        return Reading(state=State.WARN, word="late", said=said, observed=observed)
    return Reading(observed=observed)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(max(0.0, seconds), 1)


def _seen(name: str, value: float | None, unit: str, word: str = "") -> Observation:
    return Observation(
        measurement=f"queue:{name}",
        value=value,
        unit=unit,
        state=State.WARN if word else State.PASS,
        word=word,
    )
