"""Somebody holds every connection that the primary gives.

The poolers have theirs and share them: the shop goes on selling, and is at most slow.
"""

from ops.drills.cluster import Cluster
from ops.drills.run import Drill, Run

LIMIT_S = 10


def body(cluster: Cluster, run: Run) -> None:
    run.did(f"{cluster.take_connections()} connections are held")
    run.load.wait_sales(60, after=run.now(), within_s=120)
    run.at_most("longest time without a sale", LIMIT_S, run.gap())
    run.none_of("restarts of web", run.restarted())


DRILL = Drill(
    name="connections-exhausted",
    claim=f"Sales go on; no more than {LIMIT_S} s without one.",
    page=__doc__,
    needs=("take_connections", "give_connections"),
    body=body,
    mend="give_connections",
)
