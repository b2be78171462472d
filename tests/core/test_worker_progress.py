"""What the probes of a worker say of its event loop: apps.core.sampling.checks.jobs."""

import asyncio

import pytest

from apps.core.sampling.check import State
from apps.core.sampling.checks import jobs
from apps.core.sampling.station import Options, Station
from apps.core.sampling.verdict import verdict


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def progress(clock):
    progress = jobs.Progress(clock=clock)
    progress.beat()
    return progress


def look(progress):
    return jobs.build(progress).look()


def test_takes_no_job_before_it_has_begun(progress):
    assert (look(progress).state, look(progress).word) == (State.FAIL, "starting")


def test_passes_while_it_takes_jobs(progress):
    progress.takes(True)
    progress.running = 3
    reading = look(progress)

    assert reading.state is State.PASS
    assert {one.measurement: one.value for one in reading.observed} == {
        "jobs:running": 3,
        "jobs:loopLag": 0.0,
    }


def test_fails_once_it_takes_none_any_more(progress):
    progress.takes(True)
    progress.takes(False)

    assert (look(progress).state, look(progress).word) == (State.FAIL, "unreachable")


@pytest.mark.parametrize(
    ("late_s", "word"), [(9.9, ""), (10.1, "late"), (59.9, "late"), (60.1, "stuck")]
)
def test_a_loop_that_does_not_turn_takes_no_job(progress, clock, late_s, word):
    progress.takes(True)
    clock.now += late_s

    assert look(progress).word == word


def test_gates_readiness():
    assert jobs.build(jobs.Progress()).gates


def test_liveness_fails_when_the_loop_is_stuck_and_not_before(progress, clock):
    station = Station((), options=Options(kind="worker"), clock=clock)
    station.sampler.beat_at = clock.now
    station.vitals.append(("loop", progress.word_of_loop))
    clock.now += 59
    station.sampler.beat_at = clock.now
    assert verdict(station.live()) is State.PASS

    clock.now += 2
    station.sampler.beat_at = clock.now
    assert verdict(station.live()) is State.FAIL
    assert [(one.name, one.word) for one in station.live() if one.word] == [("loop", "stuck")]


def test_the_loop_beats_by_itself(clock, progress, monkeypatch):
    from apps.core import working

    async def turn():
        work = working.Work(1, 1, progress, Station((), options=Options(kind="worker")))
        beating = asyncio.create_task(work._beat())
        await asyncio.sleep(0.05)
        beating.cancel()

    monkeypatch.setattr(working, "_BEAT_SECONDS", 0.01)
    clock.now += 100
    asyncio.run(turn())

    assert progress.late_s == 0
