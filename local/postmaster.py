"""What postmaster.pid tells about a running PostgreSQL, and the one way to ask it to stop."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path

from local.place import Place
from local.processes import command_of


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What a running server wrote into postmaster.pid."""

    pid: int
    port: int
    ready: bool


def running(place: Place) -> Postmaster | None:
    """The server of this place, if one is alive; a stale file of a dead one is not.

    postmaster.pid is asked, and not the port: another server may answer there.
    Source: PostgreSQL, src/include/utils/pidfile.h (line 1 pid, 4 port, 8 status).
    """
    try:
        lines = (place.data / "postmaster.pid").read_text().splitlines()
    except (FileNotFoundError, PermissionError):
        return None
    if len(lines) < 4 or not _is_server(int(lines[0]), place.data):
        return None
    ready = len(lines) >= 8 and lines[7].strip() == "ready"
    return Postmaster(pid=int(lines[0]), port=int(lines[3]), ready=ready)


def usable(place: Place) -> Postmaster | None:
    """The server of this place, if it answers and has its roles."""
    found = running(place)
    if found is None or not found.ready or not place.ready_file.exists():
        return None
    return found if place.ready_file.read_text().strip() == str(found.pid) else None


def interrupt(pid: int) -> None:
    """Ask for PostgreSQL's fast shutdown. SIGTERM would wait for every client to leave."""
    try:
        os.kill(pid, signal.SIGINT)
    except ProcessLookupError:
        return


def _is_server(pid: int, data: Path) -> bool:
    """Whether this process is the server of this data folder.

    After a crash of the machine the file stays, and its number may be anybody's.
    """
    command = command_of(pid)
    return "postgres" in command and str(data) in command
