"""Every web pod is replaced under load, one after the other, as by a new release.

A new pod gets requests before an old one is deleted (`maxUnavailable: 0`).
"""

from ops.drills.cluster import Cluster
from ops.drills.run import Drill, Run


def body(cluster: Cluster, run: Run) -> None:
    run.did("rollout begins")
    cluster.roll_web()
    run.did("rollout done")
    run.load.wait_sales(20, after=run.now(), within_s=60)
    run.none_of("failed requests", sum(run.failed().values()))


DRILL = Drill(
    name="rolling",
    claim="No request fails.",
    page=__doc__,
    needs=("roll_web",),
    body=body,
    mend=None,
)
