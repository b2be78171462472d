"""The authority itself is exchanged under load: both trusted, the new one signs, the old dropped.

In another order every connection made in between would fail; see how certificates are rotated.
"""

from ops.drills.cluster import Cluster
from ops.drills.run import Drill, Run


def body(cluster: Cluster, run: Run) -> None:
    run.did("both authorities are trusted; the new one signs; the old one is dropped")
    cluster.rotate_authority()
    run.did("the new authority alone is trusted")
    run.load.wait_sales(40, after=run.now(), within_s=90)
    run.none_of("failed requests", sum(run.failed().values()))


DRILL = Drill(
    name="authority-rotated",
    claim="No request fails.",
    page=__doc__,
    needs=("rotate_authority",),
    body=body,
    mend=None,
)
