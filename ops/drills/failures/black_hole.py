"""The database's port takes packets and answers nothing, as behind a NetworkPolicy that drops.

Connections that stood are silent, new ones are never answered. Who asks why must be told: the
doctor names it.
"""

import threading

from ops.drills.cluster import Cluster
from ops.drills.run import Drill, Run
from ops.drills.watch import LIVE, READY

AWAY_S = 60
UNREADY_S, BACK_S = 30, 45


def body(cluster: Cluster, run: Run) -> None:
    begun = run.now()
    cluster.black_hole()
    run.did("the database's port is silent")
    unready = run.watch.wait_ready(None, within_s=AWAY_S)
    run.at_most("ready is no longer 200", UNREADY_S, None if unready is None else unready - begun)
    findings = cluster.doctor()
    run.did(f"the doctor says {', '.join(findings) or 'nothing'}")
    run.check(
        "the doctor names it",
        wanted="a finding of its own",
        measured=", ".join(findings) or "nothing",
        holds=bool(findings),
    )
    said = cluster.health()
    run.check(
        "health names it",
        wanted="database … a word",
        measured=", ".join(said) or "nothing",
        holds=any(one.startswith("database failed: ") for one in said),
    )
    threading.Event().wait(max(0.0, AWAY_S - (run.now() - begun)))
    late, seen = run.probes_in_time(LIVE)
    run.check(
        f"{LIVE} without an answer in time",
        wanted="0",
        measured=f"{late} of {seen}",
        holds=not late,
    )
    late, seen = run.probes_in_time(READY)
    run.check(
        f"{READY} without an answer in time",
        wanted="0",
        measured=f"{late} of {seen}",
        holds=not late,
    )
    cluster.open_again()
    run.did("the port answers again")
    run.at_most("a sale again", BACK_S, run.sales_again(within_s=180))
    run.none_of("restarts of web", run.restarted())


DRILL = Drill(
    name="black-hole",
    claim=(
        f"Silent for {AWAY_S} s: probes answer in time, no restart, the doctor names it; sales"
        f" again within {BACK_S} s."
    ),
    page=__doc__,
    needs=("black_hole", "open_again", "health"),
    body=body,
    mend="open_again",
)
