"""The worker, against the real database: it works, it comes back, it stops when told."""

import asyncio
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import ConnectorException
from psycopg_pool import PoolTimeout

from apps.core import working
from apps.core.management.commands import worker
from apps.core.sampling.checks.jobs import Progress
from apps.core.sampling.station import Options, Station
from apps.core.tasks import clear_expired_sessions, delete_old_jobs, retry_stalled_jobs

PATIENCE_S = 20


@pytest.fixture
def limits():
    """Give the connections back their time limit after the test."""
    database = connections.settings["default"]
    before = database["OPTIONS"]
    yield
    database["OPTIONS"] = before
    connection.close()


def defer_session_clearing():
    """Queue one job and return its id; the job is done when it has `succeeded`."""
    return clear_expired_sessions.defer(timestamp=0)


def status_of(job):
    return ProcrastinateJob.objects.get(pk=job).status


def expired_session(key):
    Session.objects.create(
        session_key=key, session_data="", expire_date=timezone.now() - timedelta(days=1)
    )


def wait_for(true):
    until = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def cut_connections():
    """End every connection to the test database but this one, as a failover does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running_worker(*options, program=("manage.py", "worker"), **settings):
    """`manage.py worker` as a process of its own, logged in as the serving role."""
    login = connection.settings_dict
    environment = os.environ | {
        "POSTGRES_DB": login["NAME"],
        "DB_USER": login["USER"],
        "APP_DB_PASSWORD": login["PASSWORD"],
        "HEALTH_PORT": str(free_port()),
        **settings,
    }
    environment.pop("APP_DB_PASSWORD_FILE", None)
    process = subprocess.Popen(
        [sys.executable, *program, "--concurrency", "2", *options],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    process.probe_port = int(environment["HEALTH_PORT"])
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()


def probe(process, what):
    """What its probe port answers: status and body; nothing when nobody does."""
    link = http.client.HTTPConnection("127.0.0.1", process.probe_port, timeout=5)
    try:
        link.request("GET", f"/health/{what}/")
        answer = link.getresponse()
        return answer.status, json.loads(answer.read())
    except OSError:
        return None, {}
    finally:
        link.close()


def is_ready(process):
    return probe(process, "ready")[0] == 200


@pytest.mark.django_db(transaction=True)
class TestWorker:
    def test_runs_jobs_goes_on_after_a_cut_and_stops_when_told(self):
        expired_session("first")
        with running_worker() as process:
            first = defer_session_clearing()
            wait_for(lambda: status_of(first) == "succeeded")
            assert not Session.objects.filter(session_key="first").exists()

            assert cut_connections() > 0
            expired_session("second")
            second = defer_session_clearing()
            wait_for(lambda: status_of(second) == "succeeded")
            assert not Session.objects.filter(session_key="second").exists()
            assert process.poll() is None

            process.send_signal(signal.SIGTERM)
            said, _ = process.communicate(timeout=PATIENCE_S)

        assert process.returncode == 0
        assert "worker_stopped" in said
        assert connection.settings_dict["PASSWORD"] not in said

    def test_hears_of_a_job_at_once(self):
        """By LISTEN, not by the poll of every five seconds."""
        with running_worker():
            first = defer_session_clearing()
            wait_for(lambda: status_of(first) == "succeeded")
            before = time.monotonic()
            second = defer_session_clearing()
            wait_for(lambda: status_of(second) == "succeeded")

        assert time.monotonic() - before < 3

    def test_does_not_miss_itself_when_it_starts(self):
        """It counts as no worker until it has said that it lives."""
        with running_worker() as process:
            wait_for(lambda: is_ready(process))
            process.send_signal(signal.SIGTERM)
            said, _ = process.communicate(timeout=PATIENCE_S)

        assert '"word": "stale"' not in said

    @pytest.mark.parametrize("failure", [ConnectorException, PoolTimeout])
    def test_keeps_asking_while_the_database_is_away(self, monkeypatch, failure):
        """A refused connection ends one try, not the worker; nor does one that never came."""
        tries = []

        async def refuse(work):
            tries.append(work.concurrency)
            if len(tries) == 3:
                work.stop()
            raise failure

        monkeypatch.setattr(working.Work, "_work", refuse)
        monkeypatch.setattr(working, "_RETRY_SECONDS", 0.01)

        asyncio.run(idle_work(concurrency=2).keep_working())

        assert tries == [2, 2, 2]

    def test_a_bug_in_it_is_loud(self, monkeypatch):
        async def break_down(work):
            raise LookupError("a bug")

        monkeypatch.setattr(working.Work, "_work", break_down)

        with pytest.raises(LookupError):
            asyncio.run(idle_work(concurrency=1).keep_working())

    def test_has_no_time_limit_on_statements(self, limits):
        worker.lift_time_limit()

        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == ("0",)
        assert asyncio.run(limit_of(app.connector.get_worker_connector())) == "0"


def idle_work(*, concurrency):
    station = Station((), options=Options(kind="worker"))
    return working.Work(concurrency, 1, Progress(), station)


async def limit_of(connector):
    """The statement_timeout of the connections that the worker itself asks with."""
    await connector.open_async()
    try:
        found = await connector.execute_query_one_async("SHOW statement_timeout")
    finally:
        await connector.close_async()
    return found["statement_timeout"]


class TestRefusals:
    def test_refuses_a_taken_probe_port(self, settings):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            settings.HEALTH = {**settings.HEALTH, "PORT": port}
            with pytest.raises(CommandError, match=f"HEALTH_PORT.* {port} "):
                call_command("worker")

    def test_refuses_a_grace_in_the_past(self):
        with pytest.raises(CommandError, match="Give 0 or more"):
            call_command("worker", grace=-1)

    def test_refuses_a_pooler_that_makes_it_deaf(self, settings):
        settings.USE_PGBOUNCER = True

        with pytest.raises(CommandError, match="POSTGRES_HOST"):
            call_command("worker")

    def test_refuses_to_run_nothing_at_a_time(self):
        with pytest.raises(CommandError, match="Give 1 or more"):
            call_command("worker", concurrency=0)


def run_queued(job):
    """Run what is queued once, in this process, and return how the job ended."""
    with app.replace_connector(app.connector.get_worker_connector()):
        app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
    return status_of(job)


@pytest.mark.django_db(transaction=True)
class TestHousekeeping:
    @pytest.fixture(autouse=True)
    def connections_of_threads_end_with_their_job(self, monkeypatch):
        """Else the thread of a job keeps one, and the test database cannot be dropped."""
        monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)

    def test_retries_a_job_whose_worker_died(self):
        left = defer_session_clearing()
        ahead = timezone.now() - timedelta(minutes=2)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s) RETURNING id",
                [ahead],
            )
            (dead,) = cursor.fetchone()
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s",
                [dead, left],
            )

        assert run_queued(retry_stalled_jobs.defer(timestamp=0)) == "succeeded"

        assert run_queued(left) == "succeeded"

    def test_a_left_job_whose_like_waits_already_ends_and_holds_up_nobody(self):
        """Only one of a kind may wait (queueing_lock): the rest are still found."""
        left, other = defer_session_clearing(), defer_session_clearing_unlocked()
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procrastinate_workers (last_heartbeat)"
                " VALUES (now() - interval '2 minutes') RETURNING id"
            )
            (dead,) = cursor.fetchone()
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = ANY(%s)",
                [dead, [left, other]],
            )
        clear_expired_sessions.configure(schedule_in={"hours": 1}).defer(timestamp=0)

        assert run_queued(retry_stalled_jobs.defer(timestamp=0)) == "succeeded"

        assert run_queued(other) == "succeeded"
        assert status_of(left) == "aborted"

    def test_leaves_a_job_of_a_living_worker_alone(self):
        busy = defer_session_clearing()
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procrastinate_workers (last_heartbeat)"
                " VALUES (now() - interval '20 seconds') RETURNING id"
            )
            (alive,) = cursor.fetchone()
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s",
                [alive, busy],
            )

        assert run_queued(retry_stalled_jobs.defer(timestamp=0)) == "succeeded"

        assert status_of(busy) == "doing"

    def test_deletes_what_ended_long_ago_and_keeps_what_failed(self):
        old, fresh, failed = (defer_session_clearing_unlocked() for _ in range(3))
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = ANY(%s)",
                [[old, fresh]],
            )
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", [failed]
            )
            cursor.execute("DELETE FROM procrastinate_events")
            cursor.execute(
                "INSERT INTO procrastinate_events (job_id, type, at) VALUES"
                " (%s, 'succeeded', now() - interval '8 days'),"
                " (%s, 'succeeded', now() - interval '6 days'),"
                " (%s, 'failed', now() - interval '8 days')",
                [old, fresh, failed],
            )

        assert run_queued(delete_old_jobs.defer(timestamp=0)) == "succeeded"

        left = ProcrastinateJob.objects.filter(pk__in=[old, fresh, failed])
        assert set(left.values_list("pk", flat=True)) == {fresh, failed}

    def test_runs_by_itself(self):
        periodic = {task.task.name for task in app.periodic_registry.periodic_tasks.values()}

        assert {
            "core.retry_stalled_jobs",
            "core.delete_old_jobs",
            "core.clear_expired_sessions",
        } <= periodic


def defer_session_clearing_unlocked():
    """As many queued jobs as are asked for; the task's own lock allows one at a time."""
    return clear_expired_sessions.configure(queueing_lock=uuid4().hex).defer(timestamp=0)
