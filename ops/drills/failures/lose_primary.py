"""The primary's machine is gone: killed, and it does not come back.

Nobody tells the others. They wait until its lock has ended (`ttl`, 30 s), then the synchronous
standby leads. A shorter lock would find it sooner, and take the lead from a primary whose
network only stutters.
"""

from ops.drills.cluster import Cluster
from ops.drills.run import Drill, Run

LIMIT_S = 45


def body(cluster: Cluster, run: Run) -> None:
    before = cluster.lose_primary()
    run.did(f"{before} is gone")
    run.at_most("a sale again", LIMIT_S, run.sales_again(within_s=150))
    after = cluster.primary()
    run.did(f"{after} leads")
    run.check("another leads", wanted=f"not {before}", measured=str(after), holds=after != before)
    run.none_of("restarts of web", run.restarted())


DRILL = Drill(
    name="lose-primary",
    claim=f"A sale works again within {LIMIT_S} s on another server; nothing lost or doubled.",
    page=__doc__,
    needs=("lose_primary", "mend_members"),
    body=body,
    mend="mend_members",
)
