"""`manage.py worker` runs the jobs that services enqueue, until it is told to stop.

Procrastinate's own command ends when the database goes away, with exit code 0 after a short
outage; a supervisor that restarts failures would then leave the shop without a worker. This one
waits and comes back. Tried: jobs ran again within seconds after outages of 5 s and 40 s.
"""

import asyncio
import contextlib
import logging
import signal
from argparse import ArgumentParser
from typing import Any, Final

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException

from apps.core.database.explain import explain_failure
from apps.core.database.login import read_again

_RETRY_SECONDS: Final = 1.0
# How often it says that it lives; apps.core.tasks waits three times as long before it doubts it.
_HEARTBEAT_SECONDS: Final = 10.0
# After this long a stop no longer waits for jobs that can be interrupted; they run again later.
_GRACEFUL_SECONDS: Final = 20.0
_logger = structlog.get_logger(__name__)


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

    def handle(self, *, concurrency: int, **options: Any) -> None:
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
        asyncio.run(_work_until_told(concurrency))


def lift_time_limit() -> None:
    """Let this process's statements run as long as they need, in every thread.

    The role's statement_timeout protects the counter from slow pages; an export may take longer.
    """
    database = connections.settings["default"]
    database["OPTIONS"] = {**database["OPTIONS"], "options": "-c statement_timeout=0"}
    database["ANSWER_WITHIN_S"] = None
    connections["default"].close()


async def _work_until_told(concurrency: int) -> None:
    """Keep working until SIGTERM or SIGINT; running jobs end first."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    await keep_working(told, concurrency=concurrency)


async def keep_working(told: asyncio.Event, *, concurrency: int) -> None:
    """Run jobs until `told` is set; when the database goes away, wait for it and go on."""
    stop = asyncio.create_task(told.wait())
    try:
        while not told.is_set():
            work = asyncio.create_task(_work(concurrency))
            await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
            if told.is_set():
                work.cancel()  # graceful: procrastinate lets running jobs end
            try:
                with contextlib.suppress(asyncio.CancelledError):
                    await work
            except ConnectorException as failure:
                # The driver's words name host and role, never the password.
                said = failure.__cause__ or failure
                _logger.warning(
                    "worker_lost_database",
                    kind=type(said).__name__,
                    finding=explain_failure(said).code,
                    said=str(said),
                )
            # It also returns without an exception when only the LISTEN connection broke.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(stop), _RETRY_SECONDS)
    finally:
        stop.cancel()
    _logger.info("worker_stopped")


async def link_parameters() -> dict[str, Any]:
    """How the worker's pool connects now. It asks anew for each connection and each try of one."""
    params = connector_params()
    login = read_again(connections.settings["default"])
    return params if login is None else {**params, "user": login.user, "password": login.password}


async def _work(concurrency: int) -> None:
    """Run jobs over connections of its own, until cancelled or cut off."""
    with app.replace_connector(PsycopgConnector(kwargs=link_parameters)):
        async with app.open_async():
            _logger.info("worker_started", concurrency=concurrency)
            await app.run_worker_async(
                concurrency=concurrency,
                install_signal_handlers=False,
                shutdown_graceful_timeout=_GRACEFUL_SECONDS,
                update_heartbeat_interval=_HEARTBEAT_SECONDS,
            )
