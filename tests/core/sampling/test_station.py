"""One process's health put together: groups, drain, stuck workers, latches."""

import os
import threading
import time

import pytest

from apps.core.sampling import station as stations
from apps.core.sampling.board import Board, Seat
from apps.core.sampling.check import Check, Reading, State
from apps.core.sampling.station import Options, Station
from tests.core.probing import PATIENCE_S, Things, until


@pytest.fixture
def things():
    return Things()


@pytest.fixture
def opened(things):
    made = []

    def open_station(*checks, **given):
        given.setdefault("options", Options())
        station = Station(
            checks
            or (
                things.check("program", latch=True),
                things.check("cache"),
                things.check("database", gates=True),
            ),
            **given,
        )
        made.append(station)
        station.open()
        return station

    yield open_station
    for station in made:
        station.close()


def failing(standings):
    return {one.name: one.word for one in standings if one.gates and one.state is State.FAIL}


def is_ready(station):
    return not failing(station.ready())


def test_ready_after_everything_was_seen(opened):
    station = opened()
    until(lambda: is_ready(station), what="ready")
    names = [one.name for one in station.ready()]
    assert names == ["startup", "draining", "sampler", "database", "cache"], "gates come first"
    assert failing(station.live()) == {}


def test_a_gate_fails_readiness_and_nothing_else(opened, things):
    station = opened()
    until(lambda: is_ready(station), what="ready")
    things.found["database"] = Reading(state=State.FAIL, word="refused")
    until(lambda: failing(station.ready()) == {"database": "refused"}, what="not ready")
    assert failing(station.live()) == {}
    assert failing(station.startup()) == {}, "once started, always started"


def test_what_only_warns_does_not_fail_readiness(opened, things):
    station = opened()
    things.found["cache"] = Reading(state=State.FAIL, word="error")
    until(lambda: {one.name: one.word for one in station.ready()}["cache"] == "error", what="seen")
    assert is_ready(station)


def test_started_without_the_database(opened, things):
    """A startup probe that needs the database is a liveness probe under another name."""
    things.found["database"] = Reading(state=State.FAIL, word="refused")
    station = opened()
    until(lambda: not failing(station.startup()), what="started")
    assert failing(station.ready()) == {"database": "refused"}


def test_not_started_while_the_program_does_not_load(opened, things):
    things.found["program"] = Reading(state=State.FAIL, word="error")
    station = opened()
    until(lambda: "sampled" not in failing(station.startup()), what="everything seen")
    assert failing(station.startup()) == {"program": "error"}
    assert failing(station.ready())["startup"] == "starting"
    del things.found["program"]
    until(lambda: not failing(station.startup()), what="started")


def test_not_started_before_everything_was_looked_at(opened, things):
    held = threading.Event()
    station = opened(
        things.check("program", latch=True),
        Check(name="disk", look=lambda: held.wait(PATIENCE_S) and Reading(), every_s=9, within_s=9),
    )
    until(lambda: "program" not in failing(station.startup()), what="the program")
    assert failing(station.startup()) == {"sampled": "starting"}
    assert failing(station.ready())["startup"] == "starting"
    held.set()
    until(lambda: not failing(station.startup()), what="started")


@pytest.mark.parametrize(("seed", "spread_s", "at_least_s"), [(0.5, 1.0, 0.5), (0.0, 1_000.0, 0.0)])
def test_a_server_returns_after_its_own_part_of_the_spread(
    opened, things, monkeypatch, seed, spread_s, at_least_s
):
    monkeypatch.setattr(Board, "seed", seed)
    station = opened(options=Options(spread_s=spread_s))
    until(lambda: is_ready(station), what="ready: the first time nobody waits")
    things.found["database"] = Reading(state=State.FAIL, word="refused")
    until(lambda: not is_ready(station), what="not ready")
    over = time.monotonic()
    del things.found["database"]
    until(lambda: is_ready(station), what="ready again")
    assert time.monotonic() - over >= at_least_s


def test_a_renewed_worker_is_no_start_of_the_server(opened, things):
    """gunicorn renews workers now and then; probes that meet a new one must not hear of it."""
    first = opened()
    until(lambda: is_ready(first), what="ready")
    looked_at = threading.Event()

    def slow():
        looked_at.wait(PATIENCE_S)
        return Reading()

    second = opened(
        Check(name="cache", look=slow, every_s=1, within_s=60),
        things.check("database", gates=True),
        seat=Seat(board=first.seat.board),
    )
    try:
        until(lambda: is_ready(second), what="ready before everything was looked at")
        assert not second.sampler.has_seen_everything
    finally:
        looked_at.set()


def test_draining_fails_readiness_alone(opened):
    station = opened()
    until(lambda: is_ready(station), what="ready")
    station.drain()
    assert failing(station.ready()) == {"draining": "draining"}
    assert failing(station.live()) == {}


def test_all_processes_of_a_server_drain_together(opened, things):
    first = opened()
    second = opened(options=Options(), seat=Seat(board=first.seat.board))
    until(lambda: is_ready(second), what="ready")
    first.drain()
    assert failing(second.ready()) == {"draining": "draining"}


def test_alive_while_one_worker_has_a_free_slot(opened, things):
    first = opened(slots=2, options=Options(stuck_after_s=0.0))
    second = opened(slots=1, options=Options(stuck_after_s=0.0), seat=Seat(board=first.seat.board))
    until(lambda: len(first.neighbours()) == 2, what="both on the board")
    first.requests.begin()
    first.requests.begin()
    until(lambda: [load.busy for load in second.load()] == [2, 0], what="the load on the board")
    assert failing(second.live()) == {}
    held = second.requests.begin()
    until(lambda: failing(first.live()) == {"workers": "stuck"}, what="all stuck")
    assert failing(second.live()) == {"workers": "stuck"}
    second.requests.end(held)
    until(lambda: not failing(first.live()), what="alive again")


def test_busy_slots_that_change_hands_are_not_stuck(opened):
    station = opened(slots=1, options=Options(stuck_after_s=5.0))
    station.requests.begin()
    until(lambda: [load.busy for load in station.load()] == [1], what="busy")
    assert failing(station.live()) == {}, "busy for less than the limit"


def test_waiting_for_a_slow_client_is_not_stuck(opened):
    """Strangers who send their bodies drop by drop must not get the server restarted."""
    clock = [0.0]
    station = opened(slots=1, options=Options(stuck_after_s=30.0), clock=lambda: clock[0])
    number = station.requests.begin()
    with station.requests.listening(number):
        clock[0] += 100
        assert station.requests.load().stuck_for_s(at_s=clock[0]) == 0
    clock[0] += 31
    assert station.requests.load().stuck_for_s(at_s=clock[0]) == 31, "counted from the last word"
    station.requests.end(number)
    assert station.requests.load().busy == 0


def test_a_watchdog_that_stopped_fails_readiness_then_liveness(opened):
    clock = [0.0]
    station = opened(clock=lambda: clock[0])
    station.sampler.stop()
    for thread in station.sampler._threads:
        thread.join(PATIENCE_S)
    clock[0] += 5.1
    assert failing(station.ready())["sampler"] == "stale"
    assert failing(station.everything())["sampler"] == "stale", "where groups differ, the worse"
    assert failing(station.live()) == {}
    clock[0] += 55
    assert failing(station.live()) == {"sampler": "stale"}


def test_one_station_a_process_and_a_new_one_after_a_fork(things):
    made = []

    def make():
        made.append(Station([things.check("program", latch=True)], options=Options()))
        return made[-1]

    stations.closed()
    try:
        first = stations.opened(make)
        assert stations.opened(make) is first
        pid = os.fork()
        if pid == 0:
            os._exit(0 if stations.opened(make) is not first else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    finally:
        stations.closed()


@pytest.mark.parametrize("sign", ["x", "ж", "خ", "界", "😀", "\x01", '"', "\udcff"])
def test_the_row_bears_long_words_and_many_changes(opened, things, sign):
    """What a server says may be long, in any language; the watchdog must not stumble over it."""
    station = opened()
    changes = station.sampler.transitions
    number = 0
    for number in range(60):
        said = f"{number} " + sign * 5_000
        bad = Reading(state=State.FAIL, word=("refused", "auth")[number % 2], said=said)
        things.found["database"] = bad
        until(lambda n=number: sum(changes.values()) > n, what="a change")
    until(
        lambda: station.neighbours()[0].said["changes"][-1]["said"].startswith(str(number)),
        what="the newest on the board",
    )
    assert len(station.neighbours()[0].said["changes"]) == 50
