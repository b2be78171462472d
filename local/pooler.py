"""A throwaway PgBouncer, for tests and drills: the shop's image without a container.

`start` runs the image's own entrypoint and template (docker/pgbouncer) with the
variables that the Zalando operator gives; `start_with` takes a finished
configuration, such as the operator's stock one.
"""

import os
import signal
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psycopg

from local.place import CHECKOUT
from local.problem import Problem
from local.server_user import server_user
from local.spilo import POOLER, Pair, Reached, free_port

IMAGE = CHECKOUT / "docker" / "pgbouncer"
START_WITHIN_S = 20
STOP_WITHIN_S = 10
WATCH_EVERY_S = 1
LISTENING = "process up:"


@dataclass(slots=True, kw_only=True)
class Pooler:
    """One PgBouncer that listens on the loopback. Its log can be waited for."""

    folder: Path
    port: int
    behind: Reached
    ca: Path
    child: subprocess.Popen[str] = field(repr=False)
    said: list[str] = field(default_factory=list, repr=False)
    _silent: bool = False
    _news: threading.Condition = field(default_factory=threading.Condition, repr=False)

    def link(self, user: str, **given: object) -> dict[str, object]:
        """The parameters of a verified connection through the pooler, for psycopg."""
        address = {"port": self.port, "sslrootcert": str(self.ca)}
        # PgBouncer before 1.25 knows no other; psycopg would prepare after five uses.
        return self.behind.link(user) | address | {"prepare_threshold": None} | given

    def console(self) -> psycopg.Connection:
        """PgBouncer's own console, as the operator's pooler role."""
        address = self.link(POOLER, dbname="pgbouncer", autocommit=True)
        return psycopg.connect(**address, cursor_factory=psycopg.ClientCursor)  # type: ignore[arg-type]

    def give(self, pair: Pair) -> None:
        """Put another certificate and key where the mounted secret is."""
        write_pair(self.folder, pair)

    def heard(self, words: str, *, within_s: float = START_WITHIN_S, since: int = 0) -> None:
        """Wait for a line of the log, after the first `since` of them. Raises Problem in vain."""
        with self._news:
            self._news.wait_for(lambda: self._silent or self._said(words, since), within_s)
            if not self._said(words, since):
                raise Problem(f"PgBouncer did not say {words!r}:\n" + "".join(self.said[-20:]))

    def stop(self) -> None:
        """End PgBouncer and the watch beside it."""
        with suppress(ProcessLookupError):
            os.killpg(self.child.pid, signal.SIGTERM)
        self.child.wait(STOP_WITHIN_S)

    def listen_to(self, output: IO[str]) -> None:
        """Keep what the program says until it closes its output."""
        with output:
            for line in output:
                with self._news:
                    self.said.append(line)
                    self._news.notify_all()
        with self._news:
            self._silent = True
            self._news.notify_all()

    def _said(self, words: str, since: int) -> bool:
        return any(words in line for line in self.said[since:])


def image_environment(folder: Path, *, behind: Reached, port: int) -> dict[str, str]:
    """The operator's variables, and where the image's files are without a container."""
    return {
        "PGHOST": "localhost",
        "PGPORT": str(behind.port),
        "PGUSER": POOLER,
        "PGPASSWORD": behind.passwords[POOLER],
        "PGSCHEMA": "pooler",
        "CONNECTION_POOLER_PORT": str(port),
        "CONNECTION_POOLER_MODE": "transaction",
        "CONNECTION_POOLER_DEFAULT_SIZE": "4",
        "CONNECTION_POOLER_MIN_SIZE": "2",
        "CONNECTION_POOLER_RESERVE_SIZE": "2",
        "CONNECTION_POOLER_MAX_CLIENT_CONN": "200",
        "CONNECTION_POOLER_MAX_DB_CONN": "8",
        "CONNECTION_POOLER_CLIENT_TLS_CRT": str(folder / "tls.crt"),
        "CONNECTION_POOLER_CLIENT_TLS_KEY": str(folder / "tls.key"),
        "CONNECTION_POOLER_CLIENT_CA_FILE": str(folder / "ca.crt"),
        "POOLER_LISTEN_ADDRESS": "127.0.0.1",
        "POOLER_TEMPLATE": str(folder / "pgbouncer.ini.tmpl"),
        "POOLER_USERLIST": str(folder / "userlist.txt"),
        "POOLER_RUN": str(folder / "run"),
        "POOLER_WATCH_SECONDS": str(WATCH_EVERY_S),
    }


def start(
    folder: Path,
    *,
    behind: Reached,
    pair: Pair,
    server_ca: bytes,
    port: int | None = None,
    **changed: str | None,
) -> Pooler:
    """Run the image's entrypoint: verified TLS to clients and to the server behind.

    `server_ca` is what the server's certificate is verified with; a free `port` is taken when
    none is given. `changed`
    replaces variables of the operator, or with None takes them away.
    Raises Problem, with what it said, when it does not come up.
    """
    prepare(folder, behind=behind, pair=pair, server_ca=server_ca)
    for name in ("entrypoint.sh", "pgbouncer.ini.tmpl"):
        # A checkout may be closed to the pooler's user; the image has them open too.
        _write(folder / name, (IMAGE / name).read_bytes())
    port = port or free_port()
    given = image_environment(folder, behind=behind, port=port) | changed
    environment = {name: value for name, value in given.items() if value is not None}
    return _launch(
        folder, ["sh", str(folder / "entrypoint.sh")], environment, behind=behind, port=port
    )


def start_with(
    folder: Path, *, configuration: str, behind: Reached, pair: Pair, server_ca: bytes
) -> Pooler:
    """Run PgBouncer with this configuration; `{folder}`, `{port}` and `{server_port}` are set."""
    prepare(folder, behind=behind, pair=pair, server_ca=server_ca)
    port = free_port()
    text = configuration.format(folder=folder, port=port, server_port=behind.port)
    _write(folder / "pgbouncer.ini", text.encode())
    return _launch(
        folder, ["pgbouncer", str(folder / "pgbouncer.ini")], {}, behind=behind, port=port
    )


def prepare(folder: Path, *, behind: Reached, pair: Pair, server_ca: bytes) -> None:
    """Lay out what the operator mounts: certificate, key, authority, list of users."""
    folder.mkdir(mode=0o700)
    if user := server_user(data=behind.place.server_home):
        user.give(folder)
    write_pair(folder, pair)
    _write(folder / "ca.crt", server_ca)
    _write(folder / "userlist.txt", f'"{POOLER}" "{behind.passwords[POOLER]}"\n'.encode())


def write_pair(folder: Path, pair: Pair) -> None:
    """Certificate and key, each in one step."""
    _write(folder / "tls.crt", pair.certificate)
    _write(folder / "tls.key", pair.key)


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_name(path.name + ".fresh")
    fresh.touch(mode=0o600)
    fresh.write_bytes(content)
    if user := server_user(data=path.parent):
        user.give(fresh)
    fresh.rename(path)


def _launch(
    folder: Path,
    command: list[str],
    environment: Mapping[str, str],
    *,
    behind: Reached,
    port: int,
) -> Pooler:
    user = server_user(data=folder)
    # Debian keeps pgbouncer in sbin. Nothing else of this process's environment goes along.
    path = os.pathsep.join((os.defpath, "/usr/local/sbin", "/usr/sbin", "/sbin"))
    child = subprocess.Popen(
        command,
        cwd=folder,
        env={"PATH": path, "LC_ALL": "C.UTF-8", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        umask=0o077,
        start_new_session=True,
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=[] if user else None,
    )
    assert child.stdout is not None
    pooler = Pooler(folder=folder, port=port, behind=behind, ca=behind.ca, child=child)
    threading.Thread(target=pooler.listen_to, args=(child.stdout,), daemon=True).start()
    try:
        pooler.heard(LISTENING)
    except Problem:
        pooler.stop()
        raise
    return pooler
