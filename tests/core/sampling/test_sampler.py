"""The threads: stuck looks, broken looks, the watchdog. Every wait is for an event."""

import threading
import time

import pytest

from apps.core.sampling.check import Check, Reading, State
from apps.core.sampling.sampler import Sampler
from tests.core.probing import PATIENCE_S, until


class Dependency:
    """Something to look at that can hang until it is cut off."""

    def __init__(self):
        self.hangs = False
        self.reading = Reading()
        self.looks = 0
        self.running = 0
        self.most_running = 0
        self.cuts = 0
        self._cut = threading.Event()

    def look(self):
        self.looks += 1
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            if self.hangs:
                self._cut.wait(PATIENCE_S)
                self._cut.clear()
            return self.reading
        finally:
            self.running -= 1

    def cut(self):
        self.cuts += 1
        self._cut.set()

    def check(self, name="database", **given):
        defaults = {"every_s": 0.05, "within_s": 0.05, "gates": True, "give_up": self.cut}
        return Check(name=name, look=self.look, **(defaults | given))


@pytest.fixture
def running():
    started = []

    def start(*checks, **given):
        sampler = Sampler(checks, **given)
        started.append(sampler)
        sampler.start()
        return sampler

    yield start
    for sampler in started:
        sampler.stop()


def state(sampler, name="database"):
    return next(one for one in sampler.standings() if one.name == name).state


def test_it_looks_again_and_again(running):
    dependency = Dependency()
    sampler = running(dependency.check())
    until(lambda: dependency.looks > 3, what="more looks")
    assert state(sampler) is State.PASS


def test_a_stuck_look_fails_and_is_cut_short_and_comes_back(running):
    dependency = Dependency()
    sampler = running(dependency.check())
    until(lambda: state(sampler) is State.PASS, what="a good start")
    dependency.hangs = True
    until(lambda: state(sampler) is State.FAIL, what="a failure")
    until(lambda: dependency.cuts > 2, what="the watchdog")
    assert dependency.most_running == 1, "never two looks of one check"
    dependency.hangs = False
    until(lambda: state(sampler) is State.PASS, what="a return")


def test_a_look_that_cannot_be_cut_holds_nothing_else(running):
    stuck, fine = Dependency(), Dependency()
    stuck.hangs = True
    sampler = running(
        stuck.check("database", give_up=lambda: None), fine.check("cache", gates=False)
    )
    until(lambda: state(sampler) is State.FAIL, what="the stuck one failing")
    looks = fine.looks
    until(lambda: fine.looks > looks + 5, what="the other one going on")
    assert state(sampler, "cache") is State.PASS
    assert stuck.looks == 1
    began = time.monotonic()
    sampler.standings()
    assert time.monotonic() - began < 0.5, "the reader waits for nobody"
    stuck.cut()


def test_a_broken_look_is_a_failure_and_is_looked_at_again(running, caplog):
    looks = []

    def broken():
        looks.append(1)
        raise RuntimeError("a bug")

    sampler = running(Check(name="cache", look=broken, every_s=0.02, within_s=1.0))
    until(lambda: len(looks) > 2, what="another look")
    assert state(sampler, "cache") is State.FAIL
    assert sampler.standings()[0].word == "error"


def test_a_broken_way_to_give_up_does_not_end_the_watch(running):
    dependency = Dependency()
    dependency.hangs = True

    def broken():
        raise RuntimeError("a bug")

    sampler = running(dependency.check(give_up=broken))
    until(lambda: state(sampler) is State.FAIL, what="a failure")
    beat = sampler.beat_at
    until(lambda: sampler.beat_at > beat, what="the next beat")
    dependency.cut()


def test_a_change_is_told_once(running):
    told = []
    dependency = Dependency()
    sampler = running(dependency.check(), on_change=told.append)
    until(lambda: state(sampler) is State.PASS, what="a good start")
    dependency.reading = Reading(state=State.FAIL, word="refused", said="connection refused")
    until(lambda: told, what="the news")
    looks = dependency.looks
    until(lambda: dependency.looks > looks + 3, what="more looks at the same failure")
    assert [(change.check, str(change.after), change.word) for change in told] == [
        ("database", "fail", "refused")
    ]
    assert sampler.transitions == {("database", "fail"): 1}


def test_whoever_stumbles_over_a_change_is_told_the_next(running):
    told = []

    def stumbles(change):
        told.append(change.word)
        raise RuntimeError("a bug")

    dependency = Dependency()
    sampler = running(dependency.check(), on_change=stumbles)
    until(lambda: state(sampler) is State.PASS, what="a good start")
    dependency.reading = Reading(state=State.FAIL, word="refused")
    until(lambda: told == ["refused"], what="the first news")
    dependency.reading = Reading(state=State.FAIL, word="auth")
    until(lambda: told == ["refused", "auth"], what="the next news")


def test_everything_is_seen_once_even_what_hangs(running):
    stuck, fine = Dependency(), Dependency()
    stuck.hangs = True
    sampler = running(stuck.check("database", give_up=lambda: None), fine.check("cache"))
    until(lambda: sampler.has_seen_everything, what="every check seen or given up on")
    stuck.cut()


def test_stop_frees_a_stuck_look(running):
    dependency = Dependency()
    dependency.hangs = True
    sampler = running(dependency.check(within_s=60.0))
    until(lambda: dependency.running, what="a look under way")
    sampler.stop()
    until(lambda: not dependency.running, what="the look to be freed")


def test_threads_do_not_grow_while_something_hangs(running):
    dependency = Dependency()
    dependency.hangs = True
    sampler = running(dependency.check())
    before = threading.active_count()
    until(lambda: dependency.cuts > 10, what="many looks given up on")
    assert threading.active_count() <= before
    assert sampler.beat_age_s < 5
