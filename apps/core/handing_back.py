"""The jobs that a worker is at, and how it gives them back when it must end before they do.

A job that a worker leaves behind is found half a minute later, when the worker's heartbeat is
old (apps.core.tasks). A worker that knows it ends need not keep others waiting: it makes sure
that its jobs can do no more, and queues them again. So a job whose effect is one transaction
takes effect once.
"""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final
from weakref import WeakSet

import structlog
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from procrastinate import JobContext
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from procrastinate.worker import Worker

# A job whose connection was cut has ended by then, unless it does something else than ask.
_END_WITHIN_S: Final = 1.0
_LOOK_EVERY_S: Final = 0.02
# Waits until the sessions are gone: what they had not committed by then, they never will.
_END_SESSIONS: Final = (
    "SELECT pg_terminate_backend(pid, 2000) FROM unnest(%(pids)s::integer[]) AS of_ours (pid)"
)
_logger = structlog.get_logger(__name__)


class WorkerEnds(Exception):
    """A job asks for a connection though its worker is giving it back."""


class Running:
    """The jobs of this process's worker. `run` is its middleware; the rest is for its end."""

    def __init__(self) -> None:
        self._jobs: dict[int, tuple[JobContext, asyncio.Task[Any]]] = {}
        self._stopped: set[int] = set()
        self._ending: set[asyncio.Task[Any]] = set()
        self._are_given_back = False
        self._connections: WeakSet[BaseDatabaseWrapper] = WeakSet()
        connection_created.connect(self._remember)

    def __len__(self) -> int:
        return len(self._jobs)

    async def run(
        self, call: Callable[[], Awaitable[Any]], context: JobContext, worker: Worker
    ) -> Any:
        """Run one job."""
        number, task = context.job.id, asyncio.current_task()
        assert number is not None
        assert task is not None
        self._jobs[number] = (context, task)
        try:
            result = await call()
        except BaseException:
            if self._are_given_back:
                # Cut short by us: neither failed nor aborted, as would be written down now.
                self._stopped.add(number)
                await asyncio.Event().wait()
            del self._jobs[number]
            raise
        del self._jobs[number]
        self._ending.add(task)  # procrastinate writes down that it is done
        task.add_done_callback(self._ending.discard)
        return result

    async def give_back(self, jobs: JobManager) -> list[int]:
        """Stop what still runs and queue it again; the ids of what was.

        The process must end after it without another step: a thread cannot be stopped.
        What could not be queued again, another worker finds when this one's heartbeat is old.
        """
        self._are_given_back = True
        for context, task in self._jobs.values():
            if _is_async(context):
                task.cancel()
        try:
            await self._end_sessions(jobs)
        except ConnectorException as failure:
            # Else a job might be under way twice.
            _logger.warning("worker_left_jobs", jobs=sorted(self._jobs), said=str(failure))
            return []
        await self._let_them_end()
        given_back = [
            number
            for number, (context, _) in list(self._jobs.items())
            if number in self._jobs and await self._queue_again(jobs, context.job)
        ]
        if self._ending:
            await asyncio.wait(self._ending, timeout=_END_WITHIN_S)
        return given_back

    async def _end_sessions(self, jobs: JobManager) -> None:
        sessions = [wrapper.connection for wrapper in list(self._connections)]
        pids = [session.info.backend_pid for session in sessions if session and not session.closed]
        await jobs.connector.execute_query_all_async(_END_SESSIONS, pids=pids)

    async def _let_them_end(self) -> None:
        until = time.monotonic() + _END_WITHIN_S
        while self._jobs.keys() - self._stopped and time.monotonic() < until:
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _queue_again(self, jobs: JobManager, job: Job) -> bool:
        try:
            return await queue_again(jobs, job)
        except ConnectorException as failure:
            _logger.warning("worker_left_jobs", jobs=[job.id], said=str(failure))
            return False

    def _remember(self, connection: BaseDatabaseWrapper, **_: Any) -> None:
        """Django says that a thread has connected."""
        if self._are_given_back:
            connection.close()
            raise WorkerEnds
        self._connections.add(connection)


async def queue_again(jobs: JobManager, job: Job) -> bool:
    """Queue a job that was begun; False when its like waits already, which is as good.

    Raises ConnectorException.
    """
    try:
        await jobs.retry_job(job)
    except UniqueViolation:
        await jobs.finish_job(job, status=Status.ABORTED, delete_job=False)
        return False
    return True


def _is_async(context: JobContext) -> bool:
    """Whether the job runs on the event loop, where it can be stopped; else in a thread."""
    task = context.app.tasks.get(context.job.task_name)
    return task is not None and inspect.iscoroutinefunction(task.func)
