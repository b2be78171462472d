"""The board and the probe port, as workers come and go: config.serving, with real processes."""

import os
import signal
from contextlib import contextmanager

import pytest

from apps.core.sampling.board import ROWS
from tests.draining.conftest import ask, children_of, free_port, launch, serving, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


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
