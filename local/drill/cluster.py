"""The whole cluster: database, poolers, web, worker, and HAProxy between them."""

import importlib.metadata
import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg
from cryptography.hazmat.primitives.serialization import Encoding

from local import pooler
from local.drill import probes
from local.drill.balancer import Balancer, Slot, start_balancer
from local.drill.mail import MailServer
from local.drill.patroni import Database, start_database, wait_for
from local.drill.pods import WEB, Pod, web_command, worker_command
from local.drill.room import PATH, Program, Room, new_room
from local.place import CHECKOUT, Place
from local.problem import Problem
from local.roles import APP, DATABASE, OWNER
from local.spilo import POOLER, Reached, free_port, make_roles
from local.tools import DEBIAN_15, FOR_DRILLS, install

REPLICAS, SLOTS, POOLERS = 3, 6, 2
PIECES: Final = 1200
READY_WITHIN_S: Final = 120
RUN_WITHIN_S: Final = 300
# The operator shares 60 connections between two poolers: half of a share is the pool, a quarter
# the reserve.
POOL: Final = {
    "CONNECTION_POOLER_DEFAULT_SIZE": "15",
    "CONNECTION_POOLER_MIN_SIZE": "7",
    "CONNECTION_POOLER_RESERVE_SIZE": "7",
    "CONNECTION_POOLER_MAX_DB_CONN": "22",
}


@dataclass(slots=True)
class PoolerPod:
    """One PgBouncer at its place; after it was ended another takes the place."""

    slot: Slot
    running: pooler.Pooler | None = None
    # Opened while its certificate could be verified, and kept.
    console: psycopg.Connection | None = field(default=None, repr=False)
    generation: int = 0
    wanted: bool = True


@dataclass(slots=True, kw_only=True)
class DrillCluster:
    """What a drill breaks. `events` collects what happened by itself, with its time."""

    room: Room
    database: Database
    balancer: Balancer
    primary: Reached
    mail: MailServer
    poolers: list[PoolerPod] = field(default_factory=list)
    web: list[Pod] = field(default_factory=list)
    worker: Pod | None = None
    restored: tuple[Program, int] | None = None  # a server beside the cluster, and its port
    token: str = field(default="", repr=False)
    shop: int = 0
    restarts_of_deleted: int = 0
    unsold: int = 0
    next_piece: int = 0
    listener: Callable[[str], None] = print

    def event(self, what: str) -> None:
        """Tell whoever listens now."""
        self.listener(what)

    # The shop's programs

    def environment(self, role: str, *, port: int, pooled: bool = False) -> dict[str, str]:
        """What a pod gets: settings of production, verified TLS."""
        return {
            "PATH": PATH,
            "DJANGO_SETTINGS_MODULE": "config.settings.production",
            "SECRET_KEY": self.room.secret("secret key") + self.room.secret("more of it"),
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "POSTGRES_HOST": "localhost",
            "POSTGRES_PORT": str(port),
            "POSTGRES_DB": DATABASE,
            "DB_USER": role,
            "APP_DB_PASSWORD": self.primary.passwords[role],
            "DB_SSLMODE": "verify-full",
            "DB_SSLROOTCERT": str(self.room.ca),
            "USE_PGBOUNCER": "1" if pooled else "0",
            "DB_DIRECT_HOST": "localhost",
            "DB_DIRECT_PORT": str(self.balancer.primary),
            "STATIC_ROOT": str(self.room.folder / "static"),
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(self.mail.port),
            "EMAIL_USE_TLS": "0",
            "HEALTH_TOKEN": self.room.secret("health token"),
            "DRAIN_SECONDS": str(probes.DRAIN_S),
            "HEALTH_RETURN_SPREAD_SECONDS": "5",
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def web_environment(self, slot: Slot | None = None) -> dict[str, str]:
        """Of a web pod: through the poolers."""
        ports = {"PORT": str(slot.port), "HEALTH_PORT": str(slot.probe)} if slot else {}
        return self.environment(APP, port=self.balancer.pooler, pooled=True) | ports

    def run(self, *command: str, environment: Mapping[str, str]) -> str:
        """What a Python program of the shop prints. Raises Problem with its last words."""
        ended = subprocess.run(
            [sys.executable, *command],
            cwd=CHECKOUT,
            env=dict(environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=RUN_WITHIN_S,
        )
        if ended.returncode != 0:
            raise Problem(f"{' '.join(command)} did not succeed: {ended.stderr[-2000:]}")
        return ended.stdout

    def output(self, *command: str, environment: Mapping[str, str]) -> str:
        """As `run`, whatever the status: a doctor that found something says so by it."""
        ended = subprocess.run(
            [sys.executable, *command],
            cwd=CHECKOUT,
            env=dict(environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=RUN_WITHIN_S,
        )
        return ended.stdout

    def versions(self) -> dict[str, str]:
        """What runs here, by name."""
        asked = {
            "PostgreSQL": ([str(DEBIAN_15 / "postgres"), "--version"], r"PostgreSQL\) (\S+)"),
            "PgBouncer": (["pgbouncer", "--version"], r"PgBouncer (\S+)"),
            "HAProxy": (["haproxy", "-v"], r"version (\S+)"),
            "etcd": (["etcd", "--version"], r"etcd Version: (\S+)"),
        }
        found = {"Patroni": importlib.metadata.version("patroni")}
        for name, (command, pattern) in asked.items():
            said = subprocess.run(
                command, env={"PATH": PATH}, capture_output=True, text=True, check=False
            )
            match = re.search(pattern, said.stdout)
            found[name] = match[1] if match else "unknown"
        for name in ("Django", "gunicorn", "psycopg"):
            found[name] = importlib.metadata.version(name)
        return found

    def sql(
        self, statement: str, *parameters: object, link: Mapping[str, Any] | None = None
    ) -> Any:
        """Rows of one statement of the superuser, at the primary; None when it has none."""
        given = link or self.primary.link("postgres", autocommit=True)
        with psycopg.connect(**given) as connection:
            cursor = connection.execute(statement, parameters or None)
            return cursor.fetchall() if cursor.description else None

    def add_pieces(self, count: int) -> None:
        """Take more pieces into the drill's shop."""
        environment = self.environment(APP, port=self.balancer.primary)
        self.run("-m", "local.drill.goods", "more", str(count), environment=environment)
        self.unsold += count

    def take_piece(self) -> int:
        """The number of a piece that nobody was given yet."""
        self.unsold -= 1
        self.next_piece += 1
        return self.next_piece - 1

    # Web and worker

    def new_web(self) -> Pod:
        """Start a web pod where none is."""
        taken = {pod.slot.name for pod in self.web if pod.slot}
        slot = next(slot for slot in self._web_slots() if slot.name not in taken)
        pod = Pod(
            name=slot.name,
            room=self.room,
            command=web_command(),
            environment=self.web_environment(slot),
            events=self.event,
            slot=slot,
            balancer=self.balancer,
        )
        self.web.append(pod)
        pod.start()
        return pod

    def delete_web(self, pod: Pod) -> None:
        """Delete a web pod; returns when it is gone."""
        pod.delete()
        self.web.remove(pod)
        self.restarts_of_deleted += pod.restarts

    def wait_web(self, *pods: Pod, within_s: float = READY_WITHIN_S) -> None:
        """Wait until requests go to these pods (all, when none is named)."""
        names = {pod.slot.name for pod in pods or self.web if pod.slot}
        wait_for(
            lambda: names <= set(self.balancer.up(WEB)),
            "web pods ready",
            within_s=within_s,
            said=lambda: str(self.balancer.states(WEB)),
        )

    def _web_slots(self) -> list[Slot]:
        return self._slots[WEB]

    _slots: dict[str, list[Slot]] = field(default_factory=dict)

    # Poolers

    def start_pooler(self, pod: PoolerPod) -> None:
        """Start a PgBouncer at its place, restarted when it ends."""
        pod.wanted = True
        pod.generation += 1
        pod.running = pooler.start(
            self.room.folder / f"{pod.slot.name}-{pod.generation}",
            behind=self.primary,
            pair=self.room.pair(),
            server_ca=self.room.ca.read_bytes(),
            port=pod.slot.port,
            **POOL,
        )
        pod.console = pod.running.console()
        self.balancer.expect("pooler", pod.slot.name)
        running = pod.running

        def watch() -> None:
            status = running.child.wait()
            if pod.wanted and pod.running is running:
                self.balancer.take_out("pooler", pod.slot.name)
                self.event(f"{pod.slot.name} ended ({status}); its container is restarted")
                self.start_pooler(pod)

        threading.Thread(target=watch, daemon=True).start()

    def kill_pooler(self, pod: PoolerPod) -> None:
        """kill -9; its container is restarted."""
        assert pod.running is not None
        pod.running.child.kill()

    def stop_pooler(self, pod: PoolerPod) -> None:
        """Keep it down."""
        pod.wanted = False
        if pod.running is not None:
            pod.running.child.kill()
            pod.running.child.wait()
            self.balancer.take_out("pooler", pod.slot.name)

    # The whole

    def wait_whole(self) -> None:
        """Wait until everything runs as it should. Raises Problem."""
        self.database.wait_whole()
        wait_for(lambda: len(self.balancer.up("pooler")) == POOLERS, "both poolers", within_s=30)
        self.wait_web()

    def stop(self) -> None:
        """End everything."""
        if self.restored is not None:
            self.restored[0].kill()
        for pod in [*self.web, *([self.worker] if self.worker else [])]:
            pod.stop()
        for one in self.poolers:
            one.wanted = False
            if one.running is not None:
                one.running.stop()
        self.balancer.stop()
        self.database.stop()
        self.mail.stop()


@contextmanager
def drill_cluster(*, say: Callable[[str], None], pieces: int = PIECES) -> Iterator[DrillCluster]:
    """Start everything, empty and new; put it all away afterwards. Raises Problem."""
    for tool in install(FOR_DRILLS):
        raise Problem(tool.why_missing)
    with ExitStack() as stack:
        room = stack.enter_context(new_room())
        room.write(room.ca, room.authority.certificate.public_bytes(Encoding.PEM), mode=0o644)
        mail = MailServer()
        stack.callback(mail.stop)
        cluster = _start(room, mail=mail, say=say, stack=stack)
        _open_shop(cluster, pieces=pieces, say=say)
        yield cluster


def _start(
    room: Room, *, mail: MailServer, say: Callable[[str], None], stack: ExitStack
) -> DrillCluster:
    told: list[Callable[[str], None]] = [say]
    database = start_database(room, events=lambda what: told[0](what))
    stack.callback(database.stop)
    slots = {
        WEB: [_slot(f"web-{number}", probed=True) for number in range(SLOTS)],
        "pooler": [_slot(f"pooler-{number}", probed=False) for number in range(POOLERS)],
    }
    balancer = start_balancer(room, database, poolers=slots["pooler"], web=slots[WEB])
    stack.callback(balancer.stop)
    passwords = {role: room.secret(role) for role in ("postgres", "standby", POOLER, OWNER, APP)}
    database.wait_whole()
    say("three PostgreSQL in step")
    primary = Reached(
        place=Place(folder=room.folder, for_tests=True),
        port=balancer.primary,
        ca=room.ca,
        passwords=passwords,
    )
    wait_for(lambda: len(balancer.up("primary")) == 1, "the primary's Service", within_s=30)
    cluster = DrillCluster(
        room=room, database=database, balancer=balancer, primary=primary, mail=mail
    )
    cluster._slots = slots
    cluster.listener = say
    told[0] = cluster.event
    stack.callback(cluster.stop)
    return cluster


def _slot(name: str, *, probed: bool) -> Slot:
    port = free_port()
    probe = free_port() if probed else port
    return Slot(name=name, port=port, probe=probe)


def _open_shop(cluster: DrillCluster, *, pieces: int, say: Callable[[str], None]) -> None:
    make_roles(cluster.primary, made_by_patroni=True)
    owner = cluster.environment(OWNER, port=cluster.balancer.primary)
    app = cluster.environment(APP, port=cluster.balancer.primary)
    cluster.run("manage.py", "migrate", "--noinput", "-v", "0", environment=owner)
    cluster.run("manage.py", "createcachetable", environment=owner)
    say("schema migrated")
    for slot in cluster._slots["pooler"]:
        cluster.poolers.append(PoolerPod(slot))
        cluster.start_pooler(cluster.poolers[-1])
    cluster.run("-m", "local.static", environment=app)
    goods = cluster.run("-m", "local.drill.goods", "open", str(pieces), environment=app)
    made = json.loads(goods)
    cluster.token, cluster.shop, cluster.unsold = made["token"], made["shop"], pieces
    say("shop opened")
    for _ in range(REPLICAS):
        cluster.new_web()
    probe = free_port()
    cluster.worker = Pod(
        name="worker",
        room=cluster.room,
        command=worker_command(),
        environment=cluster.environment(APP, port=cluster.balancer.primary)
        | {"HEALTH_PORT": str(probe)},
        events=cluster.event,
        # Nobody sends it requests; where it answers probes, it is restarted by them.
        slot=Slot(name="worker", port=probe, probe=probe),
    )
    cluster.worker.start()
    cluster.wait_whole()
    say(f"ready: http://localhost:{cluster.balancer.site}/")
