"""The body of /health/detailed/: everything this process knows, for those who may.

The keys are those of draft-inadarei-api-health-check-06; ours begin with `x`.
Each check has an entry under `component:measurement`, and one more for each
further thing it measured. Words and codes say why; texts of servers are for the
log and for /status/.
"""

import math
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from apps.core.sampling.check import Check, Observation, State
from apps.core.sampling.record import Change, Standing
from apps.core.sampling.station import Station
from apps.core.sampling.verdict import verdict

_Entry = dict[str, Any]
_SERVERS: Final = {"web": "web server", "worker": "worker for jobs"}


def body(
    station: Station, *, groups: Mapping[str, Sequence[Standing]], release: str
) -> dict[str, Any]:
    """All of it. `groups` are live, startup and ready as they stand; their worst is the status."""
    kind = station.options.kind
    now = datetime.now(UTC)
    standings = station.everything()
    states = {name: verdict(members) for name, members in groups.items()}
    return {
        "status": max(states.values(), key=lambda state: state.weight),
        "serviceId": f"jewelry-shop-{kind}",
        "version": "1",
        **({"releaseId": release} if release else {}),
        "description": f"jewelry-shop, {_SERVERS[kind]}",
        "notes": [
            f"{one.name}: {one.word} since {_written(one.since)}"
            for one in standings
            if one.state is not State.PASS
        ],
        "xGroup": states,
        "xDraining": station.is_draining,
        "checks": _checks(station, standings, groups, now),
        "xWorkers": [
            {
                "row": row.number,
                "pid": row.pid,
                "busy": row.said["busy"],
                "slots": row.said["slots"],
                "beatAgeMs": _ms(time.monotonic() - row.said["beat_s"]),
            }
            for row in station.neighbours()
        ],
        "xHistory": [_told(change) for change in reversed(list(station.sampler.changes))],
        "links": {"about": "/status/"},
    }


def _checks(
    station: Station,
    standings: Sequence[Standing],
    groups: Mapping[str, Sequence[Standing]],
    now: datetime,
) -> dict[str, list[_Entry]]:
    checks: dict[str, list[_Entry]] = {}
    for one in standings:
        check = station.sampler.checks.get(one.name)
        memberships = [
            name for name, members in groups.items() if any(m.name == one.name for m in members)
        ]
        for measurement, entry in _entries(one, check, memberships, now):
            checks.setdefault(measurement, []).append(entry)
    checks["uptime"] = [
        {
            "componentType": "system",
            "observedValue": round(station.uptime_s, 1),
            "observedUnit": "s",
            "status": State.PASS,
            "time": _written(now),
        }
    ]
    return checks


def _entries(
    one: Standing, check: Check | None, memberships: list[str], now: datetime
) -> list[tuple[str, _Entry]]:
    """The check itself, then what it measured beside the time it took."""
    kind = check.component_type if check else "system"
    seen_at = _written(now - timedelta(seconds=one.age_s or 0.0))
    own = f"{one.name}:responseTime" if check else one.name
    itself: _Entry = {"componentType": kind}
    took = next((seen for seen in one.reading.observed if seen.measurement == own), None)
    if took:
        itself |= _value(took)
    elif check and (took_s := _took_s(one, check)) is not None:
        itself |= {"observedValue": _ms(took_s), "observedUnit": "ms"}
    itself |= {
        "status": one.state,
        "time": seen_at,
        **({"output": one.word} if one.word else {}),
        "xGroups": memberships,
        "xCritical": one.gates,
        **({"xDeadlineMs": _ms(check.within_s)} if check else {}),
        "xAgeMs": None if one.age_s is None else _ms(one.age_s),
        "xSince": _written(one.since),
        "xConsecutive": one.in_a_row,
        **({"xFinding": one.reading.finding} if one.reading.finding else {}),
    }
    rest = [
        (
            seen.measurement,
            {"componentType": kind}
            | _value(seen)
            | {"status": seen.state, "time": seen_at}
            | ({"output": seen.word} if seen.word else {}),
        )
        for seen in one.reading.observed
        if seen is not took
    ]
    return [(own, itself), *rest]


def _value(seen: Observation) -> _Entry:
    value = seen.value
    if isinstance(value, float) and not math.isfinite(value):
        value = None  # JSON has no word for it
    return {
        **({"componentId": seen.component} if seen.component else {}),
        "observedValue": value,
        **({"observedUnit": seen.unit} if seen.unit else {}),
    }


def _took_s(one: Standing, check: Check) -> float | None:
    """A look that was given up took at least its deadline."""
    return check.within_s if one.word == "timeout" else one.took_s


def _told(change: Change) -> dict[str, Any]:
    return {
        "time": _written(change.at),
        "check": change.check,
        "from": change.before,
        "to": change.after,
        **({"output": change.word} if change.word else {}),
        **({"xFinding": change.finding} if change.finding else {}),
    }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def _written(moment: datetime) -> str:
    """RFC 3339, in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
