"""What Prometheus may read of this server, on the probe port at /metrics/.

A scrape reaches one worker, whichever the kernel chose, so each answers for all of them from the
board they share; `worker` is a row of it, which a successor takes over. Numbers about the
installation, never about a shop, and no name of a host: only words that are written here or in
the checks. Everything comes from memory.

Source: Prometheus, "Exposition formats", text format 0.0.4; "Metric and label naming".
"""

import time
from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.conf import settings
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from apps.core.measurements import measured
from apps.core.sampling.board import Row
from apps.core.sampling.check import State
from apps.core.sampling.requests import Load
from apps.core.sampling.station import BEAT_EXPIRES_AFTER_S, BEAT_LATE_AFTER_S, Station

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
# One series for a check, where an enumeration would take three: worse is lower, so that
# `min by (check)` is the worst of all workers, and `== 0` reads like that of `up`.
_VALUES: Final = {State.PASS: 1.0, State.WARN: 0.5, State.FAIL: 0.0}


def page(station: Station) -> bytes:
    """The metrics of all processes of this server in Prometheus' text format."""
    return generate_latest(_Scrape(station))


class _Scrape(Collector):
    """One look at the board. Made for each scrape: nothing is registered for the process."""

    def __init__(self, station: Station) -> None:
        self._station = station
        # The clock of the board is CLOCK_MONOTONIC, one for the whole machine.
        self._at_s = time.monotonic()
        self._rows = station.neighbours()
        # Who is late cannot vouch for what it watches: of it only the beat is told.
        self._vouched = [row for row in self._rows if self._beat_age_s(row) <= BEAT_LATE_AFTER_S]

    def collect(self) -> Iterator[Metric]:
        yield from self._server()
        yield from self._processes()
        yield from self._slots()
        yield from self._checks()
        yield from self._counters()
        yield from measured(row.said["checks"] for row in self._vouched)

    def _server(self) -> Iterator[Metric]:
        build = InfoMetricFamily(
            "jewelry_shop_build", "Which release this is, and whether it serves pages or runs jobs."
        )
        build.add_metric(
            (), {"release": settings.HEALTH["RELEASE"], "kind": self._station.options.kind}
        )
        yield build
        draining = _gauge("draining", "1 once this server takes no new work, before it stops.")
        draining.add_metric((), float(self._station.is_draining))
        clock = _gauge("time_seconds", "What this server takes for the time, as of 1970 in UTC.")
        clock.add_metric((), time.time())
        yield from (draining, clock)

    def _processes(self) -> Iterator[Metric]:
        beat = _gauge(
            "sampler_beat_age_seconds",
            "Since the watchdog over the checks of this worker last ran.",
            "worker",
        )
        uptime = _gauge("uptime_seconds", "Since this worker began to look.", "worker")
        status = _gauge(
            "health_status",
            "What this worker answers to a probe: 1 pass, 0.5 warn, 0 fail.",
            "worker",
            "probe",
        )
        alive = not self._are_all_stuck()
        for row in self._rows:
            worker = str(row.number)
            age_s = self._beat_age_s(row)
            beat.add_metric((worker,), age_s)
            uptime.add_metric((worker,), self._at_s - row.said["opened_s"])
            lives = alive and age_s <= BEAT_EXPIRES_AFTER_S and not any(row.said["vitals"].values())
            live = State.PASS if lives else State.FAIL
            status.add_metric((worker, "live"), _VALUES[live])
            status.add_metric((worker, "ready"), _VALUES[self._ready(row)])
            status.add_metric((worker, "startup"), _VALUES[self._startup(row)])
        yield from (beat, uptime, status)

    def _slots(self) -> Iterator[Metric]:
        slots = _gauge(
            "request_slots", "Requests, or jobs, that this worker can work on at once.", "worker"
        )
        busy = _gauge(
            "request_slots_busy", "Requests, or jobs, that this worker is at work on.", "worker"
        )
        stuck = _gauge(
            "request_slots_stuck_seconds",
            "For how long the same requests have held every slot of this worker; 0 with one free.",
            "worker",
        )
        for row in self._rows:
            worker = (str(row.number),)
            load = _load(row)
            slots.add_metric(worker, load.slots)
            busy.add_metric(worker, load.busy)
            stuck.add_metric(worker, load.stuck_for_s(at_s=self._at_s))
        yield from (slots, busy, stuck)

    def _checks(self) -> Iterator[Metric]:
        status = _gauge(
            "health_check_status",
            "1 pass, 0.5 warn, 0 fail; group is ready when readiness hangs on it, else warn.",
            "worker",
            "check",
            "group",
        )
        cause = InfoMetricFamily(
            "jewelry_shop_health_check_cause",
            "Why a check does not pass: a word of a closed list, and the code of the finding.",
            labels=("worker", "check"),
        )
        took = _gauge(
            "health_check_duration_seconds", "How long the last look took.", "worker", "check"
        )
        age = _gauge(
            "health_check_age_seconds",
            "Since the last look ended, by a clock that nobody sets.",
            "worker",
            "check",
        )
        for row in self._vouched:
            worker = str(row.number)
            for one in row.said["checks"]:
                name = one["name"]
                group = "ready" if one["gates"] else "warn"
                status.add_metric((worker, name, group), _VALUES[State(one["state"])])
                if one["word"]:
                    cause.add_metric(
                        (worker, name), {"cause": one["word"], "finding": one["finding"]}
                    )
                if one["took_s"] is not None:
                    took.add_metric((worker, name), one["took_s"])
                if one["age_s"] is not None:
                    age.add_metric((worker, name), one["age_s"] + self._beat_age_s(row))
        yield from (status, cause, took, age)

    def _counters(self) -> Iterator[Metric]:
        transitions = CounterMetricFamily(
            "jewelry_shop_health_check_transitions",
            "How often a check went to another state, or to another cause of the same.",
            labels=("worker", "check", "to"),
        )
        probes = CounterMetricFamily(
            "jewelry_shop_health_probes",
            "Probes that this worker answered.",
            labels=("worker", "endpoint", "code"),
        )
        for row in self._rows:
            worker = str(row.number)
            for check, to, count in row.said["transitions"]:
                transitions.add_metric((worker, check, to), count)
            for path, status, count in row.said["probes"]:
                probes.add_metric((worker, path, str(status)), count)
        yield from (transitions, probes)

    def _beat_age_s(self, row: Row) -> float:
        beat_s: float = row.said["beat_s"]
        return max(0.0, self._at_s - beat_s)

    def _are_all_stuck(self) -> bool:
        limit_s = self._station.options.stuck_after_s
        loads = [_load(row) for row in self._rows]
        return bool(loads) and all(load.stuck_for_s(at_s=self._at_s) > limit_s for load in loads)

    def _ready(self, row: Row) -> State:
        if self._station.is_draining or self._beat_age_s(row) > BEAT_LATE_AFTER_S:
            return State.FAIL
        checks = [one for one in row.said["checks"] if one["name"] != "program"]
        if self._startup(row) is State.FAIL or _any_fails(one for one in checks if one["gates"]):
            return State.FAIL
        return State.PASS if all(one["state"] == State.PASS for one in checks) else State.WARN

    def _startup(self, row: Row) -> State:
        """Everything was looked at once, and the program is whole; of the server for good."""
        if self._station.seat.board.has_started:
            return State.PASS
        checks = row.said["checks"]
        # A worker without its database says `starting` of its jobs, and was looked at all the same.
        starting = any(one["word"] == "starting" and one["age_s"] is None for one in checks)
        broken = any(one["state"] != State.PASS for one in checks if one["name"] == "program")
        return State.FAIL if starting or broken else State.PASS


def _any_fails(checks: Iterable[dict[str, Any]]) -> bool:
    return any(one["state"] == State.FAIL for one in checks)


def _load(row: Row) -> Load:
    said = row.said
    return Load(slots=said["slots"], busy=said["busy"], newest_began_s=said["newest_began_s"])


def _gauge(name: str, meaning: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"jewelry_shop_{name}", meaning, labels=labels)
