"""A real gunicorn with the site's own configuration, and clients that count what they lose."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.db import connection

from local.place import CHECKOUT

PATIENCE_S = 30
# Ours is what the configuration names; gunicorn makes one with threads of a sync one with several.
CLASSES = {
    "ours": ((), {"WEB_THREADS": "4"}),
    "sync": (("-k", "sync"), {"WEB_THREADS": "1"}),
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(true, what, within_s=PATIENCE_S):
    until = time.monotonic() + within_s
    while not (found := true()):
        assert time.monotonic() < until, f"waited in vain for {what}"
        time.sleep(0.02)
    return found


def children_of(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as children:
            return {int(child) for child in children.read().split()}
    except (FileNotFoundError, ProcessLookupError):
        return set()


@dataclass
class Answer:
    status: int
    head: str
    body: bytes

    @property
    def closes(self):
        return "connection: close" in self.head.lower()


class Lost(Exception):
    """The connection stood, and no whole answer came."""


class Link:
    """One connection. Raises OSError when it cannot be made, Lost when it breaks after that."""

    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)

    def ask(self, path, *, method="GET", keep_alive=False):
        kept = "keep-alive" if keep_alive else "close"
        asked = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: {kept}\r\n\r\n"
        try:
            self._socket.sendall(asked.encode())
            return self._answer()
        except OSError as failure:
            raise Lost(repr(failure)) from failure

    def _answer(self):
        got = b""
        while b"\r\n\r\n" not in got:
            got += self._more(got)
        head, _, body = got.partition(b"\r\n\r\n")
        fields = head.decode().split("\r\n")
        status = int(fields[0].split()[1])
        named = dict(line.lower().split(": ", 1) for line in fields[1:])
        length = int(named.get("content-length", 0))
        while len(body) < length:
            body += self._more(body)
        return Answer(status, head.decode(), body)

    def _more(self, got):
        more = self._socket.recv(65_536)
        if not more:
            raise Lost(f"ended after {len(got)} bytes")
        return more

    def close(self):
        self._socket.close()


def ask(port, path, method="GET"):
    link = Link(port)
    try:
        return link.ask(path, method=method)
    finally:
        link.close()


def status(port, path):
    """The status of an answer; None when there is none."""
    try:
        return ask(port, path).status
    except (OSError, Lost):
        return None


@dataclass
class Web:
    process: subprocess.Popen
    port: int
    probe_port: int
    said: list[str] = field(default_factory=list)

    def __post_init__(self):
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self):
        with self.process.stderr as stderr:
            self.said.extend(stderr)

    def probe(self, what):
        return status(self.probe_port, f"/health/{what}/")

    def rows(self):
        """Row of the board -> process."""
        return {int(row): pid for row, pid in json.loads(ask(self.port, "/rows/").body).items()}

    def workers(self):
        return children_of(self.process.pid)

    def signal(self, number):
        self.process.send_signal(number)

    def ended(self, within_s=PATIENCE_S):
        """Wait for its end; its status and how long it took."""
        began = time.monotonic()
        code, took_s = self.process.wait(within_s), time.monotonic() - began
        self._listener.join(1)  # not for ever: another master may hold the pipe
        return code, took_s


def environment_of_tests():
    login = connection.settings_dict
    given = os.environ | {
        "POSTGRES_DB": login["NAME"],
        "DB_USER": login["USER"],
        "APP_DB_PASSWORD": login["PASSWORD"],
        "WEB_WORKERS": "2",
    }
    given.pop("APP_DB_PASSWORD_FILE", None)
    return given


# Not `python -m gunicorn`: that one does not find its way at SIGUSR2.
GUNICORN = Path(sys.executable).with_name("gunicorn")


def launch(*options, worker_class="ours", config="config/gunicorn.py", **settings):
    """Start gunicorn; it may not be ready yet."""
    port, probe_port = free_port(), int(settings.pop("HEALTH_PORT", 0)) or free_port()
    chosen, threads = CLASSES[worker_class]
    process = subprocess.Popen(
        [
            *(GUNICORN, "-c", config, *chosen, *options),
            "tests.draining.site:application",
        ],
        cwd=CHECKOUT,
        env=environment_of_tests()
        | threads
        | {"PORT": str(port), "HEALTH_PORT": str(probe_port)}
        | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    return Web(process, port, probe_port)


@contextmanager
def serving(*options, **settings):
    """gunicorn, once it is ready; killed at the end unless it has ended."""
    web = launch(*options, **settings)
    try:
        wait_for(
            # Each probe reaches one of the workers.
            lambda: (
                web.process.poll() is not None or all(web.probe("ready") == 200 for _ in range(16))
            ),
            "the site to be ready",
        )
        assert web.process.poll() is None, web.said
        yield web
    finally:
        if web.process.poll() is None:
            web.process.kill()
        web.ended()


class Load:
    """Clients that ask again and again until they are refused, and what became of it."""

    def __init__(self, web, *, clients, path="/slow/"):
        self._web, self._path = web, path
        self.answers: list[tuple[float, Answer]] = []
        self.lost: list[str] = []
        self.refused_at: list[float] = []
        self._threads = [
            # Every other one keeps its connection.
            threading.Thread(target=self._ask_again, args=(number % 2 == 0,), daemon=True)
            for number in range(clients)
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        wait_for(lambda: len(self.answers) > 2 * len(self._threads), "the load to begin")
        return self

    def __exit__(self, *_):
        for thread in self._threads:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()

    def _ask_again(self, keeps):
        try:
            while True:
                self._ask_on_one(Link(self._web.port), keeps)
        except Lost as loss:
            self.lost.append(str(loss))
        except OSError:
            self.refused_at.append(time.monotonic())

    def _ask_on_one(self, link, keeps):
        closes = False
        try:
            while not closes:
                answer = link.ask(self._path, keep_alive=keeps)
                self.answers.append((time.monotonic(), answer))
                closes = answer.closes
        finally:
            link.close()

    def between(self, from_s, to_s):
        return [answer for at_s, answer in list(self.answers) if from_s <= at_s < to_s]


class Watch:
    """Asks the probe port all the time, until it is gone."""

    def __init__(self, web, *paths):
        self._web, self._paths = web, paths
        self.seen: list[tuple[float, str, int]] = []
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self):
        while self._web.process.poll() is None:
            for path in self._paths:
                if (found := self._web.probe(path)) is not None:
                    self.seen.append((time.monotonic(), path, found))
            time.sleep(0.01)

    def of(self, path):
        return [(at_s, found) for at_s, asked, found in list(self.seen) if asked == path]


@pytest.fixture(params=list(CLASSES))
def worker_class(request):
    return request.param
