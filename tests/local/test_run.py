"""`make run` from an empty folder to a sale, Ctrl-C, and the same data again."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from local.place import CHECKOUT, place_from
from local.postmaster import running
from local.tools import PDF_LIBRARIES
from local.web import refuse_taken_port
from tests.local.conftest import run_program

pytestmark = pytest.mark.slow

CREATE_TOKEN = ("create_api_token", "--shop", "demo", "--member", "owner")
# The first one makes the database and the demo shop; the next only start.
FIRST_READY_WITHIN_S, READY_WITHIN_S = 120, 30


class Shop:
    """The shop in one data folder, as a person runs it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.said: list[str] = []

    @contextmanager
    def run(self, *, ready_within_s: int) -> Iterator[subprocess.Popen[str]]:
        """`make run` until the block ends; then what a Ctrl-C in its window does."""
        self.said = []
        program = run_program("local.run", DATA_DIR=str(self.folder), PORT=str(self.port))
        hearing = [
            threading.Thread(target=self.said.extend, args=(pipe,), daemon=True)
            for pipe in (program.stdout, program.stderr)
        ]
        for thread in hearing:
            thread.start()
        with program:
            try:
                self._wait(program, ready_within_s)
                yield program
            finally:
                program.send_signal(signal.SIGINT)
                program.wait(60)
                for thread in hearing:
                    thread.join(5)

    def _wait(self, program: subprocess.Popen[str], within_s: int) -> None:
        deadline = time.monotonic() + within_s
        while not any(line.startswith("ready") for line in self.said):
            assert program.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.1)

    def token(self) -> str:
        """What `make -s token` prints."""
        return subprocess.run(
            [sys.executable, "-m", "local.manage", *CREATE_TOKEN],
            cwd=CHECKOUT,
            env={**os.environ, "DATA_DIR": str(self.folder)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

    def ask(self, method: str, path: str, token: str, **given: Any) -> Any:
        link = HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Authorization": f"Bearer {token}", "Host": "localhost", "Idempotency-Key": "a"}
        link.request(method, f"/api/v1{path}", json.dumps(given) if given else None, headers)
        answer = link.getresponse()
        said = json.loads(answer.read())
        link.close()
        assert answer.status < 300, said
        return said


@pytest.fixture
def shop(open_folder: Path) -> Shop:
    folder = Path(tempfile.mkdtemp(dir=open_folder))
    # Nothing is installed on this machine for a test that prints no receipt.
    (folder / f"tried-{PDF_LIBRARIES.packages[0]}").touch()
    return Shop(folder)


def test_from_nothing_to_a_sale_and_the_same_data_again(shop):
    with shop.run(ready_within_s=FIRST_READY_WITHIN_S):
        told = "".join(shop.said)
        assert re.search(rf"^ready +http://localhost:{shop.port}/$", told, re.MULTILINE)
        assert "sign in as owner, password " in told
        assert "Ctrl-C stops everything" in told
        assert "word=stale" not in told, "the web missed a worker that was only starting"
        token = shop.token()
        quote = shop.ask("POST", "/quotes", token, lines=[{"tag": "R10482"}])
        sale = shop.ask(
            "POST",
            "/sales",
            token,
            lines=[{"tag": "R10482"}],
            tenders=[{"kind": "card", "amount": quote["total"]}],
        )
        assert sale["total"] == quote["total"]
    refuse_taken_port(shop.port)  # nobody is there any more
    assert running(place_from({"DATA_DIR": str(shop.folder)})) is None, "the database runs on"
    assert "stopped" in shop.said[-1]

    with shop.run(ready_within_s=READY_WITHIN_S):
        assert shop.ask("GET", "/pieces/R10482", token)["state"] == "sold"


def test_a_part_that_ends_by_itself_ends_all_of_it(shop):
    with shop.run(ready_within_s=FIRST_READY_WITHIN_S) as program:
        worker = int((shop.folder / "run.programs").read_text().split()[1])
        os.kill(worker, signal.SIGKILL)
        assert program.wait(60) == 1

    assert any("The worker ended by itself with status -9" in line for line in shop.said)
    refuse_taken_port(shop.port)  # nobody is there any more
