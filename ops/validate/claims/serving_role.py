"""The role that serves has no privilege, and row-level security binds it."""

from typing import Final

from ops.validate import doctor
from ops.validate.claim import Claim, Evidence
from ops.validate.cluster import WEB, WORKER, Cluster

_STAGES: Final = ("role", "rls")


def look(cluster: Cluster, evidence: Evidence) -> None:
    for app in (WEB, WORKER):
        pod, links = doctor.links(cluster, app)
        for link in links:
            user = (link["target"] or {}).get("user")
            for name in _STAGES:
                found = doctor.stage(link, name)
                # A warning here is a privilege that it does not need.
                evidence.expect(
                    found["status"] == "ok",
                    f"{pod}: {link['link']} as {user}: {doctor.in_words(found)}",
                )


CLAIM = Claim(
    name="serving-role",
    sentence="The serving role is not privileged, and row-level security binds it.",
    look=look,
)
