"""What stands between the web and its database: a dead link, a silent one, PgBouncer.

Each row of the matrix, and its test; the web behind the pooler has sync workers:

 4 black hole              test_a_link_that_leads_nowhere (swallowed)
   silent, established     test_a_link_that_leads_nowhere (silent)
   slow                    test_a_slow_link_is_no_dead_one
   cut                     test_links_that_were_reset_are_made_anew
 6 pooler up, server down  test_behind_the_pooler (server stopped)
 3, 7 … frozen             test_behind_the_pooler (server frozen)
 8 pooler down             test_behind_the_pooler (pooler killed)
 9 pool exhausted          test_behind_the_pooler (pool exhausted)
35 only the app's way      test_a_worker_that_lost_its_way_alone_is_wedged
"""

import os
import signal
import threading
import time
from contextlib import ExitStack, contextmanager

import psycopg
import pytest

from local import pooler
from local.roles import APP
from local.tools import PGBOUNCER
from tests.health.expect import ROOM, assert_sound, details, fails, fault, passes, serves
from tests.health.links import Proxy, black_hole, wait_for
from tests.health.watch import READY
from tests.health.web import serving
from tests.paths.conftest import needs

pytestmark = pytest.mark.slow

# As decimals, so that a test need not wait for whole minutes.
WEDGED_AFTER_S = 3


@pytest.fixture(scope="module")
def proxy(database):
    between = Proxy(database.server.port)
    yield between
    between.close()


@pytest.fixture(scope="module")
def web(database, proxy):
    given = database.environment(
        POSTGRES_PORT=str(proxy.port), HEALTH_WEDGED_AFTER_MINUTES=str(WEDGED_AFTER_S / 60)
    )
    with serving(given) as one:
        one.watcher.steady(time.monotonic(), within_s=60, ready=serves)
        yield one


@contextmanager
def swallowed(proxy):
    """No packet comes back, nor does anybody say that none will."""
    proxy.stall()
    proxy.refuse()
    try:
        with black_hole(proxy.port):
            yield
    finally:
        proxy.listen()
        proxy.go_on()


@contextmanager
def silent(proxy):
    """Connections are taken, and bytes, and that is all."""
    proxy.stall()
    try:
        yield
    finally:
        proxy.go_on()


@pytest.mark.parametrize("doing", [swallowed, silent])
def test_a_link_that_leads_nowhere(web, proxy, doing):
    with fault(
        web,
        doing(proxy),
        within_s=3,
        ready=fails("database"),
        detailed=details("database", "timeout"),
        told=["database"],
    ):
        pass


def test_a_slow_link_is_no_dead_one(web, proxy):
    """Every packet is late by a tenth of the deadline: worth no change."""
    lines, began = len(web.events()), time.monotonic()
    proxy.delay_s = 0.08
    try:
        web.watcher.steady(began, within_s=15, ready=serves)
        wait_for(lambda: len(web.watcher.since(began, READY)) > 60, "sixty answers")
    finally:
        proxy.delay_s = 0.0
    assert all(serves(one) for one in web.watcher.since(began, READY))
    assert not [line for line in web.events()[lines:] if line["check"] == "database"]
    assert_sound(web, since=began)


def test_links_that_were_reset_are_made_anew(web, proxy):
    began, opened = time.monotonic(), proxy.opened
    proxy.cut()
    wait_for(lambda: proxy.opened >= opened + len(web.workers), "new links")
    web.watcher.steady(time.monotonic(), within_s=15, ready=serves)
    assert web.get("/", Cookie="sessionid=somebody").status == 302
    assert_sound(web, since=began)


@pytest.fixture(scope="module")
def bouncer(database, authority, folder):
    needs(PGBOUNCER)
    one = Bouncer(
        pooler.start(
            folder / "pooler",
            behind=database.server,
            pair=authority.issue(),
            server_ca=authority.pem,
            **SMALL,
        )
    )
    yield one
    one.running.stop()


SMALL = {
    "CONNECTION_POOLER_DEFAULT_SIZE": "4",
    "CONNECTION_POOLER_MIN_SIZE": "0",
    "CONNECTION_POOLER_RESERVE_SIZE": "0",
    "CONNECTION_POOLER_MAX_DB_CONN": "4",
}


class Bouncer:
    """A pooler that can be killed, come again, and be held by others."""

    def __init__(self, running):
        self.running = running

    @contextmanager
    def killed(self):
        before = self.running
        os.killpg(before.child.pid, signal.SIGKILL)
        before.child.wait()
        try:
            yield
        finally:
            self._start_again(before)

    def _start_again(self, before):
        given = pooler.image_environment(before.folder, behind=before.behind, port=before.port)
        self.running = pooler._launch(
            before.folder,
            ["sh", str(before.folder / "entrypoint.sh")],
            given | SMALL,
            behind=before.behind,
            port=before.port,
        )

    @contextmanager
    def exhausted(self):
        """Every connection to the server is in somebody's transaction."""
        with ExitStack() as held:
            for _ in range(4):
                link = held.enter_context(psycopg.connect(**self.running.link(APP)))
                link.execute("SELECT 1")
            yield


@pytest.fixture(scope="module")
def pooled(database, bouncer):
    given = database.environment(USE_PGBOUNCER="true", POSTGRES_PORT=str(bouncer.running.port))
    with serving(given, "--worker-class", "sync", threads=1) as one:
        yield one


BEHIND = {
    "server stopped": (lambda database, _: database.crashed(), ("unreachable", "timeout")),
    "server frozen": (lambda database, _: database.frozen(), ("timeout",)),
    "pooler killed": (lambda _, bouncer: bouncer.killed(), ("unreachable",)),
    "pool exhausted": (lambda _, bouncer: bouncer.exhausted(), ("timeout", "pool")),
}


@pytest.mark.parametrize("name", BEHIND)
def test_behind_the_pooler(database, bouncer, pooled, name):
    doing, words = BEHIND[name]
    with fault(
        pooled,
        doing(database, bouncer),
        within_s=3.5,
        # PgBouncer tries a server again that failed it when it thinks fit, once a second here.
        back_within_s=8,
        ready=fails("database"),
        detailed=details("database", *words),
        told=["database"],
    ):
        pass
    assert pooled.get("/", Cookie="sessionid=somebody").status == 302


def test_a_worker_that_lost_its_way_alone_is_wedged(database, web, proxy):
    """Its own links are dead, and one that is made anew would not be: a restart repairs that.

    The links of those who look are spared by the proxy; every other is silent.
    """
    before = database.sessions()
    database.cut()
    wait_for(
        lambda: len(database.sessions() - before) >= len(web.workers),
        "a new session of each worker",
    )
    asked = time.monotonic()
    web.watcher.steady(asked, within_s=20, ready=serves, live=passes)
    proxy.spared = {
        port
        for (port,) in database.sql(
            "SELECT client_port FROM pg_stat_activity WHERE usename = %s", APP
        )
    }
    assert len(proxy.spared) >= len(web.workers)
    stop = threading.Event()
    visitors = [threading.Thread(target=visit_until, args=(web, stop)) for _ in range(4)]
    proxy.stall()
    try:
        for visitor in visitors:
            visitor.start()
        began = time.monotonic()
        shown = web.watcher.steady(
            began,
            within_s=WEDGED_AFTER_S * ROOM + 15,
            live=fails("wedged"),
            detailed=details("wedged", "wedged"),
        )
        assert shown >= WEDGED_AFTER_S - 1
        assert web.kubelet.restarts == 0  # not yet: it has failed for a moment
    finally:
        proxy.spared = set()
        proxy.go_on()
        time.sleep(1)
        stop.set()
        for visitor in visitors:
            visitor.join(30)
    web.watcher.steady(time.monotonic(), within_s=20, live=passes, ready=serves)


def visit_until(web, stop):
    while not stop.is_set():
        web.get("/", within_s=30, Cookie="sessionid=somebody")
        stop.wait(0.1)
