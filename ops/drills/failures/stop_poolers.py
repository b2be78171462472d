"""Both poolers are away for half a minute, then they come back.

Every answer in between has to be a 503 that says when to come again, from the shop or from the
ingress; and it recovers by itself.
"""

import threading

from ops.drills.cluster import Cluster
from ops.drills.run import Drill, Run

AWAY_S = 30
LIMIT_S = 25


def body(cluster: Cluster, run: Run) -> None:
    cluster.stop_poolers()
    run.did("no pooler")
    begun = run.now()
    threading.Event().wait(AWAY_S)
    during = [a for a in run.load.attempts if not a.ok and a.at >= begun + 1]
    polite = sum(a.outcome == "503" and a.retry_after for a in during)
    run.check(
        "answers that are 503 with Retry-After",
        wanted="all",
        measured=f"{polite} of {len(during)}",
        holds=bool(during) and polite == len(during),
    )
    cluster.mend_poolers()
    run.did("poolers start")
    run.at_most("a sale again", LIMIT_S, run.sales_again(within_s=120))
    run.none_of("restarts of web", run.restarted())


DRILL = Drill(
    name="stop-poolers",
    claim=f"503 with Retry-After while they are away; sales again within {LIMIT_S} s of their end.",
    page=__doc__,
    needs=("stop_poolers", "mend_poolers"),
    body=body,
    mend="mend_poolers",
)
