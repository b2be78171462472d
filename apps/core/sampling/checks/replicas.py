"""How far the copies of the database are behind. They serve reports; a failover waits for them."""

import time
from collections import deque
from collections.abc import Callable
from typing import Final

import psycopg
from django.utils.translation import gettext_lazy as _

from apps.core.sampling.causes import cause_of
from apps.core.sampling.check import Check, Observation, Reading, State, nothing
from apps.core.sampling.checks.asking import SIDE_WITHIN_S, ask_aside, no_answer
from apps.core.sampling.link import Link

_EVERY_S: Final = 5.0
# What is read may have been true a moment ago (settings.DATABASES); this is more than a moment.
BEHIND_AFTER_S: Final = 10.0
_NOTES_KEPT: Final = 720  # an hour of looks
_WRITTEN: Final = """
    SELECT CASE WHEN pg_is_in_recovery() THEN NULL
                ELSE pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint END
"""
# The age of what was replayed last says nothing alone: it grows while nothing is written.
_REPLAYED: Final = """
    SELECT pg_is_in_recovery(),
           pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint,
           coalesce(extract(epoch FROM now() - pg_last_xact_replay_timestamp()), 0)::float8
"""
# Without pg_monitor a role sees that somebody follows, and nothing more.
_FOLLOWERS: Final = "SELECT count(*) FROM pg_stat_replication"


class Lag:
    """How long ago the primary was where the replica is now, by notes of the primary's place."""

    def __init__(self) -> None:
        # The first is of a place that the replica has reached, if it is known to have reached any.
        self._notes: deque[tuple[float, int]] = deque(maxlen=_NOTES_KEPT)

    def seconds(self, *, at_s: float, written: int, replayed: int, last_s: float) -> float:
        """0 when the replica has all that was noted before this moment.

        last_s is the age of the last transaction replayed: all that is known of a replica that is
        behind our very first note.
        """
        while len(self._notes) > 1 and self._notes[1][1] <= replayed:
            self._notes.popleft()
        behind = [at for at, place in self._notes if place > replayed]
        reached_one = len(behind) < len(self._notes)
        self._notes.append((at_s, written))
        if not behind:
            return 0.0
        known = at_s - behind[0]
        return known if reached_one else max(known, last_s)


class Replica:
    """A replica that is configured, beside the primary it follows."""

    def __init__(
        self, primary: Link, replica: Link, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._primary, self._replica = primary, replica
        self._clock = clock
        self._lag = Lag()

    def look(self) -> Reading:
        """One look. Observes the lag."""
        try:
            (written,) = ask_aside(self._primary, _WRITTEN).row
        except psycopg.Error as failure:
            return no_answer(failure, link=self._primary)
        try:
            answer = self._replica.ask(_REPLAYED, within_s=SIDE_WITHIN_S, urgent=True)
        except psycopg.Error as failure:
            cause = cause_of(failure, secrets=self._replica.secrets)
            return cause.reading(state=State.WARN, observed=(_seen(None, cause.word),))
        follows, replayed, last_s = answer.row
        # A name for replicas leads to the primary where there is none, or after a promotion.
        if not follows or written is None:
            return Reading(observed=(_seen(0.0),))
        lag_s = self._lag.seconds(
            at_s=self._clock(), written=written, replayed=replayed or 0, last_s=last_s
        )
        if lag_s < BEHIND_AFTER_S:
            return Reading(observed=(_seen(lag_s),))
        said = f"the replica is {lag_s:.0f} s behind"
        return Reading(state=State.WARN, word="lag", said=said, observed=(_seen(lag_s, "lag"),))


def build(primary: Link, replica: Link | None) -> Check:
    """Of the replica that is configured; without one, how many servers follow the primary."""
    return Check(
        name="replicas",
        look=(lambda: count(primary)) if replica is None else Replica(primary, replica).look,
        every_s=_EVERY_S,
        within_s=2.0,
        give_up=nothing if replica is None else replica.cut,
        component_type="datastore",
        meaning=_("Can take over at once"),
    )


def count(primary: Link) -> Reading:
    """One look. Observes the servers that follow, if there are any."""
    try:
        (followers,) = ask_aside(primary, _FOLLOWERS).row
    except psycopg.Error as failure:
        return no_answer(failure, link=primary)
    if not followers:
        return Reading()
    seen = Observation(measurement="replication:followers", value=followers, unit="servers")
    return Reading(observed=(seen,))


def _seen(lag_s: float | None, word: str = "") -> Observation:
    return Observation(
        measurement="replication:lag",
        component="replica",
        value=None if lag_s is None else round(lag_s, 1),
        unit="s",
        state=State.WARN if word else State.PASS,
        word=word,
    )
