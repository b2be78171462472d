"""Web and worker in one window: their lines, their end, and what a killed run leaves behind."""

import os
import signal
import subprocess
import sys
import time

import pytest

from local import processes
from local.processes import command_of, start_part, stop_leftovers, stop_parts, write_down

GRACEFUL = """
import signal, sys, time
def leave(*_):
    print("done")
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
print("here", flush=True)
time.sleep(30)
"""
STUBBORN = GRACEFUL.replace("leave(*_):", "leave(*_):\n    return")


def part(source: str, *, capsys):
    """A started program that has said its first line."""
    one = start_part(
        "web", [sys.executable, "-c", source], environment=dict(os.environ), folder=os.curdir
    )
    said = ""
    deadline = time.monotonic() + 10
    while "here" not in said:
        assert time.monotonic() < deadline
        said += capsys.readouterr().out
        time.sleep(0.01)
    assert said == "web        here\n"
    return one


def test_a_part_is_asked_to_stop_and_waited_for(capsys):
    one = part(GRACEFUL, capsys=capsys)
    stop_parts([one])
    assert one.process.returncode == 0


def test_a_part_that_does_not_stop_is_killed(capsys, monkeypatch):
    monkeypatch.setattr(processes, "STOP_WITHIN_S", 0.3)
    one = part(STUBBORN, capsys=capsys)
    stop_parts([one])
    assert one.process.returncode == -signal.SIGKILL
    assert "did not stop within 0.3 seconds and was killed" in capsys.readouterr().out


def test_a_ctrl_c_in_the_window_does_not_reach_the_parts(capsys):
    one = part(GRACEFUL, capsys=capsys)
    assert os.getpgid(one.process.pid) == one.process.pid != os.getpgrp()
    stop_parts([one])


def test_what_a_killed_run_left_behind_is_ended(tmp_path, capsys):
    file = tmp_path / "run.programs"
    one = part(GRACEFUL, capsys=capsys)
    write_down([one], file)
    stop_leftovers(file)
    stop_parts([one])
    assert one.process.returncode == 0
    assert not file.exists()
    assert f"process {one.process.pid} of an earlier run is ended" in capsys.readouterr().out


def test_a_stranger_with_the_same_number_is_left_alone(tmp_path):
    file = tmp_path / "run.programs"
    with subprocess.Popen(["sleep", "30"]) as stranger:
        file.write_text(f"{stranger.pid}\n")
        stop_leftovers(file)
        assert stranger.poll() is None
        stranger.kill()
    assert not file.exists()


def test_a_process_that_is_gone_has_no_command():
    ended = subprocess.Popen(["true"])
    ended.wait()
    assert command_of(ended.pid) == ""
    assert sys.executable in command_of(os.getpid())


@pytest.mark.parametrize("left", ["", "999999999\n"])
def test_nothing_left_behind(tmp_path, capsys, left):
    file = tmp_path / "run.programs"
    file.write_text(left)
    stop_leftovers(file)
    stop_leftovers(file)
    assert capsys.readouterr().out == ""
