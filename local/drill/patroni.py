"""Three PostgreSQL under Patroni, with etcd, as the operator sets them up: Spilo's rules, TLS.

What is broken here is a member: Patroni and PostgreSQL together, which are one container in a
cluster. Its container is restarted by the supervisor when Patroni ends.
Source: zalando/spilo `configure_spilo.py`; Patroni's REST API (`/primary`, `/cluster`,
`/switchover`).
"""

import http.client
import importlib.util
import json
import shutil
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from local.cluster import SUPERUSER
from local.drill.guard import descendants
from local.drill.room import Program, Room, signal_each, start
from local.problem import Problem
from local.processes import command_of
from local.spilo import PG_HBA, STANDBY, free_port
from local.tools import DEBIAN_15

SCOPE: Final = "jewelry-shop-db"
# The operator's. A primary whose machine is gone keeps its lock for `ttl`; shorter times would
# take the lock from one whose etcd (in a cluster: whose API server) only stutters.
TTL_S, LOOP_WAIT_S, RETRY_TIMEOUT_S = 30, 10, 10
START_WITHIN_S: Final = 120
LOOK_EVERY_S: Final = 0.1
ANSWER_WITHIN_S: Final = 3
# Short, as Patroni's own restart is a few seconds away.
RESTART_AFTER_S: Final = 1.0
MAX_CONNECTIONS: Final = 60
DISK_MB: Final = 900
DEBIAN_PYTHON: Final = "/usr/bin/python3"
LIBRARY: Final = "library"

PARAMETERS: Final = {
    "ssl": "on",
    "ssl_cert_file": "../tls.crt",
    "ssl_key_file": "../tls.key",
    "ssl_ca_file": "../ca.crt",
    "password_encryption": "scram-sha-256",
    "shared_buffers": "64MB",
    "wal_keep_size": "64MB",
    "max_wal_size": "128MB",
    "timezone": "UTC",
    "lc_messages": "C",
    "log_line_prefix": "%m [%p] %u@%d ",
    "archive_mode": "on",
    "archive_timeout": "60s",
}


@dataclass(slots=True, kw_only=True)
class Member:
    """One database pod: a folder that stays, and the program in it that comes and goes."""

    name: str
    home: Path
    port: int
    rest: int
    program: Program
    small_disk: bool = False  # its folder is a disk of its own, which can be filled
    wanted: bool = True  # the supervisor restarts it
    frozen: list[int] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def postmaster(self) -> int | None:
        """The number of its PostgreSQL, if the file of it is there."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        return pid if str(self.data) in command_of(pid) else None

    def processes(self) -> list[int]:
        """Patroni, PostgreSQL and all below them: Patroni's PostgreSQL is no child of it."""
        patroni = self.program.processes() if self.program.alive else []
        postmaster = self.postmaster
        server = [postmaster, *descendants(postmaster)] if postmaster else []
        return [*patroni, *(pid for pid in server if pid not in patroni)]


@dataclass(slots=True, kw_only=True)
class Database:
    """etcd and the members. `events` is told what happens by itself."""

    room: Room
    etcd: Program
    members: list[Member]
    events: Callable[[str], None]
    _stopping: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def view(self) -> list[dict[str, Any]]:
        """The members as Patroni sees them; asked of the first that answers."""
        for member in self.members:
            seen = ask(member.rest, "GET", "/cluster")
            if seen is not None and seen[0] == http.HTTPStatus.OK:
                return list(json.loads(seen[1])["members"])
        return []

    def primary(self) -> Member | None:
        """The member that says of itself that it is the primary, and holds the lock."""
        for member in self.members:
            seen = ask(member.rest, "GET", "/primary")
            if seen is not None and seen[0] == http.HTTPStatus.OK:
                return member
        return None

    def demand_primary(self) -> Member:
        """As `primary`. Raises Problem when there is none."""
        found = self.primary()
        if found is None:
            raise Problem("The cluster has no primary now.")
        return found

    def synchronous(self) -> list[str]:
        """The standbys that a commit waits for."""
        return [one["name"] for one in self.view() if one["role"] == "sync_standby"]

    def is_whole(self) -> bool:
        """All three run, one leads, one is synchronous, and none lags."""
        seen = self.view()
        roles = [one["role"] for one in seen]
        replicas = [one for one in seen if one["role"] != "leader"]
        return (
            len(seen) == len(self.members)
            and roles.count("leader") == 1
            and "sync_standby" in roles
            and all(one["state"] in {"running", "streaming"} for one in seen)
            and all(one.get("lag") == 0 for one in replicas)
            and len({one.get("timeline") for one in seen}) == 1
        )

    def wait_whole(self, *, within_s: float = START_WITHIN_S) -> None:
        """Wait until nothing is left to mend. Raises Problem."""
        wait_for(self.is_whole, "three members in step", within_s=within_s, said=self.last_words)

    def last_words(self) -> str:
        """What the members said last, for a Problem."""
        said = [f"{one}" for one in self.view()]
        for member in self.members:
            said += [f"-- {member.name}", *_tail(member.program.log)]
        return "\n".join(said)

    def switchover(self) -> str:
        """Hand over to the synchronous standby, planned. Return who leads then."""
        leader = self.demand_primary()
        candidate = self.synchronous()[0]
        body = json.dumps({"leader": leader.name, "candidate": candidate})
        seen = ask(leader.rest, "POST", "/switchover", body=body, within_s=60)
        if seen is None or seen[0] != http.HTTPStatus.OK:
            raise Problem(f"Patroni refused the switchover: {seen and seen[1]!r}")
        return candidate

    def kill(self, member: Member) -> None:
        """kill -9 for all processes of a member; its container is restarted, if it is wanted."""
        signal_each(member.processes(), signal.SIGKILL)
        member.program.process.wait()

    def freeze(self, member: Member) -> None:
        """SIGSTOP for all processes of a member: it hangs, and holds its sockets."""
        member.frozen = member.processes()
        signal_each(member.frozen, signal.SIGSTOP)

    def thaw(self, member: Member) -> None:
        """Let a frozen member run on."""
        signal_each(member.frozen, signal.SIGCONT)
        member.frozen = []

    def hold_down(self, member: Member) -> None:
        """End a member and keep it down, as on a machine that is gone."""
        member.wanted = False
        self.kill(member)

    def let_up(self, member: Member) -> None:
        """Start a member that was held down."""
        with self._lock:
            member.wanted = True
            if not member.program.alive:
                self._start(member)

    def give_pair(self, member: Member, *, certificate: bytes, key: bytes) -> None:
        """Exchange a member's certificate, as a renewed secret in its folder."""
        self.room.write(member.home / "tls.crt", certificate)
        self.room.write(member.home / "tls.key", key)

    def give_ca(self, member: Member, ca: bytes) -> None:
        """Exchange the authorities that a member trusts, and those it follows by."""
        self.room.write(member.home / "ca.crt", ca)

    def reload(self, member: Member) -> None:
        """What Spilo's cron does when a file has changed."""
        pid = member.postmaster
        if pid is not None:
            signal_each([pid], signal.SIGHUP)

    def stop(self) -> None:
        """End everything, members first."""
        self._stopping = True
        for member in self.members:
            self.thaw(member)
            member.program.tell(signal.SIGTERM)
        for member in self.members:
            member.program.stop()
        self.etcd.stop()

    def _start(self, member: Member) -> None:
        def ended(status: int) -> None:
            if self._stopping or not member.wanted:
                return
            self.events(f"{member.name} ended ({status}); its container is restarted")
            time.sleep(RESTART_AFTER_S)
            with self._lock:
                if member.wanted and not self._stopping and not member.program.alive:
                    self._start(member)

        member.program = _launch(self.room, member, on_end=ended)


def start_database(room: Room, *, events: Callable[[str], None]) -> Database:
    """Start etcd and three members; the first to come makes the cluster, the others copy it."""
    etcd_port, peer_port = free_port(), free_port()
    home = room.home("etcd")
    peer = f"http://127.0.0.1:{peer_port}"
    client = f"http://127.0.0.1:{etcd_port}"
    etcd = start(
        room,
        "etcd-log",
        [
            "etcd",
            *("--name", "drill", "--data-dir", str(home / "data")),
            *("--listen-client-urls", client, "--advertise-client-urls", client),
            *("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer),
            *("--initial-cluster", f"drill={peer}", "--logger", "zap", "--log-level", "warn"),
        ],
    )
    _copy_patroni(room)
    wait_for(lambda: _answers(etcd_port), "etcd", within_s=30)
    passwords = {role: room.secret(role) for role in (SUPERUSER, STANDBY)}
    database = Database(room=room, etcd=etcd, members=[], events=events)
    for number in range(3):
        member = _prepare(room, f"{SCOPE}-{number}", etcd_port=etcd_port, passwords=passwords)
        database.members.append(member)
        database._start(member)
    return database


def _prepare(room: Room, name: str, *, etcd_port: int, passwords: Mapping[str, str]) -> Member:
    home = room.home(name)
    small_disk = room.mount(home, megabytes=DISK_MB)
    pair = room.pair()
    room.write(home / "tls.crt", pair.certificate)
    room.write(home / "tls.key", pair.key)
    room.write(home / "ca.crt", room.ca.read_bytes())
    archive = room.folder / "archive"
    if not archive.exists():
        room.home("archive")
    port, rest = free_port(), free_port()
    verified = {"sslmode": "verify-full", "sslrootcert": str(home / "ca.crt")}
    configuration = {
        "scope": SCOPE,
        "name": name,
        "restapi": {
            "listen": f"127.0.0.1:{rest}",
            "connect_address": f"127.0.0.1:{rest}",
        },
        "etcd3": {"host": f"127.0.0.1:{etcd_port}"},
        "bootstrap": {
            "dcs": {
                "ttl": TTL_S,
                "loop_wait": LOOP_WAIT_S,
                "retry_timeout": RETRY_TIMEOUT_S,
                "maximum_lag_on_failover": 33554432,
                "synchronous_mode": True,
                "postgresql": {
                    "use_pg_rewind": True,
                    "use_slots": True,
                    "parameters": {"max_connections": MAX_CONNECTIONS},
                },
            },
            "initdb": [
                {"encoding": "UTF8"},
                {"locale": "C"},
                {"auth-host": "scram-sha-256"},
                {"auth-local": "trust"},
                "data-checksums",
            ],
        },
        "postgresql": {
            "listen": f"127.0.0.1:{port}",
            "connect_address": f"127.0.0.1:{port}",
            "data_dir": str(home / "data"),
            "bin_dir": str(DEBIAN_15),
            "pgpass": str(home / "pgpass"),
            "use_unix_socket": True,
            "authentication": {
                "superuser": {
                    "username": SUPERUSER,
                    "password": passwords[SUPERUSER],
                    **verified,
                },
                "replication": {"username": STANDBY, "password": passwords[STANDBY], **verified},
                "rewind": {"username": SUPERUSER, "password": passwords[SUPERUSER], **verified},
            },
            "parameters": {
                **PARAMETERS,
                "unix_socket_directories": str(home),
                # As wal-g would: kept elsewhere than the data. A standby that leads archives
                # what its predecessor had archived already: the same once more is success.
                "archive_command": f"cmp -s %p {archive}/%f || (test ! -f {archive}/%f"
                f" && cp %p {archive}/%f.part && mv {archive}/%f.part {archive}/%f)",
            },
            "pg_hba": PG_HBA.strip().splitlines(),
        },
        "log": {"level": "INFO"},
    }
    # JSON is YAML.
    room.write(home / "patroni.yml", json.dumps(configuration, indent=1))
    return Member(
        name=name,
        home=home,
        port=port,
        rest=rest,
        small_disk=small_disk,
        program=Program(name=name, process=None, log=room.folder / f"{name}.log"),  # type: ignore[arg-type]
    )


def _launch(room: Room, member: Member, *, on_end: Callable[[int], None]) -> Program:
    return start(
        room,
        f"{member.name}-log",
        [DEBIAN_PYTHON, "-m", "patroni", str(member.home / "patroni.yml")],
        environment={
            "HOME": str(member.home),
            "PYTHONPATH": str(room.folder / LIBRARY),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        folder=member.home,
        on_end=on_end,
    )


def _copy_patroni(room: Room) -> None:
    """Put Patroni where the servers' user can read it: root's own packages are closed to others."""
    found = importlib.util.find_spec("patroni")
    if found is None or not found.submodule_search_locations:
        raise Problem(
            "Patroni is not installed. Do: .venv/bin/pip install -r requirements/drill.txt"
        )
    library = room.folder / LIBRARY
    shutil.copytree(
        found.submodule_search_locations[0],
        library / "patroni",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    for path in (library, *library.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def ask(
    port: int, method: str, path: str, *, body: str | None = None, within_s: float = ANSWER_WITHIN_S
) -> tuple[int, bytes] | None:
    """Status and body of one request on the loopback; None when nobody answers in time."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=within_s)
    try:
        link.request(method, path, body)
        answer = link.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        link.close()


def wait_for(
    fact: Callable[[], bool],
    what: str,
    *,
    within_s: float,
    said: Callable[[], str] = lambda: "",
) -> None:
    """Look until `fact` holds. Raises Problem, with what was `said`."""
    deadline = time.monotonic() + within_s
    while not fact():
        if time.monotonic() > deadline:
            raise Problem(f"{what}: not within {within_s:.0f} seconds. {said()}")
        time.sleep(LOOK_EVERY_S)


def _answers(port: int) -> bool:
    seen = ask(port, "GET", "/health")
    return seen is not None and seen[0] == http.HTTPStatus.OK


def _tail(log: Path) -> list[str]:
    return log.read_text(errors="replace").splitlines()[-12:] if log.exists() else []
