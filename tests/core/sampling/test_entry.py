"""The station of this process: opened once, with its port and its memory, and closed again."""

import os
import socket

import pytest

from apps.core.sampling import entry, history
from apps.core.sampling.board import Board, Seat
from apps.core.sampling.check import Check, Reading, State
from apps.core.sampling.port import PortRefused
from tests.core.probing import until


@pytest.fixture(autouse=True)
def alone():
    entry.close()
    yield
    entry.close()


@pytest.fixture
def facts(monkeypatch):
    """What the catalogue was told; the process looks at one thing of ours."""
    told = []

    def checks(facts, *more):
        told.append(facts)
        found = Reading(state=State.FAIL, word="late")
        return [Check(name="queue", look=lambda: found, every_s=3600.0, within_s=5.0), *more]

    monkeypatch.setattr(entry, "for_web", checks)
    monkeypatch.setattr(entry, "for_worker", checks)
    return told


@pytest.fixture
def port(settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    settings.HEALTH = {**settings.HEALTH, "PORT": number}
    return number


def answers(port):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as link:
        link.sendall(b"GET /health/live/ HTTP/1.0\r\n\r\n")
        return link.recv(100).startswith(b"HTTP/1.1 200")


def test_a_web_worker(facts, port):
    board = Board()
    seat = Seat(board, board.take_row(os.getpid()))

    station = entry.open_web(seat=seat, slots=4, stuck_after_s=30, site=("127.0.0.1", 8000))

    assert answers(port)
    assert entry.current() is station
    assert (station.options.kind, station.options.stuck_after_s) == ("web", 30)
    assert (station.requests.slots, station.seat) == (4, seat)
    assert facts[0].site == ("127.0.0.1", 8000)
    until(lambda: facts[0].load(), what="the row on the board")
    assert facts[0].load()[0].slots == 4


def test_what_the_settings_say(facts, port, settings):
    settings.HEALTH = {
        **settings.HEALTH,
        "DATABASE_GATE": "warn",
        "CHECKS_OFF": frozenset({"site"}),
        "RETURN_SPREAD_SECONDS": 5.0,
    }
    station = entry.open_web(slots=4, stuck_after_s=30)

    assert (facts[0].database_gates, facts[0].off) == (False, {"site"})
    assert station.options.spread_s == 5


def test_closed_and_opened_again(facts, port):
    first = entry.open_web(slots=4, stuck_after_s=30)
    entry.close()
    entry.close()
    with pytest.raises(ConnectionRefusedError):
        answers(port)

    second = entry.open_web(slots=4, stuck_after_s=30)
    assert second is not first
    assert answers(port)


def test_whoever_asks_first_opens_it_without_a_port(facts, port):
    station = entry.current()

    assert entry.current() is station
    with pytest.raises(ConnectionRefusedError):
        answers(port)
    # Another server's slots are not known: it is never called stuck.
    assert station.options.stuck_after_s == float("inf")


def test_a_worker_for_jobs_with_a_check_of_its_own(facts, port):
    jobs = Check(name="jobs", look=Reading, every_s=1.0, within_s=1.0, gates=True)

    station = entry.open_worker(jobs, slots=2)

    assert list(station.sampler.checks) == ["queue", "jobs"]
    assert (station.options.kind, station.requests.slots) == ("worker", 2)
    assert answers(port)


def test_it_shares_no_port_with_a_server_that_is_not_its_own(facts, port):
    entry.open_web(slots=4, stuck_after_s=30)

    with pytest.raises(PortRefused, match=f"port {port} of 127.0.0.1 is taken"):
        entry.open_worker()


def test_changes_are_remembered(facts, port):
    station = entry.open_web(slots=4, stuck_after_s=30)

    remembered = history.current(station)
    until(lambda: remembered.past.changes, what="the change")
    (change,) = {told.change for told in remembered.past.changes}
    assert (change.check, change.word) == ("queue", "late")
