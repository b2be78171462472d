"""A real database of the matrix, and what may happen to it."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from local import spilo
from local.env import SILENCED
from local.place import CHECKOUT
from local.roles import APP, OWNER
from tests.health.processes import children_of
from tests.paths.authority import NAMES, Authority

SECRET_KEY = "a-key-that-only-this-test-knows-" + "x" * 40
_OURS = ("DB_", "APP_DB_", "POSTGRES_", "TEST_", "PG", "HEALTH_", "WEB_", "DRAIN_", *SILENCED)


def clean_environment():
    """This process's environment without a variable that is the shop's."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}


def run(*arguments, environment, within_s=120, said=""):
    """Run Python in the checkout to its end."""
    ended = subprocess.run(
        [sys.executable, *arguments],
        cwd=CHECKOUT,
        env=clean_environment() | environment,
        input=said,
        capture_output=True,
        text=True,
        check=False,
        timeout=within_s,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    return ended.stdout


@dataclass(kw_only=True)
class Database:
    """A migrated server, which can be stopped, frozen and demoted; and who connects to it."""

    server: spilo.Spilo
    authority: Authority
    folder: Path

    def environment(self, user=APP, **given):
        """What a program of the shop gets."""
        return {
            "DJANGO_SETTINGS_MODULE": "config.settings.production",
            "SECRET_KEY": SECRET_KEY,
            "ALLOWED_HOSTS": "shop.example",
            "STATIC_ROOT": str(self.folder / "static"),
            "POSTGRES_HOST": "localhost",
            "POSTGRES_PORT": str(self.server.port),
            "DB_USER": user,
            "APP_DB_PASSWORD": self.server.passwords[user],
            "DB_SSLMODE": "verify-full",
            "DB_SSLROOTCERT": str(self.server.ca),
            "DB_CONNECT_TIMEOUT_SECONDS": "2",
        } | given

    def sql(self, statement, *parameters, user="postgres", **given):
        """One statement in the shop's database; also while it is read-only for everybody."""
        # What was written is still there after a crash.
        options = "-c default_transaction_read_only=off -c synchronous_commit=on"
        link = self.server.link(user, autocommit=True, options=options, **given)
        with psycopg.connect(**link) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else None

    def sessions(self):
        """The sessions of the serving role, each by what makes it unique."""
        return set(
            self.sql(
                "SELECT pid, backend_start FROM pg_stat_activity"
                " WHERE usename = %s AND backend_type = 'client backend'",
                APP,
            )
        )

    def cut(self):
        """End every session that is no superuser's, so that the next logs in."""
        self.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND usename <> 'postgres'"
        )

    @contextmanager
    def crashed(self):
        """No server: it was stopped without a goodbye; afterwards it is the same again."""
        self.server.crash()
        try:
            yield
        finally:
            self.server.start_again()

    @contextmanager
    def demoted(self):
        """A standby, as after a failover that the link did not follow; then promoted."""
        self.server.crash()
        signal_file = self.server.place.data / "standby.signal"
        signal_file.touch()
        if user := self.server.place.user:
            user.give(signal_file)
        self.server.start_again()
        try:
            yield
        finally:
            self.sql("SELECT pg_promote(true, 30)")

    @contextmanager
    def frozen(self):
        """The server and all its processes hold still."""
        pids = [self.server.child.pid, *children_of(self.server.child.pid)]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in reversed(pids):
                os.kill(pid, signal.SIGCONT)

    @contextmanager
    def altered(self, *there, back):
        """These statements hold during the block, for sessions that begin with it."""
        for statement in there:
            self.sql(statement)
        self.cut()
        try:
            yield
        finally:
            for statement in back:
                self.sql(statement)

    @contextmanager
    def locked(self, table, then):
        """Whoever reads this table waits; `then` is done once it is so."""
        with psycopg.connect(**self.server.link("postgres")) as connection:
            connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            then()
            yield

    @contextmanager
    def showing(self, pair):
        """The server shows another certificate during the block."""
        home = self.server.place.server_home
        before = {name: (home / name).read_bytes() for name in ("tls.crt", "tls.key")}
        # This session began under the old one: it may still ask for what follows.
        with self.server.superuser() as person:
            try:
                self._show(person, pair.certificate, pair.key)
                yield
            finally:
                self._show(person, before["tls.crt"], before["tls.key"])

    def _show(self, person, certificate, key):
        self.server.give("tls.crt", certificate)
        self.server.give("tls.key", key)
        person.execute("SELECT pg_reload_conf()")
        time.sleep(0.1)  # the server is told by a signal; nothing says when it has read
        person.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [APP]
        )

    def stop(self):
        self.server.stop()


def make_database(folder, *, authority, names=NAMES):
    """A primary of the packages' version with all tables; the serving role owns none."""
    ca = folder / "ca.crt"
    ca.write_bytes(authority.pem)
    ca.chmod(0o644)
    server = spilo.start_primary(
        folder / "primary",
        major=spilo.embedded_major(),
        pair=authority.issue(names=names),
        ca=ca,
    )
    database = Database(server=server, authority=authority, folder=folder)
    try:
        owner = database.environment(OWNER)
        run("manage.py", "migrate", "--verbosity", "0", environment=owner)
        run("manage.py", "createcachetable", "--verbosity", "0", environment=owner)
        # A worker's heartbeat that stays young: only the rows about workers are about workers.
        database.sql(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() + interval '1 day')"
        )
    except BaseException:
        server.stop()
        raise
    return database
