"""Who watches goes on watching while the cluster does not answer."""

import time

import pytest

from ops.drills import watch as watches
from ops.drills.cluster import Failed
from ops.drills.watch import READY, Watch
from tests.drills.scripted import Scripted


class Stuttering(Scripted):
    """Says no word each second time it is asked who is there."""

    asked = 0

    def web(self):
        self.asked += 1
        if self.asked % 2:
            raise Failed("Unable to connect to the server")
        return super().web()


@pytest.fixture
def watch(monkeypatch):
    monkeypatch.setattr(watches, "EVERY_S", 0.02)
    one = Watch(Stuttering(shop=None), time.monotonic())
    one.start()
    yield one
    one.stop()


def test_pods_are_found_and_probed_on(watch):
    with watch._news:
        assert watch._news.wait_for(
            lambda: len([p for p in watch.probes if p.path == READY]) > 5, 10
        )
        assert watch._news.wait_for(lambda: len(watch.rotation) > 5, 10)


def test_waiting_goes_on_too(watch):
    assert watch.wait_ready(200, within_s=10) is not None
