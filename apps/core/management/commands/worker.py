"""`manage.py worker` runs the jobs that services enqueue, until it is told to stop."""

import asyncio
import logging
from argparse import ArgumentParser
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from apps.core.sampling import entry
from apps.core.sampling.checks import jobs
from apps.core.sampling.port import PortRefused
from apps.core.working import Work

# After this long a stop no longer waits for jobs but gives them back; with what that takes, it
# fits in the 30 s that a kubelet grants.
_GRACE_SECONDS: Final = 20


class Command(BaseCommand):
    help = "Run the queued jobs: mail, exports, housekeeping. Ends on SIGTERM or Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--concurrency",
            type=int,
            default=4,
            metavar="N",
            help="jobs at the same time (default 4); each may hold a connection of its own",
        )
        parser.add_argument(
            "--grace",
            type=int,
            default=_GRACE_SECONDS,
            metavar="SECONDS",
            help=f"how long a stop waits for running jobs (default {_GRACE_SECONDS}); those that"
            " have not ended by then are queued again, for another worker",
        )

    def handle(self, *, concurrency: int, grace: int, **options: Any) -> None:
        if grace < 0:
            raise CommandError(f"--grace {grace} is in the past. Give 0 or more.")
        if concurrency < 1:
            raise CommandError(f"--concurrency {concurrency} runs no job. Give 1 or more.")
        if settings.USE_PGBOUNCER:
            raise CommandError(
                "The worker is deaf to new jobs behind a transaction-mode pooler. Point"
                " POSTGRES_HOST at the database itself and leave USE_PGBOUNCER out."
            )
        lift_time_limit()
        # While the database is away the pool warns several times a second; we say it once a try.
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
        progress = jobs.Progress()
        try:
            station = entry.open_worker(jobs.build(progress), slots=concurrency)
        except PortRefused as refusal:
            raise CommandError(str(refusal)) from None
        station.vitals.append(("loop", progress.word_of_loop))
        asyncio.run(Work(concurrency, grace, progress, station).until_told())
        entry.close()


def lift_time_limit() -> None:
    """Let this process's statements run as long as they need, in every thread.

    The role's statement_timeout protects the counter from slow pages; an export may take longer.
    """
    database = connections.settings["default"]
    database["OPTIONS"] = {**database["OPTIONS"], "options": "-c statement_timeout=0"}
    database["ANSWER_WITHIN_S"] = None
    connections["default"].close()
