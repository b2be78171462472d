"""The worker takes up a renewed login as the web does, and its jobs are done."""

import os
import signal
import subprocess
import sys

import pytest

from local.env import with_environment
from local.place import CHECKOUT
from tests.rotation.conftest import PATIENCE_S, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture
def worker(installation):
    process = subprocess.Popen(
        [sys.executable, "manage.py", "worker", "--concurrency", "1"],
        cwd=CHECKOUT,
        env=with_environment(installation.environment),
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
