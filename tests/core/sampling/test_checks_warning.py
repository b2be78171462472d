"""What only warns, on real servers: copies, room for connections, cache, queue, certificates."""

import time
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from apps.core.database.certificate_watch import CertificateWatch
from apps.core.sampling.check import State
from apps.core.sampling.checks import cache, certificates, connections, queue, replicas
from apps.core.sampling.checks.replicas import Lag, Replica
from local.roles import APP, OWNER
from tests.core.sampling.conftest import closed_port, frozen, passes, seen

EVERY_S = 5.0


def warns(reading, word):
    return (reading.state, reading.word) == (State.WARN, word)


@contextmanager
def as_owner(server):
    with psycopg.connect(**server.link(OWNER, autocommit=True)) as owner:
        yield owner


class TestReplica:
    @pytest.fixture
    def now(self):
        return [0.0]

    @pytest.fixture
    def look(self, links, primary, replica, now):
        one = Replica(links(primary), links(replica, read_only=True), clock=lambda: now[0])

        def look_later():
            now[0] += EVERY_S
            return one.look()

        return look_later

    @pytest.fixture
    def write(self, primary):
        def write_something():
            with primary.superuser() as superuser:
                superuser.execute("SET synchronous_commit = on")  # sent before this returns
                superuser.execute("SELECT pg_logical_emit_message(true, 'test', 'something')")

        return write_something

    @contextmanager
    def paused(self, replica):
        with replica.superuser() as superuser:
            superuser.execute("SELECT pg_wal_replay_pause()")
            _wait(
                lambda: (
                    superuser.execute("SELECT pg_get_wal_replay_pause_state()").fetchone()
                    == ("paused",)
                )
            )
            try:
                yield
            finally:
                superuser.execute("SELECT pg_wal_replay_resume()")

    def test_a_copy_that_follows(self, look, write):
        write()
        look()
        _wait(lambda: seen(look())["replication:lag/replica"] == 0)
        assert passes(look())

    def test_nothing_is_written_for_long(self, look, now):
        """The age of what was replayed last grows for ever, and the copy has everything."""
        _wait(lambda: seen(look())["replication:lag/replica"] == 0)
        now[0] += 3600
        reading = look()
        assert passes(reading)
        assert seen(reading)["replication:lag/replica"] < replicas.BEHIND_AFTER_S

    def test_one_that_is_behind_and_catches_up(self, look, write, replica):
        _wait(lambda: seen(look())["replication:lag/replica"] == 0)
        with self.paused(replica):
            write()
            readings = [look() for _ in range(5)]
            lags = [seen(one)["replication:lag/replica"] for one in readings]
            assert lags == [0, 5, 10, 15, 20]
            assert [one.word for one in readings] == ["", "", "lag", "lag", "lag"]
            assert readings[-1].state is State.WARN
            assert "20 s behind" in readings[-1].said
        _wait(lambda: passes(look()))

    def test_what_it_cannot_ask(self, links, primary, replica):
        link = links(replica, read_only=True, PORT=closed_port())
        reading = Replica(links(primary), link).look()

        assert warns(reading, "unreachable")
        assert seen(reading) == {"replication:lag/replica": None}

    def test_a_frozen_one_is_given_up_in_time(self, links, primary, replica):
        one = Replica(links(primary), links(replica, read_only=True))
        assert one.look().state is State.PASS
        with frozen(replica):
            began_s = time.monotonic()
            assert warns(one.look(), "timeout")
            assert time.monotonic() - began_s < 2
        assert one.look().state is State.PASS

    def test_its_name_leads_to_the_primary(self, links, primary):
        assert passes(Replica(links(primary), links(primary, read_only=True)).look())

    def test_without_one_those_that_follow_are_counted(self, links, primary, replica):
        assert seen(replicas.count(links(primary))) == {"replication:followers": 1}
        assert passes(replicas.count(links(primary)))

    def test_without_any(self, shop_link):
        reading = replicas.count(shop_link)
        assert passes(reading)
        assert reading.observed == ()

    def test_no_primary(self, links, primary):
        assert warns(replicas.count(links(primary, PORT=closed_port())), "unreachable")


class TestLag:
    def test_behind_our_first_note_the_age_of_what_was_replayed_is_all_we_know(self):
        lag = Lag()
        assert lag.seconds(at_s=0, written=100, replayed=10, last_s=3600) == 0
        assert lag.seconds(at_s=5, written=200, replayed=20, last_s=3600) == 3600

    def test_between_two_notes_ours_is_the_better(self):
        lag = Lag()
        lag.seconds(at_s=0, written=100, replayed=100, last_s=3600)
        lag.seconds(at_s=5, written=200, replayed=100, last_s=3600)
        assert lag.seconds(at_s=12, written=300, replayed=150, last_s=3600) == 7
        assert lag.seconds(at_s=17, written=400, replayed=300, last_s=0) == 0

    def test_its_memory_is_bounded(self):
        lag = Lag()
        for number in range(5000):
            lag.seconds(at_s=5.0 * number, written=100 + number, replayed=1, last_s=0)
        assert len(lag._notes) == 720


class TestConnections:
    def test_room(self, shop_link):
        reading = connections.look(shop_link)

        assert passes(reading)
        observed = seen(reading)
        assert 0 < observed["connections:used"] < observed["connections:most"]

    def test_nearly_none_left(self, link, primary):
        """60 less 3 that are kept for superusers; four fifths of 57 are 45.6."""
        with ExitStack() as opened:
            for _ in range(45):
                opened.enter_context(psycopg.connect(**primary.link(APP)))
            reading = connections.look(link)
        assert warns(reading, "pool")
        assert reading.finding == "budget.nearly-full"
        assert seen(reading)["connections:most"] == 57
        assert seen(reading)["connections:used"] >= 46

    def test_no_database(self, links, primary):
        assert warns(connections.look(links(primary, PORT=closed_port())), "unreachable")


class TestCache:
    def test_it_answers(self, shop_link):
        table = cache.table()
        assert table == "core_cache"
        reading = cache.look(shop_link, table=table)

        assert passes(reading)
        assert 0 < seen(reading)["cache:responseTime/default"] < 500

    def test_kept_elsewhere(self, settings):
        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
        assert cache.table() is None

    def test_it_was_never_made(self, link):
        assert warns(cache.look(link, table='no "such" table'), "pending")

    def test_it_hangs(self, link, primary):
        with psycopg.connect(**primary.link("postgres")) as holder:
            holder.execute("LOCK TABLE core_cache IN ACCESS EXCLUSIVE MODE")
            began_s = time.monotonic()
            assert warns(cache.look(link, table="core_cache"), "timeout")
            assert time.monotonic() - began_s < 1


@pytest.mark.django_db(transaction=True)
class TestQueue:
    @pytest.fixture
    def worker(self):
        """A worker's last heartbeat, so many seconds ago."""

        def beats(seconds_ago=0):
            _write(
                "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)",
                timezone.now() - timedelta(seconds=seconds_ago),
            )

        return beats

    def job(self, *, seconds_ago=0, status="todo", scheduled=False):
        at = timezone.now() - timedelta(seconds=seconds_ago)
        (number,) = _write(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, scheduled_at)"
            " VALUES ('default', 'x', %s::procrastinate_job_status, %s) RETURNING id",
            status,
            at if scheduled else None,
        )
        _write("UPDATE procrastinate_events SET at = %s WHERE job_id = %s", at, number)

    def test_nothing_waits(self, shop_link, worker):
        worker()
        reading = queue.look(shop_link)

        assert passes(reading)
        observed = seen(reading)
        assert observed.pop("queue:heartbeatAge") < 5
        assert observed == {"queue:waiting": 0, "queue:oldest": 0, "queue:failed": 0}

    def test_somebody_is_at_it(self, shop_link, worker):
        worker()
        self.job(seconds_ago=40)
        self.job(seconds_ago=10)
        self.job(seconds_ago=500, status="doing")
        self.job(seconds_ago=500, status="succeeded")
        reading = queue.look(shop_link)

        assert passes(reading)
        assert seen(reading)["queue:waiting"] == 2
        assert seen(reading)["queue:oldest"] == pytest.approx(40, abs=5)

    @pytest.mark.parametrize("scheduled", [True, False])
    def test_late(self, shop_link, worker, scheduled):
        worker()
        self.job(seconds_ago=90, scheduled=scheduled)
        reading = queue.look(shop_link)

        assert warns(reading, "late")
        assert seen(reading)["queue:oldest"] == pytest.approx(90, abs=5)

    def test_what_is_for_later_is_not_late(self, shop_link, worker):
        worker()
        self.job(seconds_ago=-3600, scheduled=True)
        reading = queue.look(shop_link)

        assert passes(reading)
        assert seen(reading)["queue:waiting"] == 0

    def test_failed_ones_are_counted(self, shop_link, worker):
        worker()
        self.job(seconds_ago=500, status="failed")
        reading = queue.look(shop_link)

        assert passes(reading)
        assert seen(reading)["queue:failed"] == 1

    def test_no_worker_at_all(self, shop_link):
        reading = queue.look(shop_link)

        assert warns(reading, "stale")
        assert "queue:heartbeatAge" not in seen(reading)

    def test_one_that_is_about_to_start_is_given_time(self, shop_link, worker):
        now = [0.0]
        check = queue.Queue(shop_link, clock=lambda: now[0])
        assert passes(check.look())
        now[0] = 45
        assert passes(check.look())
        now[0] = 46
        assert warns(check.look(), "stale")
        worker()
        assert passes(check.look())
        _write("DELETE FROM procrastinate_workers")
        now[0] = 91
        assert passes(check.look())
        now[0] = 92
        assert warns(check.look(), "stale")

    def test_the_last_worker_is_silent(self, shop_link, worker):
        worker(46)
        assert warns(queue.look(shop_link), "stale")
        worker(5)
        assert passes(queue.look(shop_link))

    def test_no_database(self, links, primary):
        assert warns(queue.look(links(primary, PORT=closed_port())), "unreachable")


class TestCertificates:
    @pytest.fixture
    def served(self, primary, authority):
        """Lets the server show a certificate that ends in so many days."""
        good = authority.issue()

        def serve(days):
            pair = authority.issue(days=days)
            with primary.superuser() as superuser:
                _give(primary, pair)
                superuser.execute("SELECT pg_reload_conf()")
                wanted = "expired" if days < 0 else days - 0.1
                _wait(lambda: _is_shown(primary, wanted))
            return CertificateWatch({"primary": ("localhost", primary.port)})

        with primary.superuser() as kept:
            yield serve
            _give(primary, good)
            kept.execute("SELECT pg_reload_conf()")
            _wait(lambda: _is_shown(primary, 29.9))

    @pytest.mark.parametrize(
        ("days", "state", "word", "finding"),
        [
            (22, State.PASS, "", ""),
            (20, State.WARN, "expiring", "tls.expires-soon"),
            (2, State.FAIL, "expiring", "tls.expires-soon"),
            (-1, State.FAIL, "expired", "tls.expired"),
        ],
    )
    def test_days_left(self, served, days, state, word, finding):
        reading = certificates.look(served(days))

        assert (reading.state, reading.word, reading.finding) == (state, word, finding)
        assert seen(reading)["tls:daysToExpiry/primary"] == pytest.approx(days, abs=0.1)

    def test_one_of_two_is_away(self, primary):
        watch = CertificateWatch(
            {
                "primary": ("localhost", primary.port),
                "replica": ("localhost", closed_port()),
            }
        )
        reading = certificates.look(watch)

        assert warns(reading, "unreachable")
        assert "replica" in reading.said
        assert seen(reading)["tls:daysToExpiry/primary"] > 21
        assert seen(reading)["tls:daysToExpiry/replica"] is None

    def test_it_never_gates(self):
        assert not certificates.build(CertificateWatch({})).gates
        assert passes(certificates.look(CertificateWatch({})))


def _give(server, pair):
    server.give("tls.crt", pair.certificate)
    server.give("tls.key", pair.key)


def _is_shown(server, wanted):
    (look,) = CertificateWatch({"primary": ("localhost", server.port)}).looks()
    if look.days_left is None:
        return False
    return look.days_left < 0 if wanted == "expired" else abs(look.days_left - wanted) < 0.2


def _write(query, *given):
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        return cursor.fetchone() if cursor.description else None


def _wait(true, within_s=20):
    until = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)
