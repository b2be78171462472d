"""The check that readiness hangs on, against servers that are well, ill, and none at all."""

import time
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest

from apps.core.sampling.check import State
from apps.core.sampling.checks import database
from apps.core.sampling.checks.database import Database
from apps.core.sampling.link import RENEWED_AFTER_S, RENEWED_BEHIND_POOLER_AFTER_S
from apps.core.sampling.sampler import Sampler
from local import pooler, spilo
from local.roles import APP, OWNER
from local.tools import PGBOUNCER
from tests.core.sampling.conftest import (
    black_hole,
    broken_by,
    closed_port,
    frozen,
    passes,
    seen,
)
from tests.paths.conftest import STOCK, fresh, needs


def look(link):
    """The first look of a process."""
    return Database(link).look()


def told(reading):
    return reading.state, reading.word, reading.finding


def fails(word, finding):
    return (State.FAIL, word, finding)


@contextmanager
def hba(server, rules):
    """With these rules before the server's own."""
    file = server.place.data / "pg_hba.conf"
    before = file.read_text()
    try:
        file.write_text(rules + "\n" + before)
        server.reload()
        yield
    finally:
        file.write_text(before)
        server.reload()


class TestPass:
    def test_as_the_shop_serves(self, shop_link):
        reading = look(shop_link)

        assert passes(reading)
        observed = seen(reading)
        assert observed["database:role/default"] == "primary"
        assert 0 < observed["database:responseTime/default"] < 500

    def test_through_the_pooler(self, links, pooled):
        assert passes(look(links(pooled)))

    def test_fifty_looks_over_one_session(self, link):
        look(link)
        (pid,) = link.ask("SELECT pg_backend_pid()", within_s=5).row

        for _ in range(50):
            look(link)

        assert link.ask("SELECT pg_backend_pid()", within_s=5).row == (pid,)
        assert link.sessions == 1

    def test_a_table_that_is_not_made_yet_is_no_fault_of_the_role(self, links, primary):
        assert passes(look(links(primary, NAME="postgres", **OF_OPERATOR(primary))))


def OF_OPERATOR(server):  # noqa: N802
    """The only other role that may connect to another database."""
    return {"USER": "pooler", "PASSWORD": server.passwords["pooler"]}


class TestRole:
    def test_superuser(self, link, primary):
        with broken_by(
            primary, f"ALTER ROLE {APP} SUPERUSER", mended_by=[f"ALTER ROLE {APP} NOSUPERUSER"]
        ):
            assert told(look(link)) == fails("unbound", "role.superuser")
        assert passes(look(link))

    def test_bypassrls(self, link, primary):
        with broken_by(
            primary, f"ALTER ROLE {APP} BYPASSRLS", mended_by=[f"ALTER ROLE {APP} NOBYPASSRLS"]
        ):
            assert told(look(link)) == fails("unbound", "role.bypassrls")

    def test_the_owner(self, links, primary):
        assert told(look(links(primary, OWNER))) == fails("unbound", "rls.not-bound")

    def test_policies_switched_off(self, link, primary):
        with psycopg.connect(**primary.link(OWNER, autocommit=True)) as owner:
            owner.execute("ALTER TABLE shops_register DISABLE ROW LEVEL SECURITY")
            try:
                assert told(look(link)) == fails("unbound", "rls.not-bound")
            finally:
                owner.execute("ALTER TABLE shops_register ENABLE ROW LEVEL SECURITY")

    def test_policies_of_another_table_switched_off(self, link, primary):
        with psycopg.connect(**primary.link(OWNER, autocommit=True)) as owner:
            owner.execute("CREATE TABLE scale_reading (grams numeric)")
            owner.execute("CREATE POLICY nobody ON scale_reading USING (false)")
            try:
                assert told(look(link)) == fails("unbound", "rls.not-bound")
                owner.execute("ALTER TABLE scale_reading ENABLE ROW LEVEL SECURITY")
                assert passes(look(link))
            finally:
                owner.execute("DROP TABLE scale_reading")

    def test_dropped_while_it_is_logged_in(self, links, primary):
        with broken_by(
            primary,
            "CREATE ROLE passing LOGIN PASSWORD 'passing-by'",
            "GRANT CONNECT ON DATABASE jewelry_shop TO passing",
            mended_by=["REVOKE ALL ON DATABASE jewelry_shop FROM passing"],
        ) as superuser:
            link = links(primary, USER="passing", PASSWORD="passing-by")
            look(link)
            superuser.execute("REVOKE ALL ON DATABASE jewelry_shop FROM passing")
            superuser.execute("DROP ROLE passing")
            reading = look(link)
            superuser.execute("CREATE ROLE passing")

        with broken_by(primary, mended_by=["DROP ROLE passing"]):
            assert told(reading) == fails("auth", "auth.no-such-role")


class TestWrites:
    def test_switched_to_reading(self, link, primary):
        look(link)
        with broken_by(
            primary,
            "ALTER SYSTEM SET default_transaction_read_only = on",
            "SELECT pg_reload_conf()",
            mended_by=[
                "SET default_transaction_read_only = off",
                "ALTER SYSTEM RESET default_transaction_read_only",
                "SELECT pg_reload_conf()",
            ],
        ):
            assert _soon(link, lambda one: one.word == "read_only")
        assert _soon(link, passes)

    def test_a_standby(self, links, replica):
        reading = look(links(replica))

        assert told(reading) == fails("read_only", "session.read-only")
        assert seen(reading)["database:role/default"] == "standby"

    def test_new_sessions_only_are_read_only(self, links, primary):
        """A pause for maintenance: the kept session would go on for ever."""
        now = [0.0]
        link = links(primary, clock=lambda: now[0])
        assert passes(look(link))
        with broken_by(
            primary,
            f"ALTER ROLE {APP} SET default_transaction_read_only = on",
            mended_by=[f"ALTER ROLE {APP} RESET default_transaction_read_only"],
        ):
            now[0] += RENEWED_AFTER_S
            assert look(link).word == "read_only"

    @pytest.mark.parametrize("whose", [f"ROLE {APP}", "DATABASE jewelry_shop"])
    def test_a_pause_is_noticed_at_both_ends_without_waiting_for_a_renewal(
        self, links, primary, whose
    ):
        check = Database(links(primary))
        assert passes(check.look())
        with broken_by(
            primary,
            f"ALTER {whose} SET default_transaction_read_only = on",
            mended_by=[
                "SET default_transaction_read_only = off",
                f"ALTER {whose} RESET default_transaction_read_only",
            ],
        ):
            assert _waited(lambda: check.look().word == "read_only")
        assert _waited(lambda: passes(check.look()))
        assert check._link.sessions == 3

    def test_tables_that_were_there_and_are_gone(self, link, primary):
        """As after a restore gone wrong; the migrations were seen once, and are not asked again."""
        check = Database(link)
        with psycopg.connect(**primary.link(OWNER, autocommit=True)) as owner:
            assert passes(check.look())
            owner.execute("ALTER TABLE shops_register RENAME TO shops_register_lost")
            try:
                assert told(check.look()) == fails("pending", "schema.empty")
            finally:
                owner.execute("ALTER TABLE shops_register_lost RENAME TO shops_register")
            assert passes(check.look())


class TestTls:
    def test_plaintext(self, links, primary):
        with hba(primary, f"hostnossl all {APP} 127.0.0.1/32 scram-sha-256"):
            link = links(primary)
            link._database["OPTIONS"].update(sslmode="disable")
            assert told(look(link)) == fails("tls", "tls.link-plaintext")

    def test_our_leg_to_the_pooler(self, links, primary, open_folder, authority):
        needs(PGBOUNCER)
        one = pooler.start_with(
            fresh(open_folder, "open"),
            configuration=STOCK.replace(
                "client_tls_sslmode = require", "client_tls_sslmode = allow"
            ),
            behind=primary,
            pair=authority.issue(),
            server_ca=authority.pem,
        )
        try:
            link = links(one)
            link._database["OPTIONS"].update(sslmode="disable")
            assert told(look(link)) == fails("tls", "tls.link-plaintext")
        finally:
            one.stop()

    def test_the_poolers_own_leg(self, links, primary, open_folder, authority):
        needs(PGBOUNCER)
        plain = STOCK.replace("server_tls_sslmode = require", "server_tls_sslmode = disable")
        with hba(primary, "hostnossl all all 127.0.0.1/32 md5"):
            one = pooler.start_with(
                fresh(open_folder, "plain"),
                configuration=plain,
                behind=primary,
                pair=authority.issue(),
                server_ca=authority.pem,
            )
            try:
                reading = look(links(one))
            finally:
                one.stop()
        assert told(reading) == fails("tls", "tls.server-leg-plaintext")


class TestAway:
    """A server of its own for those that end it."""

    def test_nobody_listens(self, links, primary):
        reading = look(links(primary, PORT=closed_port()))

        assert told(reading) == fails("unreachable", "tcp.refused")
        assert "refused" in reading.said
        assert "database:responseTime/default" in seen(reading)

    def test_black_hole(self, links, primary):
        with black_hole() as port:
            assert told(look(links(primary, PORT=port))) == fails("timeout", "tcp.timeout")

    @pytest.mark.parametrize("warm", [True, False])
    def test_frozen(self, link, primary, warm):
        if warm:
            assert passes(look(link))
        with frozen(primary):
            began_s = time.monotonic()
            reading = look(link)
            assert time.monotonic() - began_s < 2
        assert (reading.state, reading.word) == (State.FAIL, "timeout")
        assert reading.finding == ("tcp.timeout" if warm else "tls.silent")
        assert passes(look(link))

    def test_wrong_password(self, links, primary):
        reading = look(links(primary, PASSWORD="a-wrong-one"))

        assert told(reading) == fails("auth", "auth.wrong-password")
        assert "a-wrong-one" not in repr(reading)

    def test_too_many_connections(self, link, primary):
        with broken_by(
            primary,
            f"ALTER ROLE {APP} CONNECTION LIMIT 0",
            mended_by=[f"ALTER ROLE {APP} CONNECTION LIMIT -1"],
        ):
            assert told(look(link)) == fails("refused", "budget.role-full")

    def test_a_login_that_works_no_more_is_told_while_the_session_serves(self, links, primary):
        now = [0.0]
        link = links(primary, clock=lambda: now[0])
        assert passes(look(link))
        with broken_by(primary, f"ALTER ROLE {APP} NOLOGIN", mended_by=[f"ALTER ROLE {APP} LOGIN"]):
            assert passes(look(link))
            now[0] += RENEWED_AFTER_S
            assert passes(look(link))  # once may be by chance
            reading = look(link)
            assert told(reading) == (State.WARN, "auth", "auth.may-not-log-in")
        now[0] += 5
        assert passes(look(link))

    def test_behind_a_pooler_each_page_would_be_turned_away(self, links, pooled):
        now = [0.0]
        link = links(pooled, clock=lambda: now[0])
        right = link._database["PASSWORD"]
        assert passes(look(link))
        link._database["PASSWORD"] = "another"
        now[0] += RENEWED_BEHIND_POOLER_AFTER_S
        look(link)
        reading = look(link)
        assert (reading.state, reading.word) == (State.FAIL, "auth")
        link._database["PASSWORD"] = right
        now[0] += 5
        assert passes(look(link))

    def test_rules_that_turn_newcomers_away_are_noticed_when_they_are_read(self, links, primary):
        check = Database(links(primary))
        assert passes(check.look())
        assert passes(check.look())
        with hba(primary, f"hostssl all {APP} all reject"):
            assert _waited(lambda: check.look().state is State.WARN)
            reading = check.look()
            assert told(reading) == (State.WARN, "auth", "hba.rejected")
        assert _waited(lambda: passes(check.look()), within_s=20)
        assert check._link.sessions == 2

    def test_certificates_that_are_not_the_databases(self, links, primary, authority):
        link = links(primary)
        expired = authority.issue(days=-1)
        good = authority.issue()
        primary.give("tls.crt", expired.certificate)
        primary.give("tls.key", expired.key)
        try:
            with primary.superuser() as kept:
                kept.execute("SELECT pg_reload_conf()")
                reading = _until(link, lambda one: one.word == "tls")
                assert reading.state is State.FAIL
                assert reading.finding == "tls.verify-failed"
                primary.give("tls.crt", good.certificate)
                primary.give("tls.key", good.key)
                kept.execute("SELECT pg_reload_conf()")
        finally:
            primary.give("tls.crt", good.certificate)
            primary.give("tls.key", good.key)
        assert _soon(link, passes)


class TestBehindThePooler:
    @pytest.fixture
    def broken(self, open_folder, authority, ca):
        """A server, and a pooler in front, for a test that ends one of them."""
        needs(PGBOUNCER)
        server = spilo.start_primary(
            fresh(open_folder, "broken"),
            major=spilo.embedded_major(),
            pair=authority.issue(),
            ca=ca,
        )
        one = pooler.start(
            fresh(open_folder, "before-broken"),
            behind=server,
            pair=authority.issue(),
            server_ca=authority.pem,
            CONNECTION_POOLER_DEFAULT_SIZE="1",
            CONNECTION_POOLER_MIN_SIZE="0",
            CONNECTION_POOLER_RESERVE_SIZE="0",
            CONNECTION_POOLER_MAX_DB_CONN="1",
        )
        yield server, one
        one.stop()
        if server.child.poll() is None:
            server.stop()

    def test_every_fault_on_the_way(self, links, broken):
        server, before = broken
        link = links(before)
        assert passes(look(link))

        # All of the pool's one connection is held by a transaction.
        with psycopg.connect(**before.link(APP)) as held:
            held.execute("SELECT 1")
            reading = look(link)
            assert (reading.state, reading.word) == (State.FAIL, "timeout")
        assert _soon(link, passes)

        with frozen(server):
            assert (look(link).state, look(link).word) == (
                State.FAIL,
                "timeout",
            )
        assert _soon(link, passes, within_s=30)

        server.stop()
        reading = _until(link, lambda one: one.state is State.FAIL)
        assert reading.word in {"unreachable", "timeout"}

        before.stop()
        assert _until(link, lambda one: one.finding == "tcp.refused").word == "unreachable"


class TestAsACheck:
    def test_it_gates_unless_told_otherwise(self, link):
        assert database.build(link).gates
        assert not database.build(link, gates=False).gates

    def test_in_a_sampler_the_freeze_shows_and_passes(self, link, primary):
        """By the reader's clock, whatever the look does."""
        check = database.build(link)
        sampler = Sampler([replace(check, every_s=0.1, within_s=0.4)])
        sampler.start()
        try:
            assert _waited(lambda: sampler.standings()[0].state is State.PASS)
            with frozen(primary):
                began_s = time.monotonic()
                assert _waited(lambda: sampler.standings()[0].state is State.FAIL)
                assert time.monotonic() - began_s < 3
                assert sampler.standings()[0].word == "timeout"
            assert _waited(lambda: sampler.standings()[0].state is State.PASS)
        finally:
            sampler.stop()


def _until(link, true, within_s=10):
    """Look until a reading is as wanted; the last one, whatever it is."""
    until = time.monotonic() + within_s
    while not true(reading := look(link)) and time.monotonic() < until:
        time.sleep(0.02)
    return reading


def _soon(link, true, within_s=10):
    return true(_until(link, true, within_s))


def _waited(true, within_s=10):
    until = time.monotonic() + within_s
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True
