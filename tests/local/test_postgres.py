"""Start, find, stop: what is kept, what is whose, and how it ends."""

import os
import signal
import socket
import subprocess
from collections.abc import Callable

import pytest

from local.place import Place
from local.postgres import Server, start, started, stopped
from local.postmaster import running, usable
from local.problem import Problem
from tests.local.conftest import dial, run_program


def recovered(place: Place) -> bool:
    """Whether the server ever had to recover from a crash."""
    return "automatic recovery in progress" in place.log.read_text()


@pytest.fixture
def run_in_foreground(place: Place) -> Callable[[], subprocess.Popen[str]]:
    """`python -m local.postgres`, once it says that the database is there."""

    def begin() -> subprocess.Popen[str]:
        folder = str(place.folder.parent)
        program = run_program("local.postgres", "--test", DATA_DIR=folder)
        assert program.stdout is not None
        assert program.stdout.readline().startswith("database")
        return program

    return begin


@pytest.fixture
def place(place: Place) -> Place:
    """As `python -m local.postgres --test` finds it: the folder `test` in DATA_DIR."""
    return Place(folder=place.folder / "test", for_tests=True)


def test_a_second_start_keeps_the_data_and_the_port(place):
    with started(place) as first, dial(first, user="jewelry_owner") as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'ring' AS piece")
    assert running(place) is None
    with started(place) as second, dial(second, user="jewelry_owner") as connection:
        assert connection.execute("SELECT piece FROM kept").fetchone() == ("ring",)
        assert second.port == first.port
    assert not recovered(place)


def test_a_crash_is_recovered_from_and_seen_as_one(place):
    """The counter-proof of the tests below, which find no recovery."""
    with started(place) as server, dial(server, user="jewelry_owner") as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'ring' AS piece")
        with dial(server, user="postgres", dbname="postgres") as superuser:
            superuser.execute("CHECKPOINT")  # a place for tests is fast instead of durable
        assert server.child is not None
        server.child.send_signal(signal.SIGQUIT)
        server.child.wait(10)
    with started(place) as server, dial(server, user="jewelry_owner") as connection:
        assert connection.execute("SELECT piece FROM kept").fetchone() == ("ring",)
    assert recovered(place)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_a_fast_shutdown_with_a_client_connected(place, run_in_foreground, number):
    program = run_in_foreground()
    found = usable(place)
    assert found is not None
    with dial(Server(place=place, port=found.port)) as idle:
        program.send_signal(number)
        said, complaints = program.communicate(timeout=10)
        assert not idle.broken
    assert (program.returncode, complaints) == (0, "")
    assert said.split() == ["database", "stopped"]
    assert running(place) is None
    assert "received fast shutdown request" in place.log.read_text()
    with started(place):
        assert not recovered(place)


def test_an_orphan_is_stopped_and_its_data_kept(place, run_in_foreground):
    program = run_in_foreground()
    orphan = usable(place)
    assert orphan is not None
    program.kill()
    program.communicate(timeout=10)
    assert running(place) == orphan
    with started(place) as server:
        assert server.child is not None
        assert server.child.pid != orphan.pid
        found = usable(place)
        assert found is not None
        assert found.pid == server.child.pid
    assert not recovered(place)


def test_a_server_of_another_program_is_used_and_left_running(place):
    with started(place) as first:
        guest = start(place)
        assert (guest.child, guest.port) == (None, first.port)
        guest.stop()
        with dial(first) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        with pytest.raises(Problem, match="in use by another program"), stopped(place):
            pytest.fail("entered while the database runs")


def test_a_process_that_only_has_the_number_is_left_alone(place):
    """After a power cut postmaster.pid stays, and its number may be anybody's."""
    with started(place):
        left_behind = (place.data / "postmaster.pid").read_text().splitlines()
    with subprocess.Popen(["sleep", "30"]) as bystander:
        left_behind[0] = str(bystander.pid)
        (place.data / "postmaster.pid").write_text("\n".join(left_behind) + "\n")
        assert running(place) is None
        with started(place) as server:
            assert server.child is not None
        assert bystander.poll() is None
        bystander.kill()


def test_a_taken_port_is_left_for_another(place):
    with started(place) as server:
        first = server.port
    with socket.create_server(("127.0.0.1", first)), started(place) as server:
        assert server.port != first
        with dial(server) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_two_places_run_side_by_side(place, server):
    with started(place) as other, dial(other) as connection:
        assert other.port != server.port
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_server_that_cannot_start_says_why(place):
    with started(place):
        pass
    version = place.data / "PG_VERSION"
    version.write_text("9.6\n")
    with pytest.raises(Problem, match=r"initialized by PostgreSQL version 9\.6"):
        start(place)
    assert running(place) is None
    # And it holds nothing back: put right, it starts.
    version.write_text("17\n")
    with started(place) as server:
        assert server.child is not None


def test_a_ready_file_of_an_earlier_server_does_not_count(place):
    with started(place):
        place.ready_file.write_text(f"{os.getpid()}\n")
        assert running(place) is not None
        assert usable(place) is None


SLEEP = "import time; print('asleep', flush=True); time.sleep(60)"


def test_a_command_that_is_ended_stops_the_database_it_started(place):
    """As continuous integration ends `make test` that takes too long."""
    lasting = Place(folder=place.folder)
    program = run_program(
        "local.manage", "shell", "-v", "0", "-c", SLEEP, DATA_DIR=str(place.folder)
    )
    assert program.stdout is not None
    assert program.stdout.readline() == "asleep\n"
    assert usable(lasting) is not None
    program.terminate()
    program.communicate(timeout=10)
    assert program.returncode == 130
    assert running(lasting) is None
    assert "received fast shutdown request" in lasting.log.read_text()
