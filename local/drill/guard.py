"""Let nothing outlive its parent: what a killed program leaves behind comes to the guard.

Patroni starts PostgreSQL so that it survives Patroni, which is right in a pod, where the
container ends both. Here the guard is the container: the kernel gives it every orphan below it.
Source: Linux, prctl(2), PR_SET_CHILD_SUBREAPER and PR_SET_PDEATHSIG; unshare(2).
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_CHILD_SUBREAPER: Final = 36
_CLONE_NEWNS: Final = 0x00020000
_MS_REC, _MS_PRIVATE = 0x4000, 0x40000
# How a cluster's folder is called; the number of the process that made it follows.
FOLDER: Final = "drill-"
LOOK_EVERY_S: Final = 0.02


def guarded(program: Callable[[], int]) -> int:
    """Run `program` in a child; when it has ended, end all that it left, and its folder.

    To be called before any thread is started. A request to stop is passed on to the child.
    """
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    _own_mounts()
    guard = os.getpid()
    child = os.fork()
    if child == 0:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != guard:  # killed before the line above
            os._exit(1)
        return program()

    def pass_on(number: int, frame: FrameType | None) -> None:
        with suppress(ProcessLookupError):
            os.kill(child, number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, pass_on)
    ended, status = os.wait()
    while ended != child:
        # An orphan's: Patroni waits until its PostgreSQL is gone, and a zombie is not.
        ended, status = os.wait()
    end_descendants(guard)
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER}{child}-*"):
        throw_away(folder)
    sys.exit(os.waitstatus_to_exitcode(status) % 256)


def end_descendants(of: int) -> None:
    """Kill every process below `of`, until there is none; stopped ones too."""
    while left := descendants(of):
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        _bury()
        time.sleep(LOOK_EVERY_S)
    _bury()


def throw_away(folder: Path) -> None:
    """Delete a cluster's folder, and the disks that are mounted in it."""
    for mounted in folder.iterdir():
        if mounted.is_mount():
            subprocess.run(["umount", "--lazy", str(mounted)], check=False)
    shutil.rmtree(folder, ignore_errors=True)


def descendants(of: int) -> list[int]:
    """The processes below `of`, parents first; zombies are none."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                # The name in brackets may hold anything; what counts stands behind it.
                state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
                if state != "Z":
                    children.setdefault(int(parent), []).append(int(folder.name))
    found: list[int] = []
    wanted = [of]
    while wanted:
        below = children.get(wanted.pop(), [])
        found += below
        wanted += below
    return found


def _own_mounts() -> None:
    """Mounts of our own, which the kernel undoes when the last process here has ended."""
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() == 0 and libc.unshare(_CLONE_NEWNS) == 0:
        libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None)


def _bury() -> None:
    """Take note of every ended child, or it stays in the table of processes."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
