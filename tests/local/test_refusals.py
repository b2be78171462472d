"""What stops a start says so in one sentence: the fact, then what to do."""

import errno
import fcntl
import os
import shutil
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest

from local.place import Place, place_from
from local.postgres import start
from local.problem import Problem, told_in_one_sentence
from local.web import chosen_port, is_ready, refuse_taken_port
from tests.local.conftest import refusal_of


def test_a_taken_port_is_named_with_the_way_out(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = refusal_of("local.run", PORT=str(port), DATA_DIR=str(tmp_path))
    assert said == (
        f"Port {port} is taken by another program."
        f" Stop that one, or choose another port: make run PORT={port + 1}"
    )
    assert not (tmp_path / "postgres").exists(), "nothing may be started before"


def test_a_free_port_is_not_refused():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    refuse_taken_port(port)


def test_a_run_already_going_is_named_with_its_process(tmp_path):
    with (tmp_path / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4711\n")
        lock.flush()
        said = refusal_of("local.run", DATA_DIR=str(tmp_path))
    assert said.startswith(f"The shop is already running from {tmp_path} (process 4711). Stop it")
    assert "DATA_DIR=" in said


@pytest.mark.parametrize("given", ["web", "0", "65536", "-1", "80.5", "٨٠٠٠"])
def test_a_port_that_is_none(given):
    with pytest.raises(Problem, match=f"^PORT is {given}, and a port is a number from 1 to 65535"):
        chosen_port({"PORT": given})


def test_the_port_that_nobody_chose():
    assert chosen_port({}) == chosen_port({"PORT": ""}) == 8000


def test_a_data_folder_that_is_a_file(tmp_path):
    file = tmp_path / "data"
    file.touch()
    said = refusal_of("local.run", DATA_DIR=str(file))
    assert said == f"DATA_DIR is {file}, and that is a file. Choose a folder: DATA_DIR=…"


# Permissions close nothing to root, as whom CI runs; the kernel's folder is closed to everybody.
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="Needs a folder closed even to root.")
def test_a_data_folder_that_cannot_be_written():
    said = refusal_of("local.run", DATA_DIR="/proc/shop")
    assert said.startswith("The data folder /proc/shop cannot be written by this user. Choose")


def test_a_disk_without_room(place: Place, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=120_000_000))
    with pytest.raises(Problem, match="Only 120 MB are free on the disk of"):
        start(place)
    assert not place.data.exists()


def test_a_disk_that_fills_up_later(capsys):
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/data/ca.crt")
    with pytest.raises(SystemExit) as ended, told_in_one_sentence():
        raise full
    assert ended.value.code == (
        "The disk is full (/data/ca.crt). Free some space, or choose another disk: DATA_DIR=…"
    )


def test_a_bug_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError), told_in_one_sentence():
        raise ZeroDivisionError
    with pytest.raises(ConnectionResetError), told_in_one_sentence():
        raise ConnectionResetError(errno.ECONNRESET, "reset")


def test_the_environment_without_a_database(tmp_path):
    said = refusal_of("local.env", DATA_DIR=str(tmp_path))
    assert said.startswith(f"No database is running in {tmp_path}. Start it")


def test_a_relative_data_folder_is_in_the_checkout():
    assert place_from({}).folder == place_from({"DATA_DIR": ".local"}).folder
    assert place_from({}).folder.name == ".local"
    assert place_from({"DATA_DIR": ".x"}, for_tests=True).folder.parts[-2:] == (".x", "test")


def test_a_shop_that_is_not_there_is_not_ready():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    assert not is_ready(port)
