"""The two roles and the database, as in the cluster: one owns, one serves.

`jewelry_owner` owns the tables and migrates; `jewelry_app` serves and is bound
by row-level security. What either may do to a table is the migrations' affair.
"""

import psycopg
from psycopg import sql

from local.cluster import SUPERUSER
from local.place import Place

DATABASE = "jewelry_shop"
OWNER = "jewelry_owner"
APP = "jewelry_app"

# On the role and not in the connection: a pooler in transaction mode passes no options.
APP_STATEMENT_TIMEOUT = "15s"

OWNER_FLAGS = "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION"
APP_FLAGS = "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION NOCREATEDB NOINHERIT"


def ensure_roles(place: Place, *, port: int) -> None:
    """Make roles and database what they should be, whatever they were.

    Where tests run the owner may create databases, and connect to `postgres`
    to do so; nowhere else.
    """
    with connect_as_superuser(place, port=port) as connection:
        owner_flags = f"{OWNER_FLAGS} {'CREATEDB' if place.for_tests else 'NOCREATEDB'}"
        _ensure_role(connection, OWNER, owner_flags, place.secret_file("owner").read_text())
        _ensure_role(connection, APP, APP_FLAGS, place.secret_file("app").read_text())
        _ensure_database(connection)
        connection.execute(
            sql.SQL("ALTER ROLE {} SET statement_timeout = {}").format(
                sql.Identifier(APP), sql.Literal(APP_STATEMENT_TIMEOUT)
            )
        )
        # PUBLIC may connect and make temporary tables everywhere, until told otherwise.
        connection.execute(
            sql.SQL("REVOKE ALL ON DATABASE {}, postgres, template1 FROM PUBLIC").format(
                sql.Identifier(DATABASE)
            )
        )
        connection.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
                sql.Identifier(DATABASE), sql.Identifier(APP)
            )
        )
        if place.for_tests:
            connection.execute(
                sql.SQL("GRANT CONNECT ON DATABASE postgres TO {}").format(sql.Identifier(OWNER))
            )


def connect_as_superuser(place: Place, *, port: int) -> psycopg.Connection:
    """A connection of the superuser: over TLS and with a password, like everybody's."""
    return psycopg.connect(
        host="localhost",
        hostaddr="127.0.0.1",
        port=port,
        dbname="postgres",
        user=SUPERUSER,
        password=place.secret_file("superuser").read_text(),
        sslmode="verify-full",
        sslrootcert=str(place.ca_certificate),
        # A certificate of the person's own is not for this server.
        sslcertmode="disable",
        connect_timeout=10,
        autocommit=True,
    )


def _ensure_role(connection: psycopg.Connection, name: str, flags: str, password: str) -> None:
    known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    verb = "CREATE" if known is None else "ALTER"
    # The verifier goes over the wire and into logs, never the password.
    verifier = connection.pgconn.encrypt_password(
        password.encode(), name.encode(), b"scram-sha-256"
    )
    connection.execute(
        sql.SQL("{} ROLE {} {} PASSWORD {}").format(
            sql.SQL(verb),
            sql.Identifier(name),
            sql.SQL(flags),
            sql.Literal(verifier.decode()),
        )
    )


def _ensure_database(connection: psycopg.Connection) -> None:
    known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
    if known is None:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(
                sql.Identifier(DATABASE), sql.Identifier(OWNER)
            )
        )
