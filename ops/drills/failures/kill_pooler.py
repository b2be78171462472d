"""One of two poolers is ended by `kill -9`; its container is started again.

Requests that were in it are cut off, and sent again by the client with their key. No sale may
fail for good.
"""

from ops.drills.cluster import Cluster
from ops.drills.run import Drill, Run

LIMIT_S = 5


def body(cluster: Cluster, run: Run) -> None:
    run.did(f"kill -9 {cluster.kill_pooler()}")
    run.load.wait_sales(60, after=run.now(), within_s=90)
    run.at_most("longest time without a sale", LIMIT_S, run.gap())
    run.none_of("restarts of web", run.restarted())


DRILL = Drill(
    name="kill-pooler",
    claim=f"No failed sale, no more than {LIMIT_S} s without one.",
    page=__doc__,
    needs=("kill_pooler",),
    body=body,
    mend="mend_poolers",
)
