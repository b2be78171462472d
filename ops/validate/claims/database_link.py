"""Web and worker reach the database over TLS that they verify, and so does the pooler."""

from typing import Final

from ops.validate import doctor
from ops.validate.claim import Claim, Evidence
from ops.validate.cluster import WEB, WORKER, Cluster, Object, name_of

_STAGES: Final = ("chain", "name", "authentication", "encryption")
# Our image writes it into memory; the operator's stock image beside its program.
_CONFIGURATION: Final = (
    "cat /dev/shm/pgbouncer/pgbouncer.ini 2>/dev/null || cat /etc/pgbouncer/pgbouncer.ini"
)
_VERIFIED: Final = "server_tls_sslmode = verify-full"


def look(cluster: Cluster, evidence: Evidence) -> None:
    for app in (WEB, WORKER):
        pod, links = doctor.links(cluster, app)
        for link in links:
            mode = (link["target"] or {}).get("sslmode")
            evidence.expect(mode == "verify-full", f"{pod}: {link['link']}: sslmode {mode}")
            for name in _STAGES:
                found = doctor.stage(link, name)
                good = found["status"] in ("ok", "warn")
                evidence.expect(good, f"{pod}: {link['link']}: {doctor.in_words(found)}")
    poolers = cluster.pooler_pods()
    if not poolers:
        evidence.object("no pod of the pooler")
    for pooler in poolers:
        _look_at_pooler(cluster, pooler, evidence)


def _look_at_pooler(cluster: Cluster, pooler: Object, evidence: Evidence) -> None:
    """The leg behind it: what its configuration says, since no client can see it."""
    name = name_of(pooler)
    ended = cluster.exec(name, ["sh", "-c", _CONFIGURATION])
    lines = {
        " ".join(line.split()) for line in ended.said.splitlines() if line.startswith("server_tls_")
    }
    evidence.expect(
        _VERIFIED in lines, f"{name}: {', '.join(sorted(lines)) or 'no line about server TLS'}"
    )


CLAIM = Claim(
    name="database-link",
    sentence="Every way to the database is TLS that is verified, the pooler's own leg too.",
    look=look,
)
