"""There is a backup of today, and the last one was restored and read."""

from datetime import UTC, datetime, timedelta
from typing import Final

from ops.validate.claim import Claim, Evidence
from ops.validate.cluster import DATABASE, Cluster, Object, name_of

# A day's job may run late; two misses in a row are a fault.
_NEWEST_WITHIN: Final = {
    f"logical-backup-{DATABASE}": timedelta(hours=30),
    "backup-check": timedelta(hours=30),
    "restore-test": timedelta(days=8),
}


def look(cluster: Cluster, evidence: Evidence) -> None:
    jobs = {name_of(job): job for job in cluster.get("cronjobs")}
    now = datetime.now(UTC)
    for name, limit in _NEWEST_WITHIN.items():
        if name not in jobs:
            evidence.object(f"{name}: there is no such CronJob")
            continue
        evidence.expect(*_judged(jobs[name], limit=limit, now=now))


def _judged(job: Object, *, limit: timedelta, now: datetime) -> tuple[bool, str]:
    name = name_of(job)
    if job["spec"].get("suspend"):
        return False, f"{name}: suspended"
    last = job.get("status", {}).get("lastSuccessfulTime")
    if last is None:
        return False, f"{name}: has never succeeded"
    age = now - datetime.fromisoformat(last)
    return age <= limit, f"{name}: succeeded {age // timedelta(hours=1)} hours ago ({last})"


CLAIM = Claim(
    name="backups",
    sentence="A backup of the last day exists, and one of the last week was restored and read.",
    look=look,
)
