"""What the Service routes to is what is ready: no more, and no less."""

from ops.validate.claim import Claim, Evidence
from ops.validate.cluster import WEB, Cluster, is_ready, name_of


def look(cluster: Cluster, evidence: Evidence) -> None:
    slices = cluster.get("endpointslices", selector=f"kubernetes.io/service-name={WEB}")
    routed = {
        endpoint["targetRef"]["name"]
        for one in slices
        for endpoint in one.get("endpoints") or []
        if endpoint.get("conditions", {}).get("ready") and "targetRef" in endpoint
    }
    ready = {name_of(pod) for pod in cluster.pods_of(WEB) if is_ready(pod)}
    evidence.expect(bool(ready), f"{len(ready)} pods of {WEB} are ready")
    for name in sorted(ready & routed):
        evidence.note(f"{name}: ready and routed to")
    for name in sorted(ready - routed):
        evidence.object(f"{name}: ready, and nothing is routed to it")
    for name in sorted(routed - ready):
        evidence.object(f"{name}: routed to, and not ready")


CLAIM = Claim(
    name="endpoints",
    sentence="The Service of the site routes to every ready pod, and to no other.",
    look=look,
)
