"""A base backup, the archived log, and a server restored from both to a moment.

In a cluster wal-g does both to a store of objects; here they are folders beside the members.
"""

import os
import secrets
import shutil
import subprocess
from typing import Any, Final

import psycopg

from local.cluster import SUPERUSER
from local.drill.cluster import DrillCluster
from local.drill.patroni import wait_for
from local.drill.room import PATH, Program, start
from local.problem import Problem
from local.roles import DATABASE
from local.spilo import STANDBY, free_port
from local.tools import DEBIAN_15
from ops.drills.cluster import Fingerprint

WITHIN_S: Final = 120
BACKUP, RESTORED, ARCHIVE = "backup", "restored", "archive"
_COUNTED: Final = ("sales_sale", "inventory_piece", "ledger_posting")
_IMBALANCE: Final = """
SELECT count(*) FROM (SELECT FROM ledger_posting
 GROUP BY shop_id, entry_id, commodity HAVING sum(amount) <> 0) AS uneven
"""


def take(cluster: DrillCluster) -> None:
    """Copy the primary's files while it serves; an earlier copy goes."""
    for earlier in (BACKUP, RESTORED):
        shutil.rmtree(cluster.room.folder / earlier, ignore_errors=True)
    address = cluster.primary.link(STANDBY)
    password = address.pop("password")
    del address["sslcertmode"], address["dbname"]
    source = " ".join(f"{name}='{value}'" for name, value in address.items())
    target = cluster.room.home(BACKUP) / "data"
    command = ["pg_basebackup", "-d", source, "-D", str(target)]
    _tool(cluster, *command, "--checkpoint=fast", "--wal-method=stream", PGPASSWORD=password)


def moment(cluster: DrillCluster) -> tuple[str, Fingerprint]:
    """Name this moment in the log. No sale commits while it is looked at and named."""
    name = f"drill-{secrets.token_hex(4)}"
    link = cluster.primary.link(SUPERUSER)
    with psycopg.connect(**link) as connection:
        # Waits for sales under way; those that come wait for us.
        connection.execute("LOCK TABLE sales_sale IN EXCLUSIVE MODE")
        seen = _fingerprint(connection)
        connection.execute("SELECT pg_create_restore_point(%s)", [name])
    segment = cluster.sql("SELECT pg_walfile_name(pg_switch_wal())")[0][0]
    wait_for(
        lambda: (cluster.room.folder / ARCHIVE / segment).exists(),
        f"{segment} in the archive",
        within_s=WITHIN_S,
    )
    return name, seen


def drop(cluster: DrillCluster) -> None:
    """The accident."""
    cluster.sql(f"DROP DATABASE {DATABASE} WITH (FORCE)", link=_beside(cluster))


def restore(cluster: DrillCluster, name: str) -> Fingerprint:
    """Start a server from the backup, let it replay up to the moment, and read it."""
    room = cluster.room
    home = room.home(RESTORED)
    (room.folder / BACKUP / "data").rename(home / "data")
    pair = room.pair()
    room.write(home / "tls.crt", pair.certificate)
    room.write(home / "tls.key", pair.key)
    room.write(home / "ca.crt", room.ca.read_bytes())
    settings = {
        "restore_command": f"cp {room.folder / ARCHIVE}/%f %p",
        "recovery_target_name": name,
        "recovery_target_action": "promote",
        "archive_mode": "off",
        "primary_conninfo": "",
        "primary_slot_name": "",
        "synchronous_standby_names": "",
        "unix_socket_directories": str(home),
    }
    lines = "".join(f"{key} = '{value}'\n" for key, value in settings.items())
    own = home / "data" / "postgresql.auto.conf"
    room.write(own, own.read_text() + lines)
    for leftover in ("recovery.signal", "standby.signal"):
        (home / "data" / leftover).unlink(missing_ok=True)
    room.write(home / "data" / "recovery.signal", "")
    cluster.restored = _serve(cluster, port=free_port())
    with psycopg.connect(**_restored_link(cluster)) as connection:
        return _fingerprint(connection)


def put_back(cluster: DrillCluster) -> None:
    """Copy what was restored into the cluster, roles' rights and all; then end that server."""
    if cluster.restored is None:
        return
    program, port = cluster.restored
    dump = str(cluster.room.folder / RESTORED / "dump")
    aside = f"{DATABASE}_restored"
    try:
        # Under a name that nobody asks for, until all of it is there.
        with psycopg.connect(**_restored_link(cluster, dbname="postgres")) as connection:
            connection.autocommit = True
            connection.execute(f"ALTER DATABASE {DATABASE} RENAME TO {aside}")
        _tool(cluster, "pg_dump", "-d", _conninfo(port, aside), "--create", "-Fc", "-f", dump)
        target = _conninfo(cluster.primary.port, "postgres")
        _tool(cluster, "pg_restore", "-d", target, "--create", "--exit-on-error", dump)
        renamed = f"ALTER DATABASE {aside} RENAME TO {DATABASE}"
        cluster.sql(renamed, link=_beside(cluster))
    finally:
        program.kill()
        cluster.restored = None


def _beside(cluster: DrillCluster) -> dict[str, Any]:
    """A connection that does not hold the database that is dropped."""
    return cluster.primary.link(SUPERUSER, dbname="postgres", autocommit=True)


def _serve(cluster: DrillCluster, *, port: int) -> tuple[Program, int]:
    home = cluster.room.folder / RESTORED
    command = [str(DEBIAN_15 / "postgres"), "-D", str(home / "data"), "-p", str(port)]
    program = start(cluster.room, "restored-log", command, folder=home)
    cluster.restored = (program, port)

    def promoted() -> bool:
        if not program.alive:
            raise Problem("The restored server ended:\n" + program.log.read_text()[-2000:])
        try:
            with psycopg.connect(**_restored_link(cluster)) as connection:
                return connection.execute("SELECT NOT pg_is_in_recovery()").fetchone() == (True,)
        except psycopg.OperationalError:
            return False

    wait_for(promoted, "the restored server", within_s=WITHIN_S, said=program.log.read_text)
    return program, port


def _restored_link(cluster: DrillCluster, **given: str) -> dict[str, Any]:
    assert cluster.restored is not None
    return cluster.primary.link(SUPERUSER, port=cluster.restored[1], connect_timeout=5, **given)


def _conninfo(port: int, database: str) -> str:
    return (
        f"host=localhost hostaddr=127.0.0.1 port={port} user={SUPERUSER} dbname={database}"
        " sslmode=verify-full"
    )


def _tool(cluster: DrillCluster, program: str, *arguments: str, **environment: str) -> None:
    """Run one of PostgreSQL's programs as the servers' user. Raises Problem."""
    user = cluster.room.user
    given = {
        "PATH": PATH,
        "PGPASSWORD": cluster.primary.passwords[SUPERUSER],
        "PGSSLROOTCERT": str(cluster.room.ca),
        "HOME": os.devnull,
    } | environment
    ended = subprocess.run(
        [str(DEBIAN_15 / program), *arguments],
        cwd=cluster.room.folder,
        env=given,
        capture_output=True,
        text=True,
        check=False,
        umask=0o077,
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=[] if user else None,
    )
    if ended.returncode != 0:
        raise Problem(f"{program} ended with {ended.returncode}: {ended.stderr[-1500:]}")


def _fingerprint(connection: psycopg.Connection) -> Fingerprint:
    counts: dict[str, int] = {}
    digests: list[str] = []
    for table in _COUNTED:
        row = connection.execute(
            f"SELECT count(*), md5(string_agg(md5(t::text), '' ORDER BY id)) FROM {table} AS t"  # noqa: S608  # names of ours
        ).fetchone()
        assert row is not None
        counts[table] = int(row[0])
        digests.append(str(row[1]))
    uneven = connection.execute(_IMBALANCE).fetchone()
    assert uneven is not None
    return Fingerprint(
        sales=counts["sales_sale"],
        pieces=counts["inventory_piece"],
        postings=counts["ledger_posting"],
        digest=" ".join(digests),
        imbalance=int(uneven[0]),
    )
