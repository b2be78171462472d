"""Who may use the one link next."""

import threading
import time

import pytest

from apps.core.sampling.turns import Turns
from apps.core.sampling.waiting import Late, Phase
from tests.core.probing import PATIENCE_S, until


@pytest.fixture
def turns():
    return Turns()


def test_who_is_urgent_goes_before_all_who_wait(turns):
    went, waiting = [], []

    def take(name, *, urgent):
        waiting.append(name)
        with turns.take(until_s=time.monotonic() + PATIENCE_S, urgent=urgent):
            went.append(name)

    def in_a_thread(name, *, urgent=False):
        thread = threading.Thread(target=take, args=(name,), kwargs={"urgent": urgent})
        thread.start()
        until(lambda: len(turns._changed._waiters) == len(waiting), what="a wait")
        return thread

    with turns.take(until_s=time.monotonic() + PATIENCE_S, urgent=False):
        threads = [in_a_thread(name) for name in ("first", "second", "third")]
        threads.append(in_a_thread("urgent", urgent=True))
    for thread in threads:
        thread.join(PATIENCE_S)

    assert went[0] == "urgent"
    assert sorted(went[1:]) == ["first", "second", "third"]


def test_who_is_urgent_and_gives_up_keeps_nobody_waiting(turns):
    with turns.take(until_s=time.monotonic() + PATIENCE_S, urgent=False):
        with (
            pytest.raises(Late) as late,
            turns.take(until_s=time.monotonic() + 0.01, urgent=True),
        ):
            pytest.fail("two at once")
        assert late.value.phase is Phase.TURN
    with turns.take(until_s=time.monotonic(), urgent=False):
        pass
