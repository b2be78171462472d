"""Somebody drops the database. It is restored from a backup to a moment before, and put back.

At the moment no sale is half written: every sale, piece and posting then is there afterwards, and
the books balance. Sales after the moment are gone; whoever was told of one has the receipt.
"""

from hashlib import sha256

from ops.drills.cluster import Cluster, Fingerprint
from ops.drills.run import Drill, Run


def _told(data: Fingerprint) -> str:
    counts = f"{data.sales} sales, {data.pieces} pieces, {data.postings} postings"
    return f"{counts}, digest {sha256(data.digest.encode()).hexdigest()[:8]}"


def body(cluster: Cluster, run: Run) -> None:
    cluster.back_up()
    run.did("base backup taken")
    run.load.wait_sales(20, after=run.now(), within_s=60)
    run.forgive_from(run.now())
    name, before = cluster.moment()
    run.did(f"the moment: {before.sales} sales, {before.postings} postings")
    cluster.drop_database()
    begun = run.now()
    run.did("DROP DATABASE")
    after = cluster.restore(name)
    run.did("restored to the moment, beside the cluster")
    run.check(
        "data equal to the moment",
        wanted=_told(before),
        measured=_told(after),
        holds=after == before,
    )
    run.none_of("entries out of balance", after.imbalance)
    cluster.put_back()
    run.forgive_until(run.now())
    run.did("put back")
    run.at_most("a sale again, after it was put back", 60, run.sales_again(within_s=120))
    run.at_most("the whole restore", 300, run.now() - begun)


DRILL = Drill(
    name="restore",
    claim="Data and books equal to the moment; sales go on from there.",
    page=__doc__,
    needs=("back_up", "moment", "drop_database", "restore", "put_back"),
    body=body,
    mend="put_back",
)
