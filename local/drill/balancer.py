"""HAProxy as what a cluster has between its parts: Services, endpoints, and the ingress.

It routes to a web pod by its `/health/ready/`, with the manifest's period, timeout and
thresholds; to the primary by Patroni's `/primary`; to a pooler by its open port, as the operator
probes it. It cuts no connection that stands, and tries no second pod: neither does a Service.
"""

import csv
import signal
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local.drill import probes
from local.drill.patroni import Database, wait_for
from local.drill.room import Program, Room, start
from local.spilo import free_port

ANSWER_WITHIN_S: Final = 3
RETRY_AFTER_S: Final = 2

HEAD: Final = """\
global
    stats socket {socket} mode 600 level admin
    maxconn 4000
    log stderr format raw local0 notice

defaults
    timeout connect 3s
    timeout client 1h
    timeout server 1h
    log global
    retries 0
"""

# A process of its own, so that the way to the database can be frozen and the rest goes on.
DATABASE: Final = """
# Service jewelry-shop-db: whoever Patroni says leads.
listen primary
    mode tcp
    bind 127.0.0.1:{primary}
    option httpchk GET /primary
    http-check expect status 200
    timeout check 2s
    default-server inter 1s fall 2 rise 1
{members}
"""

FRONT: Final = """
# Service jewelry-shop-db-pooler.
listen pooler
    mode tcp
    bind 127.0.0.1:{pooler}
    timeout check 1s
    balance roundrobin
    default-server inter 2s fall 2 rise 1
{poolers}

# Ingress and Service django.
frontend site
    mode http
    bind 127.0.0.1:{site}
    timeout client 75s
    timeout http-keep-alive 75s
    option forwardfor
    http-request set-header X-Forwarded-Proto https
    http-request deny deny_status 404 if {{ path_beg /health/detailed /metrics }}
    errorfile 503 {error}
    default_backend web

backend web
    mode http
    balance roundrobin
    timeout server 60s
    timeout check {ready_timeout}s
    option httpchk
    http-check send meth GET uri {ready} hdr Host localhost
    http-check expect status 200
    errorfile 503 {error}
    default-server inter {ready_period}s fall {ready_failures} rise {ready_successes}
{web}
"""

ERROR_PAGE: Final = (
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html; charset=utf-8\r\n"
    "Cache-Control: no-store\r\nRetry-After: {retry}\r\nConnection: close\r\n\r\n"
    "<!doctype html><title>Back in a moment</title><p>The shop cannot be reached just now."
    " Nothing was written; send it again in a moment.</p>\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Where a pod can be: a name and ports that are known before it runs."""

    name: str
    port: int
    probe: int


@dataclass(slots=True, kw_only=True)
class Balancer:
    """Two HAProxies: the way to the primary, and the way to poolers and pods."""

    programs: dict[str, Program]
    controls: dict[str, Path]
    site: int
    primary: int
    pooler: int

    def up(self, backend: str) -> list[str]:
        """The servers that get new requests."""
        return [name for name, status in self.states(backend).items() if status == "UP"]

    def states(self, backend: str) -> dict[str, str]:
        """What is thought of each server: UP, UP 1/3 while it fails, DOWN, MAINT, DRAIN."""
        which = "database" if backend == "primary" else "front"
        lines = self.command(f"show stat {backend} 4 -1", to=which).lstrip("# ").splitlines()
        rows = csv.DictReader(line for line in lines if line)
        return {
            row["svname"]: "UP" if row["status"].startswith("UP") else row["status"].split()[0]
            for row in rows
            if row["pxname"] == backend
        }

    def take_out(self, backend: str, name: str) -> None:
        """No new requests until its checks have passed again: the container has ended."""
        self.command(f"set server {backend}/{name} health down")

    def drain(self, backend: str, name: str) -> None:
        """No new requests at all: the pod is being deleted."""
        self.command(f"set server {backend}/{name} state drain")

    def forget(self, backend: str, name: str) -> None:
        """The pod is gone."""
        self.command(f"set server {backend}/{name} state maint")

    def expect(self, backend: str, name: str) -> None:
        """A pod is starting there: requests go to it when its checks have passed."""
        self.command(f"set server {backend}/{name} state ready")
        self.take_out(backend, name)

    def black_hole(self) -> None:
        """From now on the database's port takes connections and answers nothing."""
        self.programs["database"].tell_all(signal.SIGSTOP)

    def open_again(self) -> None:
        """Let what waits at the database's port through."""
        self.programs["database"].tell_all(signal.SIGCONT)

    def command(self, text: str, *, to: str = "front") -> str:
        """What HAProxy says to one command."""
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(ANSWER_WITHIN_S)
            link.connect(str(self.controls[to]))
            link.sendall(f"{text}\n".encode())
            said = b""
            while part := link.recv(65536):
                said += part
        return said.decode()

    def stop(self) -> None:
        """End both."""
        self.open_again()
        for program in self.programs.values():
            program.stop(signal.SIGTERM)


def start_balancer(
    room: Room, database: Database, *, poolers: Sequence[Slot], web: Sequence[Slot]
) -> Balancer:
    """Start HAProxy in front of everything; only members are checked at once."""
    home = room.home("haproxy")
    site, primary, pooler = free_port(), free_port(), free_port()
    error = home / "503.http"
    room.write(error, ERROR_PAGE.format(retry=RETRY_AFTER_S))
    database_part = DATABASE.format(
        primary=primary,
        members=_lines((m.name, m.port, f"check port {m.rest}") for m in database.members),
    )
    front_part = FRONT.format(
        site=site,
        pooler=pooler,
        error=error,
        ready=probes.READY,
        ready_timeout=probes.READY_TIMEOUT_S,
        ready_period=probes.READY_PERIOD_S,
        ready_failures=probes.READY_FAILURES,
        ready_successes=probes.READY_SUCCESSES,
        poolers=_lines((slot.name, slot.port, "check disabled") for slot in poolers),
        web=_lines((slot.name, slot.port, f"check port {slot.probe} disabled") for slot in web),
    )
    programs, controls = {}, {}
    for name, part in (("database", database_part), ("front", front_part)):
        controls[name] = home / f"{name}.control"
        text = HEAD.format(socket=controls[name]) + part
        room.write(home / f"{name}.cfg", text)
        programs[name] = start(
            room, f"haproxy-{name}-log", ["haproxy", "-db", "-f", str(home / f"{name}.cfg")]
        )
        wait_for(controls[name].exists, "HAProxy", within_s=20, said=programs[name].log.read_text)
    return Balancer(programs=programs, controls=controls, site=site, primary=primary, pooler=pooler)


def _lines(servers: Iterable[tuple[str, int, str]]) -> str:
    return "\n".join(f"    server {name} 127.0.0.1:{port} {rest}" for name, port, rest in servers)
