"""The values that checks measured, as metrics in base units.

All workers of a server look at the same database, disk and queue: told is what was seen last,
by whomever, and without a worker's name. A check that is late or failed has measured nothing,
and its metrics are left out rather than repeated.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from prometheus_client.core import GaugeMetricFamily

Told = dict[str, Any]  # a standing as the board holds it: apps.core.sampling.station.told


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """How one measurement of a check becomes a gauge.

    label   what the component of the observation is: `server`, `folder`
    scale   what one unit of the observation is in the unit of the metric
    """

    measured_as: str
    name: str
    meaning: str
    label: str = ""
    scale: float = 1.0


MEASUREMENTS: Final = (
    Measurement(
        measured_as="tls:daysToExpiry",
        name="database_certificate_remaining_seconds",
        meaning="Until the certificate ends that this server of the database shows.",
        label="server",
        scale=86_400,
    ),
    Measurement(
        measured_as="replication:lag",
        name="database_replica_lag_seconds",
        meaning="How far what the replica shows is behind the primary.",
    ),
    Measurement(
        measured_as="replication:followers",
        name="database_followers",
        meaning="Servers that follow the primary, where no replica is configured.",
    ),
    Measurement(
        measured_as="connections:used",
        name="database_connections",
        meaning="Connections of the database in use, by whomever.",
    ),
    Measurement(
        measured_as="connections:most",
        name="database_connections_limit",
        meaning="Connections that the database gives to roles like ours.",
    ),
    Measurement(
        measured_as="migrations:pending",
        name="migrations_pending",
        meaning="Migrations that this code needs and the database does not have.",
    ),
    Measurement(
        measured_as="queue:waiting",
        name="queue_due_jobs",
        meaning="Jobs whose time has come and which nobody has begun.",
    ),
    Measurement(
        measured_as="queue:oldest",
        name="queue_oldest_due_age_seconds",
        meaning="For how long the first of them has been due; 0 without any.",
    ),
    Measurement(
        measured_as="queue:failed",
        name="queue_failed_jobs",
        meaning="Jobs that failed for good.",
    ),
    Measurement(
        measured_as="queue:heartbeatAge",
        name="queue_worker_heartbeat_age_seconds",
        meaning="Since any worker last said that it lives.",
    ),
    Measurement(
        measured_as="jobs:running",
        name="jobs_running",
        meaning="Jobs that this worker is running.",
    ),
    Measurement(
        measured_as="jobs:loopLag",
        name="jobs_loop_lag_seconds",
        meaning="Since the event loop of this worker last turned.",
    ),
    Measurement(
        measured_as="disk:utilization",
        name="disk_used_ratio",
        meaning="The part of the disk under this folder that is in use, from 0 to 1.",
        label="folder",
        scale=0.01,
    ),
    Measurement(
        measured_as="disk:free",
        name="disk_free_bytes",
        meaning="Bytes free on the disk under this folder.",
        label="folder",
    ),
    Measurement(
        measured_as="http:acceptQueue",
        name="accept_queue_connections",
        meaning="Connections to the site that the kernel holds until a worker has time.",
    ),
)


def measured(rows: Iterable[Sequence[Told]]) -> Iterator[GaugeMetricFamily]:
    """A gauge for each of MEASUREMENTS, without samples where nothing was measured."""
    seen = [one for check in _seen_last(rows) for one in check["observed"]]
    for measurement in MEASUREMENTS:
        labels = (measurement.label,) if measurement.label else ()
        gauge = GaugeMetricFamily(
            f"jewelry_shop_{measurement.name}", measurement.meaning, labels=labels
        )
        for one in seen:
            if one["measurement"] == measurement.measured_as and one["value"] is not None:
                of = (one["component"],) if measurement.label else ()
                gauge.add_metric(of, float(one["value"]) * measurement.scale)
        yield gauge
    yield _shown(seen)


def _shown(seen: Iterable[Told]) -> GaugeMetricFamily:
    """A certificate that nobody shows has no time left, which must not look like good news."""
    shown = GaugeMetricFamily(
        "jewelry_shop_database_certificate_shown",
        "1 when this server of the database shows a certificate, 0 when it does not.",
        labels=("server",),
    )
    for one in seen:
        if one["measurement"] == "tls:daysToExpiry":
            shown.add_metric((one["component"],), float(one["value"] is not None))
    return shown


def _seen_last(rows: Iterable[Sequence[Told]]) -> list[Told]:
    """Each check as the worker has it that looked last."""
    newest: dict[str, Told] = {}
    for checks in rows:
        for check in checks:
            age_s = check["age_s"]
            if age_s is None:
                continue
            known = newest.get(check["name"])
            if known is None or age_s < known["age_s"]:
                newest[check["name"]] = check
    return list(newest.values())
