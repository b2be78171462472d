"""A worker's life: it runs jobs, comes back when the database does, and ends leaving none behind.

Procrastinate's own command ends when the database goes away, with exit code 0 after a short
outage; a supervisor that restarts failures would then leave the shop without a worker. This one
waits and comes back. Tried: jobs ran again within seconds after outages of 5 s and 40 s.
"""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import structlog
from django.db import connections
from procrastinate import JobContext, PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.worker import Worker
from psycopg_pool import PoolTimeout

from apps.core.database.explain import explain_failure
from apps.core.database.login import read_again
from apps.core.handing_back import Running
from apps.core.sampling.checks.jobs import Progress
from apps.core.sampling.station import Station

_RETRY_SECONDS: Final = 1.0
# How often it says that it lives; apps.core.tasks waits three times as long before it doubts it.
_HEARTBEAT_SECONDS: Final = 10.0
_BEAT_SECONDS: Final = 1.0
_LOOKED_FOR_DRAIN_EVERY_SECONDS: Final = 0.5
_GIVE_BACK_WITHIN_SECONDS: Final = 6.0
_logger = structlog.get_logger(__name__)


class _Worker(Worker):
    """Procrastinate's worker, which says whether it takes jobs."""

    def __init__(self, progress: Progress, **options: Any) -> None:
        super().__init__(**options)
        self._progress = progress

    async def _run_loop(self) -> None:
        self._progress.takes(True)
        await super()._run_loop()  # type: ignore[no-untyped-call]

    async def _shutdown(self, side_tasks: list[asyncio.Task[Any]]) -> None:
        self._progress.takes(False)
        await super()._shutdown(side_tasks)


@dataclass(slots=True)
class Work:
    """All that the worker does, from its start to its end."""

    concurrency: int
    grace_s: float
    progress: Progress
    station: Station
    running: Running = field(default_factory=Running)
    told: asyncio.Event = field(default_factory=asyncio.Event)
    _worker: Worker | None = None

    async def until_told(self) -> None:
        """Keep working until SIGTERM or SIGINT; running jobs end first, or are given back."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        beating = asyncio.create_task(self._beat())
        try:
            await self.keep_working()
        finally:
            beating.cancel()

    def stop(self) -> None:
        """Take no job from now on, and say so."""
        self.station.drain()
        self.told.set()

    async def keep_working(self) -> None:
        """Run jobs until told; when the database goes away, wait for it and go on."""
        stop = asyncio.create_task(self.told.wait())
        drained = asyncio.create_task(self._until_drained())
        try:
            while not self.told.is_set():
                if drained.done():
                    await stop
                    break
                work = asyncio.create_task(self._work())
                await asyncio.wait({work, stop, drained}, return_when=asyncio.FIRST_COMPLETED)
                if drained.done() and not self.told.is_set():
                    await self._rest(work, stop)
                if self.told.is_set():
                    await self._end(work)
                try:
                    with contextlib.suppress(asyncio.CancelledError):
                        await work
                except (ConnectorException, PoolTimeout) as failure:
                    # The second: it was away for longer than a pool waits when it is opened.
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
            drained.cancel()
        _logger.info("worker_stopped")

    async def _until_drained(self) -> None:
        """Until this server is to take no new work: `manage.py drain`, before it is told to end."""
        while not self.station.is_draining:
            await asyncio.sleep(_LOOKED_FOR_DRAIN_EVERY_SECONDS)

    async def _rest(self, work: asyncio.Task[None], stop: asyncio.Task[Any]) -> None:
        """Begin no job any more, let running ones end, and stay until told to end."""
        work.cancel()
        living = asyncio.create_task(self._say_that_it_lives())
        await stop
        living.cancel()

    async def _work(self) -> None:
        """Run jobs over connections of its own, until cancelled or cut off."""
        with app.replace_connector(PsycopgConnector(kwargs=link_parameters)):
            async with app.open_async():
                _logger.info("worker_started", concurrency=self.concurrency)
                app.perform_import_paths()  # type: ignore[no-untyped-call]
                options = app.worker_defaults | {
                    "concurrency": self.concurrency,
                    "install_signal_handlers": False,
                    "update_heartbeat_interval": _HEARTBEAT_SECONDS,
                    "worker_middleware": [self._run],
                }
                self._worker = _Worker(self.progress, app=app, **options)
                await self._worker.run()  # type: ignore[no-untyped-call]

    async def _run(
        self, call: Callable[[], Awaitable[Any]], context: JobContext, worker: Worker
    ) -> Any:
        """Run one job; it holds a slot of this process while it does."""
        number = self.station.requests.begin()
        try:
            return await self.running.run(call, context, worker)
        finally:
            self.station.requests.end(number)

    async def _end(self, work: asyncio.Task[None]) -> None:
        """Wait for running jobs as long as the grace lasts; then give them back, and end."""
        if not work.cancelling():  # asked a second time it would not wait for running jobs
            work.cancel()  # graceful: procrastinate takes no job any more, and lets them end
        living = asyncio.create_task(self._say_that_it_lives())
        ended, _ = await asyncio.wait({work}, timeout=self.grace_s)
        living.cancel()
        if ended:
            return
        given_back: list[int] = []
        with contextlib.suppress(TimeoutError):
            given_back = await asyncio.wait_for(
                self.running.give_back(app.job_manager), _GIVE_BACK_WITHIN_SECONDS
            )
        _logger.warning("worker_stopped", given_back=given_back)
        _end_at_once()

    async def _say_that_it_lives(self) -> None:
        """As procrastinate did until now: else its last jobs would be begun elsewhere."""
        while self._worker is not None and self._worker.worker_id is not None:
            with contextlib.suppress(ConnectorException):  # away: then nobody takes them either
                await app.job_manager.update_heartbeat(self._worker.worker_id)
            await asyncio.sleep(_HEARTBEAT_SECONDS / 2)

    async def _beat(self) -> None:
        """Show that the loop turns, and how much it does."""
        while True:
            self.progress.beat()
            self.progress.running = len(self.running)
            await asyncio.sleep(_BEAT_SECONDS)


def _end_at_once() -> NoReturn:
    """End without waiting for threads: their jobs are somebody else's by now."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


async def link_parameters() -> dict[str, Any]:
    """How the worker's pool connects now. It asks anew for each connection and each try of one."""
    params = connector_params()
    login = read_again(connections.settings["default"])
    return params if login is None else {**params, "user": login.user, "password": login.password}
