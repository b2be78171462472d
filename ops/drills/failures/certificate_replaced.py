"""Database and poolers get a renewed certificate of the same authority, under load.

What happens every sixty days in a cluster, unseen.
"""

from ops.drills.cluster import Cluster
from ops.drills.run import Drill, Run


def body(cluster: Cluster, run: Run) -> None:
    run.did("the certificate is replaced")
    cluster.renew_certificates()
    run.did("all show the new one")
    run.load.wait_sales(40, after=run.now(), within_s=90)
    run.none_of("failed requests", sum(run.failed().values()))


DRILL = Drill(
    name="certificate-replaced",
    claim="No request fails.",
    page=__doc__,
    needs=("renew_certificates",),
    body=body,
    mend=None,
)
