"""Which user runs PostgreSQL, and what that user can reach.

PostgreSQL refuses to run as root. An ordinary user runs it himself; root runs
it as `nobody`, or as whoever owns the data already.
"""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ServerUser:
    """An unprivileged user that root starts the server as."""

    uid: int
    gid: int

    def give(self, path: Path) -> None:
        """Make this user the owner of `path`."""
        os.chown(path, self.uid, self.gid)


def server_user(*, data: Path) -> ServerUser | None:
    """The user to run the server as; None when it is the user of this program."""
    if os.geteuid() != 0:
        return None
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return ServerUser(owner.st_uid, owner.st_gid)
    nobody = pwd.getpwnam("nobody")
    return ServerUser(nobody.pw_uid, nobody.pw_gid)


def can_enter(folder: Path, user: ServerUser) -> bool:
    """Whether `user` may walk from the root down into `folder`; what is missing counts as open."""
    return all(_may_walk(step, user) for step in (folder, *folder.parents) if step.exists())


def _may_walk(folder: Path, user: ServerUser) -> bool:
    status = folder.stat()
    if status.st_uid == user.uid:
        return bool(status.st_mode & 0o100)
    if status.st_gid == user.gid:
        return bool(status.st_mode & 0o010)
    return bool(status.st_mode & 0o001)
