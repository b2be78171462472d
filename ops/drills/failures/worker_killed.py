"""The worker is ended by `kill -9` in the middle of a job: a receipt is at the mail server.

The job is found stalled once its worker's heartbeat is old, and is done again. The mail server
may get the letter twice, with one and the same Message-ID, and the shop remembers one mail.
"""

from ops.drills.cluster import Cluster
from ops.drills.run import Drill, Run

LIMIT_S = 240


def body(cluster: Cluster, run: Run) -> None:
    cluster.hold_mail()
    number = run.load.sell_one(email="customer@example.org")
    run.did(f"sale {number} with a mail")
    came = cluster.wait_letter(within_s=60)
    run.check(
        "the letter is at the mail server",
        wanted="yes",
        measured="yes" if came else "no",
        holds=came,
    )
    cluster.kill_worker()
    run.did("kill -9 the worker")
    begun = run.now()
    cluster.let_mail_go()
    done = run.until(lambda: cluster.mailed(number)[0] > 0, within_s=LIMIT_S + 60)
    run.at_most("the job is done", LIMIT_S, None if done is None else done - begun)
    remembered, letters, different = cluster.mailed(number)
    run.check(
        "done once in effect",
        wanted="1 mail remembered, 1 letter in effect",
        measured=f"{remembered} remembered, {letters} sent as {different}",
        holds=remembered == 1 and different == 1,
    )


DRILL = Drill(
    name="worker-killed",
    claim=f"The job is done within {LIMIT_S} s, exactly once in effect.",
    page=__doc__,
    needs=("hold_mail", "kill_worker", "mailed"),
    body=body,
    mend="let_mail_go",
)
