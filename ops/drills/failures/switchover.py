"""The primary hands over to its synchronous standby, as before an upgrade of its machine.

Measured is the longest time without a sale: from the last on the old primary to the first on the
new.
"""

from ops.drills.cluster import Cluster
from ops.drills.run import Drill, Run

LIMIT_S = 5


def body(cluster: Cluster, run: Run) -> None:
    run.did("switchover asked for")
    run.did(f"{cluster.switchover()} leads")
    run.sales_again(within_s=60)
    run.load.wait_sales(20, after=run.now(), within_s=60)
    run.at_most("longest time without a sale", LIMIT_S, run.gap())
    run.none_of("restarts of web", run.restarted())


DRILL = Drill(
    name="switchover",
    claim=f"No more than {LIMIT_S} s without a sale; nothing lost, nothing doubled.",
    page=__doc__,
    needs=("switchover",),
    body=body,
    mend="mend_members",
)
