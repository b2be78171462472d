"""No request that was taken is lost when a web server ends: config.draining, with real ones."""

import os
import signal
import time

import pytest

from tests.draining.conftest import Link, Load, Watch, ask, serving, status, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
DRAIN_S = 1.5
CLIENTS = 24


def test_ends_under_load_and_loses_nothing(worker_class):
    with serving(worker_class=worker_class, DRAIN_SECONDS=str(DRAIN_S)) as web:
        watch = Watch(web, "ready", "live")
        with Load(web, clients=CLIENTS) as load:
            told = time.monotonic()
            web.signal(signal.SIGTERM)
            code, took_s = web.ended()

    assert code == 0, web.said
    assert load.lost == []
    assert {answer.status for _, answer in load.answers} == {200}
    # Ready says no at once, long before the first client is refused; live goes on.
    ready = [(at_s, found) for at_s, found in watch.of("ready") if at_s >= told]
    said_no = next(at_s for at_s, found in ready if found == 503)
    assert said_no - told < 0.5
    assert {found for at_s, found in ready if at_s > said_no} == {503}
    assert len(load.refused_at) == CLIENTS
    assert min(load.refused_at) >= told + DRAIN_S
    assert {found for _, found in watch.of("live")} == {200}
    # Pages all the while, and whoever kept a connection is sent away with the answer.
    assert len(load.between(told, told + DRAIN_S)) > CLIENTS
    assert all(answer.closes for answer in load.between(told + 0.5, told + 60))
    assert took_s < DRAIN_S + 8


@pytest.mark.parametrize("left_out", ["door", "all"])
def test_the_same_load_loses_requests_without_it(left_out):
    """So the test above can fail."""
    with (
        serving(worker_class="sync", config="tests/draining/without.py", LEFT_OUT=left_out) as web,
        Load(web, clients=CLIENTS) as load,
    ):
        web.signal(signal.SIGTERM)
        web.ended()

    assert len(load.lost) > 0


def test_pages_go_on_and_the_time_counts_from_the_announcement():
    with serving(DRAIN_SECONDS="3") as web:
        assert ask(web.probe_port, "/drain/", method="POST").status == 204
        announced = time.monotonic()
        wait_for(lambda: time.monotonic() - announced > 1.5, "half of the time to be over")
        web.signal(signal.SIGTERM)
        assert status(web.port, "/accounts/login/") == 200
        assert status(web.port, "/health/live/") == 200
        assert status(web.port, "/health/ready/") == 503
        wait_for(lambda: not is_open(web.port), "the site to be closed")
        assert 3 <= time.monotonic() - announced < 4.4
        assert web.ended()[0] == 0


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_second_signal_ends_it_at_once(second):
    with serving(DRAIN_SECONDS="60") as web:
        web.signal(signal.SIGTERM)
        wait_for(lambda: web.probe("ready") == 503, "ready to say no")
        web.signal(second)
        code, took_s = web.ended()

    assert (code, took_s < 5) == (0, True), web.said


def test_without_a_time_it_ends_at_once():
    with serving() as web:
        web.signal(signal.SIGTERM)
        code, took_s = web.ended()

    assert (code, took_s < 3) == (0, True), web.said


def test_does_not_wait_for_a_client_that_says_nothing():
    """Browsers connect ahead; only time ends those connections."""
    with serving() as web:
        silent = Link(web.port)
        assert status(web.port, "/accounts/login/") == 200  # so that one was accepted before
        web.signal(signal.SIGTERM)
        code, took_s = web.ended()
        silent.close()

    assert (code, took_s < 10) == (0, True), web.said


def test_clients_that_say_nothing_hold_no_thread():
    """gunicorn keeps one for each, for 5 s: three for each thread would silence the site."""
    with serving() as web:
        silent = [Link(web.port) for _ in range(24)]
        began = time.monotonic()
        assert status(web.port, "/accounts/login/") == 200
        took_s = time.monotonic() - began
        for one in silent:
            one.close()

    assert took_s < 4


def test_a_worker_killed_while_it_drains_is_replaced():
    with serving(DRAIN_SECONDS="60") as web:
        before = web.workers()
        web.signal(signal.SIGTERM)
        wait_for(lambda: web.probe("ready") == 503, "ready to say no")
        kill(before)
        wait_for(lambda: len(web.workers() - before) == len(before), "new workers")
        wait_for(lambda: web.probe("live") == 200, "a probe port again")
        assert web.probe("ready") == 503
        assert status(web.port, "/accounts/login/") == 200


def is_open(port):
    try:
        Link(port).close()
    except OSError:
        return False
    return True


def kill(pids):
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
