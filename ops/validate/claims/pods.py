"""Every pod of the namespace is ready, and none has been restarted lately."""

from datetime import UTC, datetime, timedelta
from typing import Final

from ops.validate.claim import Claim, Evidence
from ops.validate.cluster import POOLER, WEB, WORKER, Cluster, Object, is_ready, living, name_of

# A restart of last week is history; one within the hour is going on.
_LATELY: Final = timedelta(hours=1)


def look(cluster: Cluster, evidence: Evidence) -> None:
    pods = living(cluster.get("pods"))
    for needed, found in (
        (WEB, cluster.pods_of(WEB)),
        (WORKER, cluster.pods_of(WORKER)),
        ("the database", cluster.database_pods()),
        (POOLER, cluster.pooler_pods()),
    ):
        if not found:
            evidence.object(f"{needed}: no pod at all")
    now = datetime.now(UTC)
    for pod in pods:
        if _is_of_a_job(pod):
            continue
        restarts = sum(one["restartCount"] for one in _containers(pod))
        said = f"{name_of(pod)}: {'ready' if is_ready(pod) else 'not ready'}, restarts {restarts}"
        evidence.expect(is_ready(pod), said)
        for one in _containers(pod):
            ended = one.get("lastState", {}).get("terminated", {})
            if ended and now - datetime.fromisoformat(ended["finishedAt"]) < _LATELY:
                evidence.object(
                    f"{name_of(pod)}/{one['name']}: restarted after"
                    f" {ended.get('reason', 'an end')} at {ended['finishedAt']}"
                )
            waiting = one.get("state", {}).get("waiting", {})
            if waiting:
                evidence.object(f"{name_of(pod)}/{one['name']}: {waiting.get('reason')}")


def _containers(pod: Object) -> list[Object]:
    return list(pod["status"].get("containerStatuses", []))


def _is_of_a_job(pod: Object) -> bool:
    return any(owner["kind"] == "Job" for owner in pod["metadata"].get("ownerReferences", []))


CLAIM = Claim(
    name="pods",
    sentence="Every pod is ready, and none was restarted within the last hour.",
    look=look,
)
