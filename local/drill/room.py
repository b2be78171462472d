"""The one folder of a drill cluster, and how a program of it is started there."""

import os
import secrets
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from local.certificates import NAMES
from local.drill.guard import FOLDER, descendants, throw_away
from local.server_user import ServerUser, server_user
from local.spilo import Pair
from ops.certs.issue import Issued, make_authority, make_server_certificate

# Debian keeps some of them where an ordinary user does not look.
PATH: Final = os.pathsep.join((os.defpath, "/usr/local/sbin", "/usr/sbin", "/sbin"))
STOP_WITHIN_S: Final = 20


@dataclass(slots=True, kw_only=True)
class Room:
    """Folder, authority and secrets of one cluster. Thrown away with it."""

    folder: Path
    user: ServerUser | None
    authority: Issued = field(repr=False)
    _secrets: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def ca(self) -> Path:
        """What clients verify with."""
        return self.folder / "ca.crt"

    def secret(self, name: str) -> str:
        """A random value, the same for each asking."""
        return self._secrets.setdefault(name, secrets.token_urlsafe(36))

    def pair(self) -> Pair:
        """A new certificate of the present authority, for every server here."""
        issued = make_server_certificate(
            names=NAMES, authority=self.authority, now=datetime.now(UTC)
        )
        return Pair(
            certificate=issued.certificate.public_bytes(Encoding.PEM),
            key=issued.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        )

    def home(self, name: str) -> Path:
        """A new folder of the servers' user, closed to others."""
        path = self.folder / name
        path.mkdir(mode=0o700)
        self._give(path)
        return path

    def mount(self, path: Path, *, megabytes: int) -> bool:
        """Put a disk of this size, in memory, under a folder; whether that could be done."""
        options = f"size={megabytes}m,mode=0700"
        if self.user:
            options += f",uid={self.user.uid},gid={self.user.gid}"
        command = ["mount", "-t", "tmpfs", "-o", options, "drill", str(path)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def write(self, path: Path, content: str | bytes, *, mode: int = 0o600) -> None:
        """Write a file of the servers' user in one step."""
        fresh = path.with_name(path.name + ".fresh")
        fresh.touch(mode=mode)
        fresh.write_bytes(content.encode() if isinstance(content, str) else content)
        fresh.chmod(mode)
        self._give(fresh)
        fresh.replace(path)

    def _give(self, path: Path) -> None:
        if self.user:
            self.user.give(path)


@dataclass(slots=True, kw_only=True)
class Program:
    """One program that runs, and what is below it. What it says goes into its log."""

    name: str
    process: subprocess.Popen[bytes] = field(repr=False)
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def processes(self) -> list[int]:
        """It and all that it started."""
        return [self.pid, *descendants(self.pid)]

    def tell(self, number: int) -> None:
        """Send a signal to the program alone."""
        if self.alive:
            os.kill(self.pid, number)

    def tell_all(self, number: int) -> None:
        """Send a signal to the program and all below it, as to everything in a container."""
        signal_each(self.processes(), number)

    def kill(self) -> None:
        """End it with all that it started, at once."""
        # Its children would be orphans afterwards, and no longer be found below it.
        everything = self.processes() if self.alive else []
        signal_each(everything, signal.SIGKILL)
        self.process.wait(STOP_WITHIN_S)

    def stop(self, number: int = signal.SIGTERM, *, within_s: float = STOP_WITHIN_S) -> bool:
        """Ask it to end; kill it when it does not. Whether it ended by itself."""
        self.tell(number)
        try:
            self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        return True


def signal_each(pids: Sequence[int], number: int) -> None:
    """Send a signal to each that is still there."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


@contextmanager
def new_room() -> Iterator[Room]:
    """A room in a folder of its own, which is deleted afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER}{os.getpid()}-"))
    folder.chmod(0o755)
    authority = make_authority(name="drill authority", now=datetime.now(UTC))
    room = Room(folder=folder, user=server_user(data=folder / "none"), authority=authority)
    try:
        yield room
    finally:
        throw_away(folder)


def start(
    room: Room,
    name: str,
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    as_server_user: bool = True,
    on_end: Callable[[int], None] | None = None,
) -> Program:
    """Start a program with this environment and no other. `on_end` is told its status."""
    user = room.user if as_server_user else None
    log = room.folder / f"{name}.log"
    with log.open("ab") as said:
        process = subprocess.Popen(
            command,
            cwd=folder or room.folder,
            env={"PATH": PATH, "LC_ALL": "C.UTF-8", "TZ": "UTC", **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            umask=0o077,
            start_new_session=True,
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
        )
    program = Program(name=name, process=process, log=log)
    if on_end is not None:
        told = on_end

        def wait() -> None:
            told(process.wait())

        threading.Thread(target=wait, daemon=True, name=f"end of {name}").start()
    return program
