"""The network policies are enforced: what is forbidden fails, and what is needed works."""

import json
from collections.abc import Sequence
from typing import Final

from ops.validate.claim import Claim, Evidence, Unchecked
from ops.validate.cluster import DATABASE, POOLER, WEB, WORKER, Cluster, name_of

# Whoever reaches it may switch the primary over.
_PATRONI: Final = 8008
_KNOCK: Final = """
import json, socket, sys
said = {}
for way in json.loads(sys.argv[1]):
    host, port = way
    try:
        socket.create_connection((host, port), timeout=4).close()
        said[f"{host}:{port}"] = "open"
    except OSError as failure:
        said[f"{host}:{port}"] = type(failure).__name__
print(json.dumps(said))
"""


def look(cluster: Cluster, evidence: Evidence) -> None:
    members = {name_of(pod): pod["status"]["podIP"] for pod in cluster.database_pods()}
    if not members:
        raise Unchecked("The database has no pod that could be knocked at.")
    member, address = min(members.items())
    # The needed ways prove that a forbidden one is closed by a policy and not by a broken network.
    _knock(cluster, WEB, evidence, needed=[(POOLER, 5432)], forbidden=[
        (address, 5432),
        (address, _PATRONI),
        ("kubernetes.default.svc", 443),
    ])  # fmt: skip
    _knock(cluster, WORKER, evidence, needed=[(DATABASE, 5432)], forbidden=[
        (POOLER, 5432),
        (WEB, 80),
        (address, _PATRONI),
    ])  # fmt: skip
    evidence.note(f"{address} is {member}")


def _knock(
    cluster: Cluster,
    app: str,
    evidence: Evidence,
    *,
    needed: Sequence[tuple[str, int]],
    forbidden: Sequence[tuple[str, int]],
) -> None:
    pod = cluster.one_pod_of(app)
    ended = cluster.exec(pod, ["python", "-c", _KNOCK, json.dumps([*needed, *forbidden])])
    if ended.status != 0:
        raise Unchecked(f"{pod} could not knock: {ended.complained.strip()[-200:]}")
    found = json.loads(ended.said)
    for host, port in needed:
        said = found[f"{host}:{port}"]
        evidence.expect(said == "open", f"{app} to {host}:{port}: {said}, and it is needed")
    for host, port in forbidden:
        said = found[f"{host}:{port}"]
        # A name that is not known, or a port nobody listens on, did not meet the policy. A policy
        # drops, so the knock runs into its time limit; some network plugins refuse instead.
        closed = said in ("TimeoutError", "ConnectionRefusedError")
        evidence.expect(closed, f"{app} to {host}:{port}: {said}, and it is forbidden")


CLAIM = Claim(
    name="network",
    sentence="The network policies are enforced: needed ways are open, forbidden ones closed.",
    look=look,
)
