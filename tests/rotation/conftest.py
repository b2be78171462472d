"""A whole shop on a throwaway server: gunicorn, real requests, mounted secrets as in a cluster."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from cryptography import x509

from apps.core.database.served import served_certificate
from local.env import to_migrate, to_serve, with_environment
from local.place import CHECKOUT, Place
from local.postgres import started
from tests import make
from tests.local.conftest import dial

PATIENCE_S = 30
MIGRATED = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("createcachetable", verbosity=0)
"""
MADE = """
import json
from django.utils import timezone
from apps.shops.scope import shop_scope
from apps.shops.services import issue_token
from tests import make
shop = make.shop()
owner = make.member(of=shop, username="owner")
with shop_scope(shop.pk):
    make.rate(of=shop, at=timezone.now())
    for number in range(60):
        make.piece(by=owner, tag=f"R-{number}")
token = issue_token(member=owner, at=timezone.now())
print("made " + json.dumps({"token": token, "shop": shop.pk}))
"""


class Mounted:
    """Files as the kubelet mounts them: links through `..data`, which is exchanged at once."""

    def __init__(self, folder: Path, **content: str) -> None:
        self.folder = folder
        folder.mkdir()
        self._content = {name.replace("_", "."): text for name, text in content.items()}
        self._generation = 0
        for name in self._content:
            (folder / name).symlink_to(f"..data/{name}")
        self.renew()

    def __getitem__(self, name: str) -> Path:
        return self.folder / name

    def renew(self, **content: str) -> None:
        """Exchange all files in one step; those that are not named keep their content."""
        self._content |= {name.replace("_", "."): text for name, text in content.items()}
        self._generation += 1
        generation = self.folder / f"..{self._generation}"
        generation.mkdir()
        for name, text in self._content.items():
            (generation / name).write_text(text)
        (self.folder / "..data_tmp").symlink_to(generation.name)
        (self.folder / "..data_tmp").replace(self.folder / "..data")


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]
    took_s: float

    def json(self):
        return json.loads(self.body)


@dataclass
class Installation:
    """One shop: its server, its mounted secret, a key to its API, and how its programs run."""

    server: object
    mounted: Mounted
    token: str
    shop: int
    environment: dict[str, str] = field(repr=False)

    def superuser(self, **given):
        return dial(self.server, user="postgres", **{"dbname": "jewelry_shop", **given})

    def sql(self, statement: str, *parameters):
        with self.superuser() as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else None

    def reload(self) -> None:
        """Let the server read its configuration and its certificate again."""
        os.kill(self.server.child.pid, signal.SIGHUP)

    def served(self) -> x509.Certificate:
        return served_certificate("localhost", self.server.port, timeout_s=5)

    def serial(self) -> int:
        return self.served().serial_number

    @contextmanager
    def web(self, **settings: str):
        """gunicorn with four threads, once it is ready."""
        port, probes = free_port(), free_port()
        environment = self.environment | {
            "PORT": str(port),
            "HEALTH_PORT": str(probes),
            "WEB_WORKERS": "1",
            **settings,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", "config.wsgi"],
            cwd=CHECKOUT,
            env=with_environment(environment),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        said: list[str] = []
        listener = threading.Thread(target=lambda: said.extend(process.stderr), daemon=True)
        listener.start()
        web = Web(port=port, probes=probes, token=self.token, said=said)
        try:
            wait_for(lambda: process.poll() is not None or web.is_ready(), "the web to be ready")
            assert process.poll() is None, said
            yield web
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            listener.join(5)
            process.stderr.close()


@dataclass
class Web:
    port: int
    probes: int
    token: str = field(repr=False)
    said: list[str]

    def ask(
        self,
        method: str,
        path: str,
        body=None,
        *,
        key: str = "",
        cookie: str = "",
        within_s: float = PATIENCE_S,
    ) -> Answer:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=within_s)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        if cookie:
            headers["Cookie"] = cookie
        began = time.monotonic()
        try:
            link.request(method, path, json.dumps(body) if body else None, headers)
            answer = link.getresponse()
            text = answer.read()
        finally:
            link.close()
        return Answer(answer.status, text, dict(answer.headers), time.monotonic() - began)

    def ready(self) -> Answer:
        return self.ask("GET", "/health/ready/")

    def is_ready(self) -> bool:
        try:
            return self.ready().status == 200
        except OSError:
            return False

    def wait_until_ready(self) -> None:
        wait_for(self.is_ready, "the web to be ready")

    def wait_until_not_ready(self, word: str) -> None:
        """Until the site's port says so, and the probe port says why."""
        wait_for(lambda: not self.is_ready(), "the web to be not ready")
        assert self.ready().json()["failing"] == ["database"]
        # On a busy machine the first look may be late, which is another word.
        wait_for(lambda: self._said_why() == word, f"the word {word}")

    def _said_why(self) -> str:
        """The word of the database in the verbose answer of the probe port."""
        with socket.create_connection(("127.0.0.1", self.probes), PATIENCE_S) as link:
            link.sendall(b"GET /health/ready/database/?verbose HTTP/1.1\r\nHost: localhost\r\n\r\n")
            said = b"".join(iter(lambda: link.recv(4096), b"")).decode()
        return said.partition("[-]database failed: ")[2].partition("\n")[0]

    def pieces(self, **more) -> Answer:
        return self.ask("GET", "/api/v1/pieces?search=R-1", **more)

    def sell(self, tag: str, key: str, **more) -> Answer:
        body = {
            "lines": [{"tag": tag}],
            "tenders": [{"kind": "cash", "amount": str(make.RING_TOTAL)}],
        }
        return self.ask("POST", "/api/v1/sales", body, key=key, **more)


class Load:
    """Requests from three threads until the end of the block; keeps every answer."""

    def __init__(self, web: Web, ask=Web.pieces) -> None:
        self.web, self._ask = web, ask
        self.answers: list[Answer | Exception] = []
        self._more = threading.Condition()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(3)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        self.go_on(5)
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                answer = self._ask(self.web)
            except OSError as failure:
                answer = failure
            with self._more:
                self.answers.append(answer)
                self._more.notify_all()

    def go_on(self, count: int = 20) -> None:
        """Wait for so many answers more: some of them were asked for after this moment."""
        with self._more:
            wanted = len(self.answers) + count
            assert self._more.wait_for(lambda: len(self.answers) >= wanted, PATIENCE_S)

    def statuses(self) -> dict:
        found: dict = {}
        for answer in self.answers:
            what = answer.status if isinstance(answer, Answer) else repr(answer)
            found[what] = found.get(what, 0) + 1
        return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(true, what: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < until, f"waited in vain for {what}"
        time.sleep(0.02)


def manage(environment, *arguments: str, **more) -> str:
    ended = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=CHECKOUT,
        env=with_environment(environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        **more,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.fixture(scope="package")
def installation(open_folder, tmp_path_factory):
    """A migrated shop with 60 rings, and programs that read their login from mounted files."""
    folder = tmp_path_factory.mktemp("mounted")
    place = Place(folder=open_folder / "rotation", for_tests=True)
    with started(place) as server:
        owner = to_migrate(place, port=server.port)
        manage(owner, "shell", "--no-imports", "--command", MIGRATED)
        mounted = Mounted(
            folder / "secret",
            username="jewelry_app",
            password=place.secret_file("app").read_text(),
            ca_crt=place.ca_certificate.read_text(),
        )
        environment = to_serve(place, port=server.port) | {
            "LOG_LEVEL": "INFO",  # the tests read that a login was taken up
            "DB_USER_FILE": str(mounted["username"]),
            "APP_DB_PASSWORD_FILE": str(mounted["password"]),
            "DB_SSLROOTCERT": str(mounted["ca.crt"]),
            "DB_CONNECT_TIMEOUT_SECONDS": "2",
            "DB_ANSWER_TIMEOUT_SECONDS": "3",
            "WEB_THREADS": "4",
        }
        environment.pop("DB_USER")
        said = manage(environment, "shell", "--no-imports", "--command", MADE)
        made = json.loads(said.split("made ", 1)[1])
        yield Installation(server, mounted, made["token"], made["shop"], environment)
    for path in place.everything:
        shutil.rmtree(path, ignore_errors=True)


def as_literal(text: str) -> str:
    return psycopg.sql.Literal(text).as_string(None)
