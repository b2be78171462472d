"""What shows itself slowly: warnings beside the database, and the end of a watchdog.

Two webs at once, each of one worker: a troubled one, and one whose watchdog was
ended at the start. Each row of the matrix, and its test:

14 replication lag         test_what_is_wrong_beside_the_database
18 cache table gone        test_what_is_wrong_beside_the_database
19 no worker, late jobs    test_what_is_wrong_beside_the_database
22 certificates            test_certificates_near_their_end_and_past_it
26 watchdog ended          test_a_dead_watchdog_is_not_ready_and_then_not_alive
"""

import json
import time
from contextlib import contextmanager

import pytest

from local import spilo
from local.kubelet import probe
from tests.health.expect import ROOM, assert_sound, details, fails, fault, serves, warns
from tests.health.links import TlsDoor, wait_for
from tests.health.watch import DETAILED, LIVE, STARTUP
from tests.health.web import Levers, serving

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def dying(database, tmp_path_factory):
    """One worker whose watchdog ends at once: its minute passes while the other one is tested."""
    own = Levers(tmp_path_factory.mktemp("levers") / "one")
    given = database.environment(LEVERS=str(own.folder))
    with serving(given, workers=1, config="tests/health/levers.py") as web:
        web.watcher.steady(time.monotonic(), within_s=60, ready=serves)
        own.pull("end_watchdog")
        web.ended_at = time.monotonic()
        yield web


@pytest.fixture(scope="module")
def replica(database, authority, folder):
    one = spilo.start_replica(folder / "replica", of=database.server, pair=authority.issue(days=10))
    yield one
    one.stop()


@pytest.fixture(scope="module")
def web(database, authority, replica, dying):
    ended, ending = TlsDoor(authority.issue(days=-1)), TlsDoor(authority.issue(days=2))
    given = database.environment(
        DB_REPLICA_HOST="localhost",
        DB_REPLICA_PORT=str(replica.port),
        DB_DIRECT_HOST="127.0.0.1",
        DB_DIRECT_PORT=str(ended.port),
        DB_POOLER_HOST="127.0.0.1",
        DB_POOLER_PORT=str(ending.port),
    )
    with serving(given, workers=1) as one:
        yield one
    ended.close()
    ending.close()


def test_certificates_near_their_end_and_past_it(web):
    web.watcher.steady(time.monotonic(), within_s=20, ready=warns("certificates"))
    began = time.monotonic()
    seen = wait_for(lambda: web.watcher.since(began, DETAILED), "the detail")[0]
    assert seen.status == 200
    told = {entry["componentId"]: entry for entry in seen.json()["checks"]["tls:daysToExpiry"]}
    assert {who: (entry["status"], entry.get("output")) for who, entry in told.items()} == {
        "primary": ("fail", "expired"),
        "pooler": ("fail", "expiring"),
        "replica": ("warn", "expiring"),
    }
    days = [round(told[who]["observedValue"]) for who in ("primary", "pooler", "replica")]
    assert days == [-1, 2, 10]
    assert_sound(web, since=began)


TROUBLED = {"cache", "queue", "replicas"}


class Trouble:
    """Row 14, 18 and 19 at once."""

    def __init__(self, database, replica):
        self._database, self._replica = database, replica

    @contextmanager
    def happens(self):
        sql = self._database.sql
        sql("ALTER TABLE core_cache RENAME TO core_cache_gone")
        sql("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '5 minutes'")
        sql(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, scheduled_at)"
            " VALUES ('default', 'of.nobody', '{}', now() - interval '7 minutes')"
        )
        self._of_replica("SELECT pg_wal_replay_pause()")
        sql("SELECT pg_switch_wal()")
        sql("CREATE TABLE that_the_replica_lacks ()")
        try:
            yield
        finally:
            self._of_replica("SELECT pg_wal_replay_resume()")
            sql("DROP TABLE that_the_replica_lacks")
            sql("DELETE FROM procrastinate_jobs WHERE task_name = 'of.nobody'")
            sql("UPDATE procrastinate_workers SET last_heartbeat = now() + interval '1 day'")
            sql("ALTER TABLE core_cache_gone RENAME TO core_cache")

    def _of_replica(self, statement):
        with self._replica.superuser() as connection:
            connection.execute(statement)


def test_what_is_wrong_beside_the_database(database, replica, web):
    with fault(
        web,
        Trouble(database, replica).happens(),
        # A replica is behind after 10 s, and the queue is looked at every 10 s.
        within_s=16,
        back_within_s=45,
        ready=warns("certificates", *TROUBLED),
        detailed=details("replicas", "lag", state="warn", status=200),
        returns=lambda seen: serves(seen) and not TROUBLED & set(seen.json().get("warnings", [])),
        told=["cache", "replicas"],
    ):
        checks = json.loads(web.detailed().body)["checks"]

    assert [one["output"] for one in checks["queue:responseTime"]] == ["stale"]
    (heartbeat,), (oldest,) = checks["queue:heartbeatAge"], checks["queue:oldest"]
    assert (heartbeat["output"], oldest["output"]) == ("stale", "late")
    assert 295 < heartbeat["observedValue"] < 400
    assert 415 < oldest["observedValue"] < 520
    assert [one["status"] for one in checks["cache:responseTime"]] == ["warn"]
    (lag,) = checks["replication:lag"]
    assert lag["observedValue"] >= 10


def test_a_dead_watchdog_is_not_ready_and_then_not_alive(dying):
    unready = dying.watcher.steady(dying.ended_at, within_s=20, ready=fails("sampler"))
    assert 3 < unready < 6 * ROOM
    left_s = max(0.0, 60 - (time.monotonic() - dying.ended_at))
    dying.watcher.steady(dying.ended_at, within_s=left_s + 15, live=fails("sampler"))
    alive_s = (
        max(one.at for one in dying.watcher.since(dying.ended_at, LIVE) if one.status == 200)
        - dying.ended_at
    )
    assert 55 < alive_s < 60 + 6 * ROOM
    assert probe(dying.probe_port, STARTUP).status == 200
    slowest = max(one.answer.took_s for one in dying.watcher.since(dying.ended_at))
    assert slowest < 0.5
