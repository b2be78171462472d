"""Three servers of the shop on one database, as three pods: out together, back one by one.

Row 36 of the matrix, but for what only a cluster has (endpoints, events).
"""

import time
from contextlib import ExitStack

import pytest

from tests.health.expect import ROOM, assert_sound, fails, serves
from tests.health.links import wait_for
from tests.health.web import serving

pytestmark = pytest.mark.slow

SPREAD_S = 4


@pytest.fixture(scope="module")
def pods(database):
    given = database.environment(HEALTH_RETURN_SPREAD_SECONDS=str(SPREAD_S))
    with ExitStack() as held:
        yield [held.enter_context(serving(given, workers=1)) for _ in range(3)]


def test_they_leave_together_and_return_one_by_one(database, pods):
    for pod in pods:
        pod.watcher.steady(time.monotonic(), within_s=60, ready=serves)
        wait_for(lambda pod=pod: pod.kubelet.in_service, "the kubelet")
    began = time.monotonic()
    workers = [pod.workers for pod in pods]

    with database.crashed():
        away = time.monotonic()
        for pod in pods:
            assert pod.watcher.steady(away, within_s=20, ready=fails("database")) < 3 * ROOM
        for pod in pods:
            wait_for(lambda pod=pod: not pod.kubelet.in_service, "the kubelet")
    over = time.monotonic()
    back = [pod.watcher.steady(over, within_s=30, ready=serves) for pod in pods]

    assert max(back) < 3 + 2 + SPREAD_S * ROOM
    assert max(back) - min(back) > 0.02, back
    for pod in pods:
        wait_for(lambda pod=pod: pod.kubelet.in_service, "the kubelet")
        assert pod.kubelet.restarts == 0
        assert_sound(pod, since=began)
    assert [pod.workers for pod in pods] == workers
