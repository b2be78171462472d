"""Throwaway servers for the tests of local/: real ones, each in a folder of its own."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from local.env import with_environment
from local.place import CHECKOUT, Place
from local.postgres import Server, started
from local.roles import APP, DATABASE, OWNER

Connect = Callable[..., psycopg.Connection]


@pytest.fixture(scope="session")
def server(open_folder: Path) -> Iterator[Server]:
    """One server for all tests that only look."""
    with started(Place(folder=open_folder / "shared", for_tests=True)) as one:
        yield one


@pytest.fixture
def place(open_folder: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """A place of the test's own; nothing is in it yet."""
    one = Place(folder=open_folder / request.node.name[:40], for_tests=True)
    yield one
    for path in one.everything:
        shutil.rmtree(path, ignore_errors=True)


def dial(server: Server, **given: Any) -> psycopg.Connection:
    """Connect as jewelry_app over verified TLS, but for what is given."""
    user = given.get("user", APP)
    secret = {APP: "app", OWNER: "owner", "postgres": "superuser"}[user]
    parameters = {
        "host": "localhost",
        "hostaddr": "127.0.0.1",
        "port": server.port,
        "dbname": DATABASE,
        "user": user,
        "password": server.place.secret_file(secret).read_text(),
        "sslmode": "verify-full",
        "sslrootcert": str(server.place.ca_certificate),
        "sslcertmode": "disable",  # the person's own certificate is not for this server
        "connect_timeout": 5,
        "autocommit": True,
    }
    return psycopg.connect(**(parameters | given))


@pytest.fixture
def connect(server: Server) -> Connect:
    """Connect to the shared server."""
    return lambda **given: dial(server, **given)


def run_program(module: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start a program of local/ as a person would."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=CHECKOUT,
        env=with_environment(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def refusal_of(module: str, **environment: str) -> str:
    """What a program says when it refuses to start: one sentence, exit status 1."""
    program = run_program(module, **environment)
    _, said = program.communicate(timeout=20)
    assert program.returncode == 1, said
    assert "Traceback" not in said
    return said.strip()
