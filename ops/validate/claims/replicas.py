"""The database has one leader, and its replicas stream without lag, one of them synchronous."""

import json
from typing import Any, Final

from ops.validate.claim import Claim, Evidence, Unchecked
from ops.validate.cluster import DATABASE, Cluster

_MOST_LAG_MB: Final = 16


def look(cluster: Cluster, evidence: Evidence) -> None:
    members = _members(cluster)
    wanted = cluster.get("postgresqls.acid.zalan.do", name=DATABASE)[0]["spec"]["numberOfInstances"]
    evidence.expect(len(members) == wanted, f"{len(members)} members of {wanted}")
    leaders = [one for one in members if one["Role"] == "Leader"]
    evidence.expect(len(leaders) == 1, f"{len(leaders)} leader")
    standbys = [one for one in members if one["Role"] != "Leader"]
    if wanted > 1:
        synchronous = [one["Member"] for one in standbys if one["Role"] == "Sync Standby"]
        evidence.expect(bool(synchronous), f"synchronous: {', '.join(synchronous) or 'none'}")
    for one in members:
        lag = one.get("Lag in MB", 0)
        streams = one["State"] in ("running", "streaming")
        close = isinstance(lag, int | float) and lag <= _MOST_LAG_MB
        evidence.expect(
            streams and close, f"{one['Member']}: {one['Role']}, {one['State']}, lag {lag} MB"
        )


def _members(cluster: Cluster) -> list[dict[str, Any]]:
    ended = cluster.exec(
        cluster.primary(), ["patronictl", "list", "-f", "json"], container="postgres"
    )
    try:
        return list(json.loads(ended.said))
    except ValueError:
        raise Unchecked(f"patronictl said no JSON: {ended.complained.strip()[-200:]}") from None


CLAIM = Claim(
    name="replicas",
    sentence="The database has one leader, and a synchronous replica close behind it.",
    look=look,
)
