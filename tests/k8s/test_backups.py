"""The scripts of the backup CronJobs, on a real PostgreSQL with its WAL archived.

Only `wal-g` is not real: the store is a folder, and a script of its verbs copies to and from it.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from local import spilo
from local.env import SILENCED
from local.place import CHECKOUT
from local.roles import APP, DATABASE, OWNER
from local.server_user import server_user
from local.tools import DEBIAN_15, POSTGRESQL_15
from tests.k8s.rendered import environment, named, render, workload
from tests.paths.authority import Authority
from tests.paths.conftest import needs

pytestmark = pytest.mark.slow
SCRIPTS = CHECKOUT / "k8s/components/backups"
WITHIN_S = 60
WAL_G = """\
#!/bin/sh
# The verbs of wal-g that the scripts call, with a folder as the store.
set -eu
case $1 in
    backup-list) cat "$STORE/backups.json" ;;
    backup-fetch) test "$3" = LATEST; cp -R "$STORE/base/." "$2" ;;
    wal-fetch) cp "$STORE/wal/$2" "$3" ;;
    *) exit 64 ;;
esac
"""


class Store:
    """A primary that archives into a folder, and the scripts' view of both."""

    def __init__(self, folder, primary):
        self.folder, self.primary = folder, primary
        self.owner = server_user(data=primary.place.server_home)

    def environment(self, name):
        """What the CronJob gives its container, with addresses of this machine."""
        objects = render("production")
        one = workload(objects, name)
        given = environment(one, one.containers[0], objects)
        given |= {"PGHOST": "localhost", "PGPORT": str(self.primary.port)}
        given |= {"PGSSLROOTCERT": str(self.primary.ca), "PGUSER": APP}
        given |= {"PGPASSWORD": self.primary.passwords[APP], "STORE": str(self.folder)}
        path = f"{self.folder / 'bin'}:{DEBIAN_15}:{Path(sys.executable).parent}:{os.defpath}"
        return given | {"PATH": path, "LC_ALL": "C.UTF-8"}

    def run(self, script, name, **changed):
        return subprocess.run(
            ["bash", str(self.folder / script)],
            env=self.environment(name) | changed,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
            # PostgreSQL refuses to be root's.
            user=self.owner.uid if self.owner else None,
            group=self.owner.gid if self.owner else None,
            extra_groups=[] if self.owner else None,
        )

    def restore(self):
        work = tempfile.mkdtemp(dir=self.folder)
        if self.owner:
            self.owner.give(Path(work))
        return self.run(
            "restore_test.sh",
            "restore-test",
            WORK=f"{work}/run",
            SQL=str(self.folder / "restored.sql"),
            PG_BIN=str(DEBIAN_15),
        )

    def check(self, *, hours_ago, **changed):
        listed = [] if hours_ago is None else [self.backup(hours_ago + 24), self.backup(hours_ago)]
        (self.folder / "backups.json").write_text(json.dumps(listed))
        return self.run("backup_check.sh", "backup-check", **changed)

    def backup(self, hours_ago):
        at = datetime.now(UTC) - timedelta(hours=hours_ago, minutes=5)
        return {"backup_name": "base_0", "time": at.strftime("%Y-%m-%dT%H:%M:%SZ")}

    def execute(self, statement):
        with self.primary.superuser() as connection:
            return connection.execute(statement)

    def in_shop(self, *statements):
        with psycopg.connect(**self.primary.link("postgres")) as connection:
            found = [connection.execute(statement) for statement in statements]
            return found[-1].fetchone() if found[-1].description else None

    def hand_over(self):
        """Close the WAL file that is being written, and wait until it is in the store."""
        (name,) = self.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
        deadline = time.monotonic() + WITHIN_S
        while not (self.folder / "wal" / name).exists():
            assert time.monotonic() < deadline, f"{name} was not archived"
            time.sleep(0.05)

    def base_backup(self):
        """Copy the running primary, without its WAL: that comes from the store."""
        shutil.rmtree(self.folder / "base", ignore_errors=True)
        address = self.primary.link(spilo.STANDBY)
        del address["sslcertmode"], address["dbname"]
        password = address.pop("password")
        source = " ".join(f"{name}='{value}'" for name, value in address.items())
        copy = [DEBIAN_15 / "pg_basebackup", "-d", source, "-D", self.folder / "base"]
        subprocess.run(
            [*copy, "--wal-method=none", "--checkpoint=fast", "--no-sync"],
            env={"PGPASSWORD": password, "PATH": os.defpath},
            check=True,
            capture_output=True,
            timeout=WITHIN_S,
        )
        subprocess.run(["chmod", "-R", "a+rX", str(self.folder / "base")], check=True)


def manage(primary, role, *command):
    kept = {name: value for name, value in os.environ.items() if name not in SILENCED}
    given = {
        "DJANGO_SETTINGS_MODULE": "config.settings.development",
        "POSTGRES_HOST": "localhost",
        "POSTGRES_PORT": str(primary.port),
        "DB_USER": role,
        "APP_DB_PASSWORD": primary.passwords[role],
        "DB_SSLROOTCERT": str(primary.ca),
    }
    kept.pop("APP_DB_PASSWORD_FILE", None)
    subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=CHECKOUT,
        env=kept | given,
        check=True,
        capture_output=True,
        timeout=180,
    )


@pytest.fixture(scope="module")
def store():
    """A shop with books, a base backup of it, and WAL that is handed over from then on."""
    needs(POSTGRESQL_15)
    folder = Path(tempfile.mkdtemp(prefix="shop-store-"))
    folder.chmod(0o755)
    authority = Authority()
    ca = folder / "ca.crt"
    ca.write_bytes(authority.pem)
    ca.chmod(0o644)
    primary = spilo.start_primary(folder / "primary", major=15, pair=authority.issue(), ca=ca)
    made = Store(folder, primary)
    for name in ("wal", "bin"):
        (folder / name).mkdir(mode=0o755)
    if made.owner:
        made.owner.give(folder / "wal")
    (folder / "bin/wal-g").write_text(WAL_G)
    (folder / "bin/wal-g").chmod(0o755)
    for name in ("backup_check.sh", "restore_test.sh", "restored.sql"):
        shutil.copy(SCRIPTS / name, folder / name)
    made.execute("ALTER SYSTEM SET archive_mode = 'on'")
    made.execute(f"ALTER SYSTEM SET archive_command = 'cp %p {folder}/wal/%f'")
    primary.stop()
    # archive_mode is taken at a start alone.
    made.primary = spilo._launch(primary.place, major=15, ca=ca, passwords=primary.passwords)
    manage(made.primary, OWNER, "migrate", "--noinput", "--verbosity=0")
    manage(made.primary, OWNER, "createcachetable")
    manage(made.primary, APP, "load_demo")
    made.base_backup()
    yield made
    made.primary.stop()
    shutil.rmtree(folder)


class TestTheRestore:
    def test_brings_back_what_was_written_after_the_base_backup(self, store):
        store.in_shop("INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'y', now())")
        (migrations,) = store.in_shop("SELECT count(*) FROM django_migrations")
        assert store.in_shop("SELECT count(*) > 10 FROM ledger_posting") == (True,)
        store.hand_over()
        done = store.restore()
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"the schema is there ({migrations} migrations)" in done.stdout
        assert "every ledger entry balances in each commodity (0 do not)" in done.stdout
        assert "every shop has an entry for each sale" in done.stdout
        assert "NOT" not in done.stdout

    def test_leaves_nothing_running(self, store):
        done = store.restore()
        assert done.returncode == 0, done.stdout + done.stderr
        left = [
            process.name
            for process in Path("/proc").iterdir()
            if process.name.isdigit() and b"restore.conf" in _command(process)
        ]
        assert left == []

    def test_refuses_books_that_do_not_balance(self, store):
        store.in_shop(
            "SET session_replication_role = 'replica'",
            "UPDATE ledger_posting SET amount = amount + 1"
            " WHERE id = (SELECT max(id) FROM ledger_posting)",
        )
        store.hand_over()
        try:
            done = store.restore()
        finally:
            store.in_shop(
                "SET session_replication_role = 'replica'",
                "UPDATE ledger_posting SET amount = amount - 1"
                " WHERE id = (SELECT max(id) FROM ledger_posting)",
            )
            store.hand_over()
        assert done.returncode == 1
        assert "NOT: every ledger entry balances in each commodity (1 do not)" in done.stdout

    def test_refuses_a_backup_that_is_not_there(self, store):
        (store.folder / "base").rename(store.folder / "gone")
        try:
            done = store.restore()
        finally:
            (store.folder / "gone").rename(store.folder / "base")
        assert done.returncode != 0

    def test_refuses_a_gap_in_the_wal(self, store):
        """Without the WAL of the base backup's own minutes it is no copy of any moment."""
        (store.folder / "wal").rename(store.folder / "lost")
        (store.folder / "wal").mkdir()
        try:
            done = store.restore()
        finally:
            (store.folder / "wal").rmdir()
            (store.folder / "lost").rename(store.folder / "wal")
        assert done.returncode == 1
        assert "it does not start" in done.stdout


def _command(process):
    try:
        return (process / "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


class TestTheCheck:
    def test_is_content_with_a_fresh_backup(self, store):
        store.hand_over()
        done = store.check(hours_ago=3)
        assert (done.returncode, done.stderr) == (0, "")
        assert "the newest base backup is 3 hours old" in done.stdout
        assert "the last WAL was archived 0 minutes ago" in done.stdout

    def test_refuses_an_old_backup(self, store):
        done = store.check(hours_ago=30)
        assert done.returncode == 1
        assert "30 hours old, and 26 are allowed" in done.stdout

    def test_refuses_none(self, store):
        done = store.check(hours_ago=None)
        assert done.returncode == 1
        assert "there is no base backup" in done.stdout

    def test_refuses_an_answer_that_is_empty(self, store):
        (store.folder / "backups.json").write_text("")
        done = store.run("backup_check.sh", "backup-check")
        assert done.returncode == 1
        assert "there is no base backup" in done.stdout

    def test_refuses_a_store_that_does_not_answer(self, store):
        done = store.check(hours_ago=3, STORE="/nowhere")
        assert done.returncode == 1
        assert "there is no base backup" in done.stdout

    def test_refuses_wal_that_is_not_handed_over(self, store):
        store.execute("ALTER SYSTEM SET archive_command = 'false'")
        store.execute("SELECT pg_reload_conf()")
        deadline = time.monotonic() + WITHIN_S
        failing = "SELECT last_failed_time > last_archived_time FROM pg_stat_archiver"
        while store.execute(failing).fetchone() != (True,):
            assert time.monotonic() < deadline
            # Nothing is handed over where nothing was written; the archiver may not have read
            # its new command yet.
            store.execute("SELECT pg_logical_emit_message(true, 'test', 'to hand over')")
            store.execute("SELECT pg_switch_wal()")
            time.sleep(0.5)
        try:
            done = store.check(hours_ago=3)
        finally:
            command = f"cp %p {store.folder}/wal/%f"
            store.execute(f"ALTER SYSTEM SET archive_command = '{command}'")
            store.execute("SELECT pg_reload_conf()")
        assert done.returncode == 1
        assert "the last try to archive WAL failed" in done.stdout

    def test_refuses_a_database_that_does_not_answer(self, store):
        done = store.check(hours_ago=3, PGPORT="1")
        assert done.returncode != 0


def test_the_store_is_the_one_that_the_database_writes_to():
    """Spilo composes it from bucket, cluster, suffix and version; the CronJobs say the same."""
    objects = render("production")
    cluster = named(objects, "postgresql", "jewelry-shop-db")
    given = {one["name"]: one for one in cluster["spec"]["env"]}
    assert given["WAL_BUCKET_SCOPE_PREFIX"]["value"] == ""
    for name in ("backup-check", "restore-test"):
        one = workload(objects, name)
        prefix = environment(one, one.containers[0], objects)["WALG_S3_PREFIX"]
        version = cluster["spec"]["postgresql"]["version"]
        assert prefix == (
            f"s3://$(WAL_S3_BUCKET)/spilo/{cluster['metadata']['name']}"
            f"$(WAL_BUCKET_SCOPE_SUFFIX)/wal/{version}"
        )
        assert one.containers[0]["image"] == cluster["spec"]["dockerImage"]
        assert DATABASE == "jewelry_shop"
