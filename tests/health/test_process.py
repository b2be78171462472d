"""The processes of the web itself: busy, stopped, at another hour.

gunicorn runs with levers (tests/health/levers.py) that break a worker from
inside. Each row of the matrix, and its test:

24 CPU-bound               test_a_worker_that_only_computes
25 one worker stopped      test_a_worker_that_stands_still_is_replaced
27 clock jumps             test_the_clock_jumps
"""

import os
import signal
import time

import pytest

from tests.health.expect import ROOM, assert_sound, passes, serves
from tests.health.links import wait_for
from tests.health.watch import LIVE, READY, STARTUP
from tests.health.web import Levers, serving

pytestmark = pytest.mark.slow

# gunicorn's own patience with a worker that does not move; the shop's is 30 s.
TIMEOUT_S = 4


@pytest.fixture(scope="module")
def levers(tmp_path_factory):
    return Levers(tmp_path_factory.mktemp("levers") / "two")


@pytest.fixture(scope="module")
def web(database, levers):
    given = database.environment(LEVERS=str(levers.folder))
    arguments = ("--timeout", str(TIMEOUT_S))
    with serving(given, *arguments, config="tests/health/levers.py") as one:
        one.watcher.steady(time.monotonic(), within_s=60, ready=serves)
        yield one


def assert_unmoved(seen):
    assert all(passes(one) for one in seen if one.path in (LIVE, STARTUP))
    assert all(serves(one) for one in seen if one.path == READY)


def test_a_worker_that_only_computes(web, levers):
    began = time.monotonic()
    levers.pull("spin")
    time.sleep(3)
    levers.release("spin")
    seen = web.watcher.since(began)
    assert len(seen) > 40
    assert_unmoved(seen)
    assert_sound(web, since=began)
    took = sorted(one.answer.took_s for one in seen)
    assert took[len(took) // 2] < 0.1


@pytest.mark.parametrize("hours", [1, -1])
def test_the_clock_jumps(web, levers, hours):
    began, lines = time.monotonic(), len(web.events())
    (levers.folder / "hours").write_text(str(hours))
    levers.pull("move_clock")
    time.sleep(2.5)
    seen = web.watcher.since(began)
    assert_unmoved(seen)
    assert not [line for line in web.events()[lines:] if line["after"] != "pass"]
    levers.release("move_clock")


def test_a_worker_that_stands_still_is_replaced(web):
    stopped, other = web.workers
    os.kill(stopped, signal.SIGSTOP)
    began = time.monotonic()
    wait_for(lambda: len(web.workers) == 2 and stopped not in web.workers, "the replacement")
    assert time.monotonic() - began < TIMEOUT_S * ROOM + 5
    assert other in web.workers
    web.watcher.steady(time.monotonic(), within_s=20, live=passes, ready=serves, startup=passes)
