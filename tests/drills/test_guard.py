"""Nothing outlives the program that started a drill cluster, however that ends."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from local.place import CHECKOUT

PATIENCE_S = 20
# Each line is one write: two processes share the pipe, and an unbuffered `print` makes several.
# A grandchild that leaves its parent, its group and its session, as Patroni's PostgreSQL does.
PROGRAM = """
import os, signal, subprocess, sys, tempfile, time
from pathlib import Path
from local.drill.guard import guarded

def main():
    folder = Path(tempfile.gettempdir()) / f"drill-{{os.getpid()}}-test"
    folder.mkdir()
    left = (
        "import os, time\\n"
        "if os.fork() == 0:\\n"
        "    os.setsid()\\n"
        "    os.write(1, b'orphan %d\\\\n' % os.getpid())\\n"
        "    time.sleep(600)\\n"
    )
    subprocess.run([sys.executable, "-c", left])
    os.write(1, b"main %d\\n" % os.getpid())
    {ends}
    return 3

sys.exit(guarded(main))
"""


def begun(ends):
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(ends=ends)],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
    )


def folder_of(main):
    return Path(tempfile.gettempdir()) / f"drill-{main}-test"


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_dead(pid):
    deadline = time.monotonic() + PATIENCE_S
    while is_alive(pid):
        assert time.monotonic() < deadline, f"process {pid} lives on"
        time.sleep(0.02)


@pytest.fixture
def program(request):
    with begun(request.param) as process:
        try:
            said = dict(process.stdout.readline().split() for _ in range(2))
            yield process, int(said["orphan"]), int(said["main"])
        finally:
            process.kill()


@pytest.mark.parametrize("program", ["pass"], indirect=True)
def test_what_is_left_at_the_end_is_ended_and_the_status_is_the_programs(program):
    process, orphan, _main = program

    assert process.wait(PATIENCE_S) == 3
    wait_dead(orphan)


@pytest.mark.parametrize("program", ["time.sleep(600)"], indirect=True)
def test_what_a_killed_program_leaves_is_ended(program):
    process, orphan, main = program
    assert is_alive(orphan)
    assert folder_of(main).exists()

    os.kill(main, signal.SIGKILL)

    assert process.wait(PATIENCE_S) != 0
    wait_dead(orphan)
    assert not folder_of(main).exists()


@pytest.mark.parametrize("program", ["time.sleep(600)"], indirect=True)
def test_a_request_to_stop_reaches_the_program(program):
    process, orphan, main = program

    process.terminate()

    process.wait(PATIENCE_S)
    wait_dead(main)
    wait_dead(orphan)


@pytest.mark.parametrize("program", ["time.sleep(600)"], indirect=True)
def test_a_program_does_not_outlive_its_guard(program):
    process, orphan, main = program

    process.kill()

    process.wait(PATIENCE_S)
    wait_dead(main)
    os.kill(orphan, signal.SIGKILL)  # nobody is left to end it, nor to clear up
    folder_of(main).rmdir()
