"""The primary is ended by `kill -9`, with everything in its container.

The container is started again. Whoever gets the lock first leads: the restarted one, or the
synchronous standby when it takes longer than the lock lives. A sale that was acknowledged is on
the standby too, as a commit waits for it.
"""

from ops.drills.cluster import Cluster
from ops.drills.run import Drill, Run

LIMIT_S = 30


def body(cluster: Cluster, run: Run) -> None:
    run.did(f"kill -9 {cluster.kill_primary()}")
    run.at_most("a sale again", LIMIT_S, run.sales_again(within_s=120))
    run.did(f"{cluster.primary()} leads")
    run.none_of("restarts of web", run.restarted())


DRILL = Drill(
    name="kill-primary",
    claim=f"A sale works again within {LIMIT_S} s; nothing lost, nothing doubled, no web restart.",
    page=__doc__,
    needs=("kill_primary",),
    body=body,
    mend="mend_members",
)
