"""How each check stands now, by what all processes of this server last said."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from apps.core.sampling.check import State
from apps.core.sampling.station import Station, told

# A process that has not written its row for so long is stopped, or gone.
_SPOKE_WITHIN_S: Final = 5.0
# What is not named here stands last.
_ORDER: Final = {
    name: place
    for place, name in enumerate(
        (
            "database",
            "replicas",
            "connections",
            "certificates",
            "queue",
            "jobs",
            "cache",
            "requests",
            "site",
            "disk",
            "temporary",
            "migrations",
            "program",
        )
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A check as the worst of this server's processes has it.

    is_vital: a station's word of itself, which is worth a row only when it is not well.
    is_read: not seen here; the tables tell what another server last saw.
    """

    name: str
    state: State
    word: str = ""
    finding: str = ""
    said: str = ""
    gates: bool = False
    since: datetime | None = None
    observed: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    is_vital: bool = False
    is_read: bool = False

    @property
    def is_measured(self) -> bool:
        return self.word != "starting"

    @property
    def is_well(self) -> bool:
        return self.state is State.PASS


def seen_by(station: Station) -> list[Seen]:
    """Every check of this server, the most important first, then what stations say of themselves.

    This process is asked itself, and its neighbours by what they wrote on the board.
    """
    checks = set(station.sampler.checks)
    at_s = time.monotonic()
    said = [told(one) for one in station.everything()]
    for row in station.neighbours():
        if row.number != station.seat.number and at_s - row.said["beat_s"] < _SPOKE_WITHIN_S:
            said += row.said["checks"]
            checks |= {one["name"] for one in row.said["checks"]}
    by_name: dict[str, list[Mapping[str, Any]]] = {}
    for one in said:
        by_name.setdefault(one["name"], []).append(one)
    seen = [_worst(several, is_vital=name not in checks) for name, several in by_name.items()]
    return sorted(seen, key=lambda one: (one.is_vital, _ORDER.get(one.name, len(_ORDER)), one.name))


def is_away(seen: Iterable[Seen]) -> bool:
    """Whether the database is known not to answer as it should."""
    return any(
        one.name == "database" and one.state is State.FAIL and one.is_measured for one in seen
    )


def _worst(several: list[Mapping[str, Any]], *, is_vital: bool) -> Seen:
    # One that has looked knows more than one that is starting.
    looked = [one for one in several if one["word"] != "starting"] or several
    worst = max(looked, key=lambda one: State(one["state"]).weight)
    alike = [one for one in looked if one["state"] == worst["state"]]
    observed: list[Any] = next((one["observed"] for one in alike if one["observed"]), [])
    return Seen(
        name=worst["name"],
        state=State(worst["state"]),
        word=worst["word"],
        finding=worst["finding"],
        said=worst["said"],
        gates=worst["gates"],
        since=min(datetime.fromisoformat(one["since"]) for one in alike),
        observed=tuple(observed),
        is_vital=is_vital,
    )
