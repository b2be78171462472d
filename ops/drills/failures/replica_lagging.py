"""The replicas receive and do not replay: who reads there reads the past.

Sales go on, as a commit waits for the receipt and not for the replay; pods stay ready.
"""

from ops.drills.cluster import Cluster
from ops.drills.run import Drill, Run
from ops.drills.watch import READY


def body(cluster: Cluster, run: Run) -> None:
    run.did(f"{cluster.pause_replay()} replicas stop replaying")
    run.load.wait_sales(100, after=run.now(), within_s=120)
    lag = cluster.lag_bytes()
    run.did(f"{lag:,} bytes behind")
    run.check("they do lag", wanted="> 0 bytes", measured=f"{lag:,} bytes", holds=lag > 0)
    run.none_of("failed requests", sum(run.failed().values()))
    unready = [
        p for p in run.watch.probes if p.path == READY and p.at >= run.broken_at and p.status != 200
    ]
    run.none_of("readiness probes that were not 200", len(unready))


DRILL = Drill(
    name="replica-lagging",
    claim="No request fails, no pod leaves the rotation.",
    page=__doc__,
    needs=("pause_replay", "resume_replay", "lag_bytes"),
    body=body,
    mend="resume_replay",
)
