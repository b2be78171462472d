"""The schema is the one the running code needs, on every pod that runs it."""

from ops.validate import doctor
from ops.validate.claim import Claim, Evidence
from ops.validate.cluster import WEB, WORKER, Cluster, name_of


def look(cluster: Cluster, evidence: Evidence) -> None:
    for app in (WEB, WORKER):
        images = {
            name_of(pod): pod["spec"]["containers"][0]["image"] for pod in cluster.pods_of(app)
        }
        pod, links = doctor.links(cluster, app)
        for link in links:
            found = doctor.stage(link, "schema")
            evidence.expect(
                found["status"] == "ok",
                f"{pod} ({images.get(pod, 'no image')}): {doctor.in_words(found)}",
            )
        if len(set(images.values())) > 1:
            evidence.object(f"{app}: two versions run: {', '.join(sorted(set(images.values())))}")


CLAIM = Claim(
    name="schema",
    sentence="The schema has every migration of the code that runs, and one version runs.",
    look=look,
)
