"""A throwaway PostgreSQL over TLS that tests break on purpose, and mend again."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from apps.core.database.params import Link, link_from
from apps.core.database.probe import probe
from local.place import Place
from local.postgres import Server, started
from local.roles import APP, DATABASE, connect_as_superuser
from tests.core.database.certs import Pair

_RELOADED_WITHIN_S = 10


@dataclass
class Broken:
    """A server and the ways to break it. What a block breaks is mended at its end."""

    server: Server

    @property
    def place(self) -> Place:
        return self.server.place

    @property
    def password(self) -> str:
        return self.place.secret_file("app").read_text()

    def link(self, **given: object) -> Link:
        """The link of the serving role, but for what is given in names of the environment."""
        environment = {
            "POSTGRES_HOST": "localhost",
            "POSTGRES_PORT": str(self.server.port),
            "POSTGRES_DB": DATABASE,
            "DB_USER": APP,
            "APP_DB_PASSWORD": self.password,
            "DB_SSLMODE": "verify-full",
            "DB_SSLROOTCERT": str(self.place.ca_certificate),
        } | {name: str(value) for name, value in given.items() if name.isupper()}
        return link_from(environment, pooled=bool(given.get("pooled", False)))

    def look(self, **given: object) -> dict[str, object]:
        """The notes of all stages, by stage."""
        return {result.stage: result.note for result in probe(self.link(**given))}

    def finding(self, **given: object) -> str:
        """The first failure's code."""
        notes = self.look(**given).values()
        return next((note.code for note in notes if note.status == "fail"), "")  # type: ignore[attr-defined]

    @contextmanager
    def broken_by(self, *statements: str, mended_by: tuple[str, ...]) -> Iterator[None]:
        """With statements of the superuser in force."""
        # Kept open: the break may keep the superuser out too.
        with connect_as_superuser(self.place, port=self.server.port) as connection:
            try:
                for statement in statements:
                    connection.execute(statement)  # type: ignore[call-overload]
                yield
            finally:
                for statement in mended_by:
                    connection.execute(statement)  # type: ignore[call-overload]

    @contextmanager
    def hba(self, rules: str) -> Iterator[None]:
        """With these rules before the superuser's own."""
        file = self.place.data / "pg_hba.conf"
        before = file.read_text()
        with self._rewritten({file: (rules + "\n" + before).encode()}):
            yield

    @contextmanager
    def serving(self, pair: Pair) -> Iterator[None]:
        """With this certificate and key."""
        home = self.place.server_home
        files = {home / "server.crt": pair.pem, home / "server.key": pair.key_pem}
        with self._rewritten(files):
            yield

    @contextmanager
    def _rewritten(self, files: dict[Path, bytes]) -> Iterator[None]:
        before = {file: file.read_bytes() for file in files}
        # The server's certificate may be broken for this connection's successors.
        with connect_as_superuser(self.place, port=self.server.port) as connection:
            try:
                for file, content in files.items():
                    file.write_bytes(content)
                self.reload(connection)
                yield
            finally:
                for file, content in before.items():
                    file.write_bytes(content)
                self.reload(connection)

    def reload(self, connection: psycopg.Connection) -> None:
        """Reload, and wait until the postmaster has: its log says so before it forks again."""
        said = self.place.log.read_text(errors="replace").count("reloading configuration files")
        connection.execute("SELECT pg_reload_conf()")
        deadline = time.monotonic() + _RELOADED_WITHIN_S
        while (
            self.place.log.read_text(errors="replace").count("reloading configuration files")
            <= said
        ):
            assert time.monotonic() < deadline, "the server did not reload"
        # The line stands before the work; a connection that is let in or refused stands after it.
        try:
            psycopg.connect(
                host="127.0.0.1", port=self.server.port, sslmode="allow", connect_timeout=5
            ).close()
        except psycopg.OperationalError:
            return


@pytest.fixture(scope="session")
def broken() -> Iterator[Broken]:
    """One server for all tests of the doctor."""
    folder = Path(tempfile.mkdtemp(prefix="doctor-"))
    folder.chmod(0o755)
    with started(Place(folder=folder / "server", for_tests=True)) as server:
        yield Broken(server)
    shutil.rmtree(folder)
