"""The board and the probe port, as workers come and go: config.serving, with real processes."""

import json
import os
import signal
import socket
import time
from contextlib import ExitStack, contextmanager

import pytest

from apps.core.sampling.board import ROWS
from tests.draining.conftest import ask, children_of, free_port, launch, serving, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
# gunicorn's own patience with a worker, shorter than the site's 30 s; a start takes no longer.
TIMEOUT_S = 4


def settled(web, workers, *, without=frozenset()):
    """Wait until so many workers, none of `without`, each have a row, and nobody else has."""

    def is_so():
        pids = web.workers()
        rows = web.rows()
        return len(pids) == workers and not pids & without and set(rows.values()) == pids

    wait_for(is_so, f"{workers} workers, each with its row")
    return web.workers()


@pytest.mark.parametrize("preload", [(), ("--preload",)], ids=["late", "preload"])
def test_each_worker_has_a_row_and_leaves_it(worker_class, preload):
    with serving(*preload, worker_class=worker_class) as web:
        first = settled(web, 2)
        assert sorted(web.rows()) == [0, 1]

        os.kill(min(first), signal.SIGKILL)
        second = settled(web, 2, without={min(first)})
        assert sorted(web.rows()) == [0, 1]

        web.signal(signal.SIGTTIN)
        settled(web, 3)
        web.signal(signal.SIGTTOU)
        settled(web, 2)

        web.signal(signal.SIGHUP)
        third = settled(web, 2, without=first | second)
        # The board outlived the reading of the configuration: whoever is told, all say so.
        assert ask(web.probe_port, "/drain/", method="POST").status == 204
        assert {web.probe("ready") for _ in range(16)} == {503}
        assert {web.probe("live") for _ in range(16)} == {200}
        assert web.workers() == third


def test_renewed_workers_have_rows_too(worker_class):
    options = ("--max-requests", "20", "--max-requests-jitter", "0")
    with serving(*options, worker_class=worker_class) as web:
        first = settled(web, 2)
        # Each look is a request, and none of them is lost.
        wait_for(lambda: web.rows() and not web.workers() & first, "both to be renewed")
        settled(web, 2)
        assert set(web.rows()) <= {0, 1, 2, 3}


def slots(web):
    """Those in use and all, by process, as the probe port tells this machine."""
    told = json.loads(ask(web.probe_port, "/health/detailed/").body)["xWorkers"]
    return {one["pid"]: (one["busy"], one["slots"]) for one in told}


@contextmanager
def asking(web, path, *, until):
    """Clients that ask and do not read, so many that the slots are as they should be."""
    asked = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    with ExitStack() as clients:
        for _ in range(400):
            if until(slots(web)):
                break
            client = clients.enter_context(socket.create_connection(("127.0.0.1", web.port)))
            client.sendall(asked)
            time.sleep(0.02)
        assert until(slots(web))
        yield


def test_a_worker_stuck_alone_is_replaced_alone():
    """Its threads hang for ever; the one that takes connections in would not."""
    with serving("--timeout", str(TIMEOUT_S)) as web:
        stuck, other = sorted(settled(web, 2))
        with asking(web, f"/stuck/{stuck}/", until=lambda told: told[stuck] == (4, 4)):
            wait_for(lambda: stuck not in web.workers(), "its end")
        assert other in settled(web, 2, without={stuck})
        assert {web.probe("live") for _ in range(16)} == {200}


def test_clients_that_do_not_read_end_no_worker():
    """They hold every slot for longer than gunicorn allows; a restart would not make them read."""
    with serving("--timeout", str(TIMEOUT_S)) as web:
        before = settled(web, 2)
        with asking(web, "/huge/", until=are_full):
            held = time.monotonic()
            wait_for(lambda: time.monotonic() - held > 3 * TIMEOUT_S, "three times that")
            assert {web.probe("live") for _ in range(16)} == {200}
            assert web.workers() == before
            assert are_full(slots(web))


def are_full(told):
    return all(busy == most for busy, most in told.values())


def test_the_door_stays_open_for_a_master_that_takes_over():
    """SIGUSR2 starts another one on the same socket; shut, it would be shut for both."""
    with serving(DRAIN_SECONDS="60") as web:
        old = settled(web, 2)
        web.signal(signal.SIGUSR2)
        (new,) = wait_for(
            lambda: {pid for pid in web.workers() - old if len(children_of(pid)) == 2},
            "a second master with its workers",
        )
        try:
            wait_for(lambda: set(web.rows().values()) == children_of(new), "one of them to answer")
            web.signal(signal.SIGTERM)
            code, took_s = web.ended()
            assert (code, took_s < 20) == (0, True), web.said
            for _ in range(8):
                assert set(web.rows().values()) == children_of(new)
                assert web.probe("ready") == 200
        finally:
            workers = children_of(new)
            for pid in (new, *workers):
                os.kill(pid, signal.SIGKILL)


@contextmanager
def refused(**settings):
    web = launch(**settings)
    try:
        code, _ = web.ended()
        yield code, "".join(web.said)
    finally:
        if web.process.poll() is None:
            web.process.kill()


def test_a_second_server_on_the_same_probe_port_does_not_start():
    taken = str(free_port())
    with serving(HEALTH_PORT=taken), refused(HEALTH_PORT=taken) as (code, said):
        assert code == 1
        assert "HEALTH_PORT" in said
        assert taken in said
        assert "Traceback" not in said


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"HEALTH_TOKEN": "short"}, "HEALTH_TOKEN"),
        ({"DRAIN_SECONDS": "soon"}, "DRAIN_SECONDS"),
        ({"WEB_WORKERS": str(ROWS // 2 + 1)}, "WEB_WORKERS"),
    ],
)
def test_what_cannot_work_is_refused_in_one_line(settings, words):
    with refused(**settings) as (code, said):
        assert code == 1
        assert words in said
        assert "Traceback" not in said
        assert "Booting worker" not in said
