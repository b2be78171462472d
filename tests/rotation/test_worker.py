"""The worker takes up a renewed login as the web does, and its jobs are done."""

import http.client
import json
import os
import signal
import subprocess
import sys

import pytest

from local.env import with_environment
from local.place import CHECKOUT
from tests.rotation.conftest import PATIENCE_S, free_port, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture
def probe_port():
    return free_port()


@pytest.fixture
def worker(installation, probe_port):
    process = subprocess.Popen(
        [sys.executable, "manage.py", "worker", "--concurrency", "1"],
        cwd=CHECKOUT,
        env=with_environment(installation.environment | {"HEALTH_PORT": str(probe_port)}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    if process.poll() is None:
        process.kill()
    process.wait()
    process.stderr.close()


def do_one_job(installation):
    """Queue a job and wait until the worker has done it."""
    ((job,),) = installation.sql(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args) VALUES"
        " ('default', 'core.clear_expired_sessions', 0, jsonb_build_object('timestamp', 0))"
        " RETURNING id"
    )
    wait_for(lambda: status_of(installation, job) == "succeeded", f"job {job}")


def status_of(installation, job):
    return installation.sql("SELECT status FROM procrastinate_jobs WHERE id = %s", job)[0][0]


def probe(port, what):
    """Status and body of an answer at the worker's probe port; nothing when there is none."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        link.request("GET", f"/health/{what}/")
        answer = link.getresponse()
        return answer.status, json.loads(answer.read())
    except OSError:
        return None, {}
    finally:
        link.close()


def cut(installation, user):
    cutting = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = %s"
    assert installation.sql(cutting, user)[0][0] > 0


def test_a_renewed_name_and_password_are_taken_up_and_jobs_go_on(installation, worker):
    mounted = installation.mounted
    before = mounted["password"].read_text()
    do_one_job(installation)

    installation.sql(
        "CREATE ROLE jewelry_app_261124 LOGIN INHERIT PASSWORD 'of-another-name'"
        " IN ROLE jewelry_app"
    )
    try:
        mounted.renew(username="jewelry_app_261124", password="of-another-name")
        installation.sql("ALTER ROLE jewelry_app NOLOGIN")
        cut(installation, "jewelry_app")
        do_one_job(installation)
        assert installation.sql(
            "SELECT count(*) > 0 FROM pg_stat_activity WHERE usename = 'jewelry_app_261124'"
        ) == [(True,)]
    finally:
        installation.sql("ALTER ROLE jewelry_app LOGIN")
        mounted.renew(username="jewelry_app", password=before)

    assert worker.poll() is None
    os.kill(worker.pid, signal.SIGTERM)
    _, said = worker.communicate(timeout=PATIENCE_S)
    assert worker.returncode == 0, said
    for secret in (before, "of-another-name"):
        assert secret not in said


def test_without_its_database_it_is_not_ready_but_lives(installation, worker, probe_port):
    wait_for(lambda: probe(probe_port, "ready")[0] == 200, "the worker to be ready")
    installation.sql("ALTER ROLE jewelry_app NOLOGIN")
    try:
        cut(installation, "jewelry_app")
        wait_for(
            lambda: {"database", "jobs"} <= set(probe(probe_port, "ready")[1].get("failing", ())),
            "readiness to say what fails",
        )
        assert probe(probe_port, "ready")[0] == 503
        assert probe(probe_port, "live")[0] == 200
        assert probe(probe_port, "startup")[0] == 200
    finally:
        installation.sql("ALTER ROLE jewelry_app LOGIN")

    wait_for(lambda: probe(probe_port, "ready")[0] == 200, "the worker to be ready again")
    do_one_job(installation)
    assert worker.poll() is None
