"""All database servers are away for a minute, then they come back.

Web pods must leave the rotation, and must not be restarted: a restart helps nobody whose
database is away, and many restarts at once hinder its return.
"""

import threading

from ops.drills.cluster import Cluster
from ops.drills.run import Drill, Run
from ops.drills.watch import LIVE

AWAY_S = 60
PERIOD_S, FAILURES, SUCCESSES, SPREAD_S = 5, 3, 2, 5


def body(cluster: Cluster, run: Run) -> None:
    begun = run.now()
    cluster.stop_database()
    run.did("no database")
    unready = run.watch.wait_ready(None, within_s=AWAY_S)
    run.at_most("ready says 503", 2 * PERIOD_S, _since(begun, unready))
    out = run.watch.wait_rotation(0, within_s=AWAY_S)
    run.at_most("out of rotation", PERIOD_S * (FAILURES + 1), _since(begun, out))
    threading.Event().wait(max(0.0, AWAY_S - (run.now() - begun)))  # that long it lasts
    run.none_of("liveness probes that were not 200", run.live_failures())
    late, seen = run.probes_in_time(LIVE)
    run.check(
        "liveness answered", wanted="all", measured=f"{seen - late} of {seen}", holds=not late
    )
    cluster.mend_members()
    run.did("the database starts")
    back = run.until(lambda: cluster.primary() is not None, within_s=120)
    run.did("a primary leads")
    ready = run.watch.wait_ready(200, within_s=120)
    run.at_most(
        "ready again, after a primary leads", PERIOD_S + SPREAD_S, _since(back or run.now(), ready)
    )
    run.watch.wait_rotation(len(cluster.web()), within_s=60)
    run.sales_again(within_s=60)
    run.none_of("restarts of web", run.restarted())


def _since(begun: float, at: float | None) -> float | None:
    return None if at is None else at - begun


DRILL = Drill(
    name="database-gone",
    claim=(
        f"Away for {AWAY_S} s: ready is 503 within two periods ({2 * PERIOD_S} s), live stays 200,"
        f" no restart; ready again within one period and the spread ({PERIOD_S + SPREAD_S} s) of a"
        " primary."
    ),
    page=__doc__,
    needs=("stop_database", "mend_members"),
    body=body,
    mend="mend_members",
)
