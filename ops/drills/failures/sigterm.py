"""A web pod is deleted while it is busy: out of the endpoints, SIGTERM, its grace.

Between the two there is no order: for a moment requests still come to a pod that was told to
end. It has to serve them.
"""

from ops.drills.cluster import Cluster
from ops.drills.run import Drill, Run


def body(cluster: Cluster, run: Run) -> None:
    run.did("a web pod is deleted")
    run.did(f"{cluster.delete_web()} is gone, another is in rotation")
    run.load.wait_sales(20, after=run.now(), within_s=60)
    run.none_of("failed requests", sum(run.failed().values()))


DRILL = Drill(
    name="sigterm",
    claim="No request fails.",
    page=__doc__,
    needs=("delete_web",),
    body=body,
    mend=None,
)
