"""What the doctor in a pod says of its link to the database; several claims read it."""

import json
from typing import Any

from ops.validate.claim import Unchecked
from ops.validate.cluster import Cluster


def links(cluster: Cluster, app: str) -> tuple[str, list[dict[str, Any]]]:
    """The pod that was asked, and the links its doctor looked at. Raises Unchecked."""
    pod = cluster.one_pod_of(app)
    ended = cluster.exec(pod, ["python", "manage.py", "doctor", "--all", "--json"])
    try:
        said = json.loads(ended.said)
    except ValueError:
        raise Unchecked(
            f"The doctor in {pod} ended with {ended.status} and said no JSON:"
            f" {(ended.complained or ended.said).strip()[-200:]}"
        ) from None
    return pod, list(said["links"])


def stage(link: dict[str, Any], name: str) -> dict[str, Any]:
    """One stage of a link. Raises Unchecked when the doctor does not know it."""
    for one in link["stages"]:
        if one["stage"] == name:
            return dict(one)
    raise Unchecked(f"The doctor has no stage {name!r}; it is of another version.")


def in_words(found: dict[str, Any]) -> str:
    """A stage in a line."""
    finding = f" {found['finding']}" if found.get("finding") else ""
    return f"{found['stage']} {found['status']}{finding}: {found['saw']}"
