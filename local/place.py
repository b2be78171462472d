"""Where the laptop keeps what: one folder, DATA_DIR, and the paths in it.

.local/
├── ca.crt              the only certificate that clients need
├── authority/ca.key    signs server certificates; nobody else reads it
├── secrets/            one password a file, readable by their user alone
├── postgres/           what the server's user owns: data, certificate, key
├── postgres.log        what the server said
└── test/               the same again for `make test`
"""

import errno
import hashlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.problem import Problem
from local.server_user import ServerUser, can_enter, server_user

CHECKOUT = Path(__file__).resolve().parent.parent

# Where root keeps the server's files when the server's user cannot enter DATA_DIR.
ROOM_OUTSIDE = Path("/var/lib/jewelry-shop")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One database and what belongs to it. Two places never touch each other.

    `for_tests`: fast instead of durable, and its owner may create databases.
    """

    folder: Path
    for_tests: bool = False

    @property
    def authority(self) -> Path:
        return self.folder / "authority"

    @property
    def ca_certificate(self) -> Path:
        return self.folder / "ca.crt"

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    @property
    def lock(self) -> Path:
        return self.folder / "postgres.lock"

    @property
    def port_file(self) -> Path:
        return self.folder / "postgres.port"

    @property
    def user(self) -> ServerUser | None:
        """Who runs the server; None for the user who runs this program."""
        return server_user(data=self.folder / "postgres")

    @property
    def server_home(self) -> Path:
        """The folder of the server's own files.

        Below DATA_DIR, unless root runs the server as another user who cannot
        enter it: a checkout under /root is closed to everybody else.
        """
        user = self.user
        if user is None or can_enter(self.folder, user):
            return self.folder / "postgres"
        name = hashlib.sha256(bytes(self.folder)).hexdigest()[:12]
        return ROOM_OUTSIDE / name

    @property
    def data(self) -> Path:
        return self.server_home / "data"

    @property
    def static(self) -> Path:
        return self.folder / "static"

    @property
    def ready_file(self) -> Path:
        """Holds the pid of the server whose roles are in order."""
        return self.folder / "postgres.ready"

    @property
    def programs_file(self) -> Path:
        """The pids of web and worker, for a next run that finds them without their parent."""
        return self.folder / "run.programs"

    def secret_file(self, name: str) -> Path:
        """The file of one secret, made with a random value when it is not there yet."""
        path = self.folder / "secrets" / name
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(48))
        return path

    @property
    def everything(self) -> list[Path]:
        """What the shop made here, and nothing else that a person may keep in the folder."""
        folders = ["authority", "secrets", "static"]
        files = [self.ca_certificate, self.log, self.port_file, self.ready_file, self.programs_file]
        tried = self.folder.glob("tried-*")
        return [self.server_home, *(self.folder / name for name in folders), *files, *tried]

    def make_folder(self) -> None:
        """Make DATA_DIR. Raises Problem when that is not possible."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise Problem(
                f"DATA_DIR is {self.folder}, and that is a file. Choose a folder: DATA_DIR=…"
            ) from None
        except OSError as failure:
            if failure.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise
            raise self._not_writable() from None
        if not os.access(self.folder, os.W_OK | os.X_OK):
            raise self._not_writable()

    def _not_writable(self) -> Problem:
        return Problem(
            f"The data folder {self.folder} cannot be written by this user."
            " Choose another: DATA_DIR=…"
        )


def place_from(environment: Mapping[str, str], *, for_tests: bool = False) -> Place:
    """The place that DATA_DIR names, else `.local` in the checkout; `test/` in it for tests."""
    given = environment.get("DATA_DIR") or ".local"
    folder = (CHECKOUT / Path(given).expanduser()).resolve()
    return Place(folder=folder / "test" if for_tests else folder, for_tests=for_tests)
