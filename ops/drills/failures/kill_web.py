"""A web pod is ended by `kill -9`, master and workers.

What it was doing is cut off, and sent again by the client with its key; the two others go on.
"""

from ops.drills.cluster import Cluster
from ops.drills.run import Drill, Run

LIMIT_S = 5


def body(cluster: Cluster, run: Run) -> None:
    run.did(f"kill -9 {cluster.kill_web()}")
    run.load.wait_sales(60, after=run.now(), within_s=90)
    run.at_most("longest time without a sale", LIMIT_S, run.gap())
    back = run.watch.wait_rotation(len(cluster.web()), within_s=120)
    run.at_most("in rotation again", 60, None if back is None else back - run.broken_at)


DRILL = Drill(
    name="kill-web",
    claim=f"No more than {LIMIT_S} s without a sale, no sale fails for good; back within 60 s.",
    page=__doc__,
    needs=("kill_web",),
    body=body,
    mend=None,
)
