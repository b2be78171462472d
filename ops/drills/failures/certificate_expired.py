"""Database and poolers show a certificate that ended yesterday, and every connection is renewed.

Nothing may be sold over a link that cannot be verified: sales stop, and both the probes and the
doctor say so. With a good certificate they go on by themselves.
"""

from ops.drills.cluster import Cluster
from ops.drills.run import Drill, Run

BACK_S = 45


def body(cluster: Cluster, run: Run) -> None:
    cluster.expire_certificates()
    run.did("expired certificates are shown")
    # Connections of the pods that stand are not looked at anew; they are a minute old at most.
    unready = run.watch.wait_ready(None, within_s=120)
    run.at_most("ready is no longer 200", 90, None if unready is None else unready - run.broken_at)
    findings = cluster.doctor()
    run.did(f"the doctor says {', '.join(findings) or 'nothing'}")
    named = any("expired" in finding for finding in findings)
    run.check(
        "the doctor names it",
        wanted="…expired",
        measured=", ".join(findings) or "nothing",
        holds=named,
    )
    said = cluster.health()
    run.check(
        "health names it",
        wanted="database failed: tls, or expired",
        measured=", ".join(said) or "nothing",
        holds=bool({"database failed: tls", "database failed: expired"} & set(said)),
    )
    cluster.renew_certificates()
    run.did("good certificates are shown")
    run.at_most("a sale again", BACK_S, run.sales_again(within_s=180))
    run.none_of("restarts of web", run.restarted())


DRILL = Drill(
    name="certificate-expired",
    claim=f"Not ready, health and the doctor name it; sales again within {BACK_S} s of a good one.",
    page=__doc__,
    needs=("expire_certificates", "renew_certificates", "health"),
    body=body,
    mend="renew_certificates",
)
