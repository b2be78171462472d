"""Several programs in one window: started together, stopped together, each line under its name.

What a killed run leaves behind is written down, so that the next one can end it.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.output import announce

# A web request and a job of the worker may end what they are doing.
STOP_WITHIN_S = 25
LOOK_EVERY_S = 0.05


@dataclass(frozen=True, slots=True)
class Part:
    """One running program of the shop."""

    name: str
    process: subprocess.Popen[str]
    copying: threading.Thread


def start_part(
    name: str, command: Sequence[str], *, environment: Mapping[str, str], folder: Path
) -> Part:
    """Start a program and copy each line it says into the window."""
    process = subprocess.Popen(
        command,
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        # Its own session: a Ctrl-C reaches us alone, and we end the parts in order.
        start_new_session=True,
    )
    copying = threading.Thread(target=_copy_lines, args=(name, process), daemon=True)
    copying.start()
    return Part(name, process, copying)


def _copy_lines(name: str, process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    with process.stdout as said:
        for line in said:
            announce(name, line.rstrip())


def stop_parts(parts: Sequence[Part]) -> None:
    """Ask all to stop at once, wait for them, and kill what does not."""
    for part in parts:
        part.process.terminate()
    deadline = time.monotonic() + STOP_WITHIN_S
    for part in parts:
        try:
            part.process.wait(max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            announce(part.name, f"did not stop within {STOP_WITHIN_S} seconds and was killed")
            os.killpg(part.process.pid, signal.SIGKILL)
            part.process.wait()
        # Its last words; not for ever, as a child of its own may hold the pipe.
        part.copying.join(timeout=1)


def write_down(parts: Sequence[Part], file: Path) -> None:
    """Note which processes are ours, for a next run that finds them without their parent."""
    file.write_text("".join(f"{part.process.pid}\n" for part in parts))


def stop_leftovers(file: Path) -> None:
    """End what an earlier run, killed itself, left behind: it would hold the port."""
    if not file.exists():
        return
    left = [int(line) for line in file.read_text().split() if _is_ours(int(line))]
    for pid in left:
        announce("left over", f"process {pid} of an earlier run is ended")
        os.killpg(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_WITHIN_S
    while any(_is_ours(pid) for pid in left):
        if time.monotonic() > deadline:
            for pid in filter(_is_ours, left):
                os.killpg(pid, signal.SIGKILL)
        time.sleep(LOOK_EVERY_S)
    file.unlink()


def _is_ours(pid: int) -> bool:
    """Whether the number still means a program of this checkout; numbers are used again."""
    return command_of(pid).startswith(sys.executable)


def command_of(pid: int) -> str:
    """The command line of a process; empty when there is none, or it is only a zombie."""
    if Path("/proc/self").exists():
        try:
            arguments = (Path("/proc") / str(pid) / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return ""
        return arguments.replace(b"\0", b" ").decode(errors="replace")
    asked = ["ps", "-o", "command=", "-p", str(pid)]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout
