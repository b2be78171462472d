"""Not a byte is left on the primary's disk.

PostgreSQL ends when it cannot write its log. Patroni cannot start it there again, so a standby
with room leads. When there is room again, the old one follows.
"""

from ops.drills.cluster import Cluster
from ops.drills.run import Drill, Run

LIMIT_S = 60


def body(cluster: Cluster, run: Run) -> None:
    full = cluster.fill_disk()
    run.did(f"the disk of {full} is full")
    run.load.wait_sales(1, after=run.now(), within_s=180)
    # The log that is open goes on into the next segment: until then sales may still be written.
    cluster.use_up_log()
    run.did("the primary needed a new segment of its log")
    run.load.wait_sales(20, after=run.now(), within_s=180)
    run.did(f"{cluster.primary()} leads")
    run.at_most("longest time without a sale", LIMIT_S, run.gap())
    run.none_of("restarts of web", run.restarted())


DRILL = Drill(
    name="disk-full",
    claim=f"No more than {LIMIT_S} s without a sale; nothing lost, nothing doubled.",
    page=__doc__,
    needs=("fill_disk", "free_disk", "use_up_log"),
    body=body,
    mend="free_disk",
)
