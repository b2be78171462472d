"""A worker that must end: nobody waits for its jobs, and none takes effect twice."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateWorker

from tests.core import slow_jobs
from tests.core.test_worker import is_ready, probe, running_worker, status_of, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PROGRAM = ("-m", "tests.core.slow_jobs")


@pytest.fixture
def go(tmp_path):
    return tmp_path / "go"


def defer(place, name):
    return app.configure_task(place.__name__, allow_unknown=True).defer(name=name)


def effects(name):
    return Session.objects.filter(session_data=name).count()


def last_heartbeat():
    return ProcrastinateWorker.objects.latest("last_heartbeat").last_heartbeat


def waiting_statements():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%'"
        )
        return cursor.fetchone()[0]


@pytest.mark.parametrize("place", slow_jobs.PLACES, ids=lambda place: place.__name__)
def test_a_job_that_does_not_end_is_given_back_and_done_once(place, go):
    name = place.__name__
    given = {"program": PROGRAM, "GO": str(go)}
    with (
        running_worker("--grace", "1", **given) as leaving,
        running_worker(**given) as staying,
    ):
        # The one that leaves has it: the other one comes when it is running.
        staying.send_signal(signal.SIGSTOP)
        wait_for(lambda: is_ready(leaving))
        job = defer(place, name)
        wait_for(lambda: status_of(job) == "doing")
        leaving.send_signal(signal.SIGTERM)
        wait_for(lambda: probe(leaving, "ready")[0] == 503)
        assert probe(leaving, "ready")[1]["failing"][0] == "draining"
        assert probe(leaving, "live")[0] == 200
        late = defer(slow_jobs.on_the_event_loop, "late")

        said, _ = leaving.communicate(timeout=15)
        ended = time.monotonic()
        assert leaving.returncode == 0, said
        assert f'"given_back": [{job}]' in said
        assert status_of(late) == "todo"
        assert status_of(job) == "todo"
        assert effects(name) == 0
        assert waiting_statements() == 0

        go.touch()
        staying.send_signal(signal.SIGCONT)
        wait_for(lambda: status_of(job) == "succeeded")
        # Twice the interval at which a worker asks; the search for stalled jobs takes 30 s.
        assert time.monotonic() - ended < 12
        wait_for(lambda: status_of(late) == "succeeded")
        assert effects(name) == 1


def test_a_job_that_ends_in_time_is_left_to_end(go):
    with running_worker("--grace", "30", program=PROGRAM, GO=str(go)) as leaving:
        job = defer(slow_jobs.between_two_statements, "in time")
        wait_for(lambda: status_of(job) == "doing")
        before = last_heartbeat()
        leaving.send_signal(signal.SIGTERM)
        wait_for(lambda: probe(leaving, "ready")[0] == 503)
        # Else the search for stalled jobs would begin it elsewhere, beside this one.
        wait_for(lambda: last_heartbeat() > before)
        go.touch()
        said, _ = leaving.communicate(timeout=15)

    assert leaving.returncode == 0, said
    assert "given_back" not in said
    assert status_of(job) == "succeeded"
    assert effects("in time") == 1


def test_one_that_drains_begins_nothing_and_stays(go):
    """As before its end: `manage.py drain` comes first, SIGTERM when that is done."""
    with (
        running_worker("--grace", "30", program=PROGRAM, GO=str(go)) as draining,
        running_worker(program=PROGRAM, GO=str(go)) as staying,
    ):
        # The one that drains has it: the other one comes when it is running.
        staying.send_signal(signal.SIGSTOP)
        wait_for(lambda: is_ready(draining))
        running = defer(slow_jobs.between_two_statements, "running")
        wait_for(lambda: status_of(running) == "doing")
        told = {**os.environ, "HEALTH_PORT": str(draining.probe_port)}
        subprocess.run([sys.executable, "manage.py", "drain"], env=told, check=True)
        wait_for(lambda: "jobs" in probe(draining, "ready")[1]["failing"])

        late = defer(slow_jobs.on_the_event_loop, "late")
        go.touch()
        wait_for(lambda: status_of(running) == "succeeded")
        assert draining.poll() is None
        assert probe(draining, "live")[0] == 200
        assert status_of(late) == "todo"

        draining.send_signal(signal.SIGTERM)
        said, _ = draining.communicate(timeout=15)
        assert draining.returncode == 0, said
        assert status_of(late) == "todo"
        staying.send_signal(signal.SIGCONT)
        wait_for(lambda: status_of(late) == "succeeded")
