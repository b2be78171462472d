"""Who may do what: the owner migrates, the app serves and can do nothing else."""

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from local.place import Place
from local.postgres import Server, started
from local.roles import ensure_roles
from tests.local.conftest import dial

FLAGS = (
    "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication, rolinherit"
    " FROM pg_roles WHERE rolname = "
)


def test_the_serving_role_is_nothing_but_a_login(connect):
    with connect() as connection:
        assert connection.execute(FLAGS + "current_user").fetchone() == (False,) * 6
        assert connection.execute("SHOW statement_timeout").fetchone() == ("15s",)


def test_the_owner_makes_databases_where_tests_run_and_nothing_more(connect):
    with connect(user="jewelry_owner") as connection:
        row = connection.execute(FLAGS + "current_user").fetchone()
    assert row == (False, False, True, False, False, True)


def test_the_database_is_the_owners(connect):
    with connect() as connection:
        row = connection.execute(
            "SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datlocprovider,"
            " datlocale FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    assert row == ("jewelry_owner", "UTF8", "b", "C.UTF-8")


@pytest.mark.parametrize(
    "forbidden",
    [
        "CREATE TABLE of_app (id int)",
        "CREATE TEMP TABLE of_app (id int)",
        "CREATE SCHEMA of_app",
        "TRUNCATE of_owner",
        "DROP TABLE of_owner",
        "ALTER TABLE of_owner DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE of_owner DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "SET ROLE jewelry_owner",
        "SET ROLE postgres",
        "ALTER ROLE jewelry_app SUPERUSER",
        "CREATE DATABASE of_app",
        "COPY of_owner TO PROGRAM 'true'",
    ],
)
def test_the_app_may_not(connect, forbidden):
    with connect(user="jewelry_owner") as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS of_owner (id int)")
        owner.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON of_owner TO jewelry_app")
    with connect() as connection:
        assert connection.execute("SELECT count(*) FROM of_owner").fetchone() == (0,)
        with pytest.raises(InsufficientPrivilege):
            connection.execute(forbidden)


def test_the_app_enters_its_own_database_alone(connect):
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        connect(dbname="postgres")


def test_a_role_that_was_given_too_much_is_put_right(server: Server, connect):
    with connect(user="postgres", dbname="postgres") as superuser:
        superuser.execute("ALTER ROLE jewelry_app SUPERUSER BYPASSRLS CREATEDB")
        superuser.execute("ALTER ROLE jewelry_app SET statement_timeout = 0")
    ensure_roles(server.place, port=server.port)
    with connect() as connection:
        assert connection.execute(FLAGS + "current_user").fetchone() == (False,) * 6
        assert connection.execute("SHOW statement_timeout").fetchone() == ("15s",)


def test_a_new_password_file_is_the_new_password(server: Server, connect):
    server.place.secret_file("app").unlink()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect()
    ensure_roles(server.place, port=server.port)
    with connect() as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("jewelry_app",)


def test_outside_tests_the_owner_makes_no_databases(place):
    lasting = Place(folder=place.folder)
    with started(lasting) as server:
        with dial(server, user="jewelry_owner") as connection:
            row = connection.execute(FLAGS + "current_user").fetchone()
            durable = connection.execute("SHOW fsync").fetchone()
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            dial(server, user="jewelry_owner", dbname="postgres")
    assert row == (False, False, False, False, False, True)
    assert durable == ("on",)
