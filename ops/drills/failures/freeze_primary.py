"""The primary hangs: SIGSTOP for everything in its container. Its sockets stay open and silent.

The worst of outages, as nobody is told and every connection looks alive. When it wakes up, it
must find that another leads, and write nothing more.
"""

from ops.drills.cluster import Cluster
from ops.drills.run import Drill, Run
from ops.drills.watch import LIVE, READY

LIMIT_S = 45


def body(cluster: Cluster, run: Run) -> None:
    before = cluster.freeze_primary()
    run.did(f"{before} hangs")
    run.at_most("a sale again", LIMIT_S, run.sales_again(within_s=180))
    run.did(f"{cluster.primary()} leads")
    for path in (LIVE, READY):
        late, seen = run.probes_in_time(path)
        run.check(
            f"{path} without an answer in time",
            wanted="0",
            measured=f"{late} of {seen}",
            holds=late == 0,
        )
    run.none_of("restarts of web", run.restarted())


DRILL = Drill(
    name="freeze-primary",
    claim=f"A sale works again within {LIMIT_S} s; probes answer in time throughout.",
    page=__doc__,
    needs=("freeze_primary", "mend_members"),
    body=body,
    mend="mend_members",
)
