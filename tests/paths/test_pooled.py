"""web → pooler → primary: verified, in transactions that carry nothing to the next client."""

import psycopg
import pytest
from django.db import DatabaseError, OperationalError

from local import pooler
from local.roles import APP, APP_STATEMENT_TIMEOUT
from local.tools import PGBOUNCER
from tests.paths.authority import Authority
from tests.paths.conftest import needs

# More than one client on one server connection, so that whatever stays is met.
ONE_CONNECTION = {"CONNECTION_POOLER_DEFAULT_SIZE": "1", "CONNECTION_POOLER_RESERVE_SIZE": "0"}


@pytest.fixture
def web(as_django, behind_pooler):
    return as_django(behind_pooler, pooled=True)


def one(connection, statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()


def test_both_legs_are_encrypted_and_the_client_is_sure_of_the_pooler(web):
    assert one(web, "SELECT ssl, current_user FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == (
        True,
        APP,
    )
    assert web.connection.pgconn.ssl_in_use
    assert web.settings_dict["OPTIONS"]["sslmode"] == "verify-full"


def test_plaintext_is_refused_by_the_pooler(behind_pooler):
    with pytest.raises(psycopg.OperationalError, match="SSL required"):
        psycopg.connect(**behind_pooler.link(APP, sslmode="disable", sslrootcert=None))


def test_a_pooler_of_another_authority_is_refused(behind_pooler, tmp_path):
    other = tmp_path / "ca.crt"
    other.write_bytes(Authority("a stranger").pem)
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        psycopg.connect(**behind_pooler.link(APP, sslrootcert=str(other)))


def test_a_wrong_password_is_refused_and_not_repeated(behind_pooler):
    with pytest.raises(psycopg.OperationalError, match="authentication failed") as refused:
        psycopg.connect(**behind_pooler.link(APP, password="not the password"))
    assert "not the password" not in str(refused.value)
    assert "not the password" not in "".join(behind_pooler.said)


def test_django_keeps_no_connection_and_opens_no_server_side_cursor(web):
    assert web.settings_dict["CONN_MAX_AGE"] == 0
    assert web.settings_dict["CONN_HEALTH_CHECKS"] is True
    assert web.settings_dict["DISABLE_SERVER_SIDE_CURSORS"] is True
    with web.chunked_cursor() as cursor:
        cursor.execute("SELECT generate_series(1, 5)")
        assert len(cursor.fetchall()) == 5
    # A server-side cursor would have needed a transaction that is still open.
    assert web.connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert one(web, "SELECT count(*) FROM pg_cursors") == (0,)


def test_the_roles_time_limit_holds_where_options_are_dropped(web, behind_pooler):
    assert one(web, "SHOW statement_timeout") == (APP_STATEMENT_TIMEOUT,)
    sent = behind_pooler.link(APP, options="-c statement_timeout=1234")
    with psycopg.connect(**sent) as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == (APP_STATEMENT_TIMEOUT,)


def test_a_statement_past_its_time_is_cut_and_the_link_goes_on(web):
    with (
        pytest.raises(OperationalError, match="statement timeout"),
        web.cursor() as cursor,
    ):
        cursor.execute(
            "BEGIN; SET LOCAL statement_timeout = '50ms';"
            " SELECT count(*) FROM generate_series(1, 1000000000)"
        )
    web.rollback()
    assert one(web, "SHOW statement_timeout") == (APP_STATEMENT_TIMEOUT,)


@pytest.fixture
def two_clients_of_one_connection(own_folder, primary, authority, as_django):
    needs(PGBOUNCER)
    narrow = pooler.start(
        own_folder / "pooler",
        behind=primary,
        pair=authority.issue(),
        server_ca=authority.pem,
        **ONE_CONNECTION,
    )
    try:
        clients = [as_django(narrow, pooled=True) for _ in range(2)]
        assert len({one(client, "SELECT pg_backend_pid()") for client in clients}) == 1
        yield clients
        for client in clients:
            client.close()
    finally:
        narrow.stop()


def test_what_a_transaction_sets_does_not_reach_the_next_client(two_clients_of_one_connection):
    first, second = two_clients_of_one_connection
    asked = "SELECT coalesce(current_setting('app.shop_id', true), ''), current_setting('work_mem')"
    before = one(second, asked)
    with first.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT set_config('app.shop_id', '7', true)")
        cursor.execute("SET LOCAL work_mem = '99MB'")
        cursor.execute(asked)
        assert cursor.fetchone() == ("7", "99MB")
        cursor.execute("COMMIT")
    assert one(second, asked) == before


def test_a_sessions_setting_would_reach_the_next_client(two_clients_of_one_connection):
    """Why only `set_config(…, true)` is allowed: this is the leak it avoids."""
    first, second = two_clients_of_one_connection
    one(first, "SELECT set_config('app.shop_id', '7', false)")
    assert one(second, "SELECT current_setting('app.shop_id', true)") == ("7",)
    one(first, "SELECT set_config('app.shop_id', '', false)")


def test_a_transactions_lock_ends_with_it(two_clients_of_one_connection):
    first, second = two_clients_of_one_connection
    with first.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT pg_advisory_xact_lock(42)")
        cursor.execute("COMMIT")
    assert one(second, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == (0,)


def test_a_sessions_lock_is_no_lock_behind_the_pooler(two_clients_of_one_connection):
    """Both clients believe that they hold it: a session's lock needs the direct link."""
    first, second = two_clients_of_one_connection
    assert one(first, "SELECT pg_try_advisory_lock(42)") == (True,)
    assert one(second, "SELECT pg_try_advisory_lock(42)") == (True,)
    one(first, "SELECT pg_advisory_unlock_all()")


def test_a_cursor_ends_with_its_transaction(two_clients_of_one_connection):
    first, second = two_clients_of_one_connection
    with first.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("DECLARE of_first CURSOR FOR SELECT 1")
        cursor.execute("COMMIT")
    with pytest.raises(DatabaseError, match="does not exist"):
        one(second, "FETCH 1 FROM of_first")


def test_one_statement_prepares_nothing_for_the_other(two_clients_of_one_connection):
    first, second = two_clients_of_one_connection
    for client in (first, second) * 6:  # psycopg prepares at the fifth use, unless told not to
        assert one(client, "SELECT %s::int", 5) == (5,)
    assert one(first, "SELECT count(*) FROM pg_prepared_statements") == (0,)


def test_an_unknown_role_is_refused(behind_pooler):
    unknown = behind_pooler.link(APP) | {"user": "nobody_we_know"}
    with pytest.raises(psycopg.OperationalError, match="bouncer config error"):
        psycopg.connect(**unknown)


def test_the_lookup_is_for_the_pooler_alone(primary):
    with (
        psycopg.connect(**primary.link(APP)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("SELECT pooler.user_lookup('postgres')")
