"""The end of a web: announced, then carried out under load.

Each row of the matrix, and its test, in the life of one web:

28 drain flag              test_a_drain_is_announced_and_pages_go_on
29 SIGTERM under load      test_no_request_is_lost_at_the_end
"""

import http.client
import signal
import threading
import time

import pytest

from local.kubelet import ask
from tests.health.expect import assert_sound, fails, passes, serves
from tests.health.watch import READY
from tests.health.web import serving

pytestmark = pytest.mark.slow

DRAIN_S = 2
DRAIN = (
    b"POST /drain/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)


@pytest.fixture(scope="module")
def web(database):
    with serving(database.environment(DRAIN_SECONDS=str(DRAIN_S))) as one:
        one.watcher.steady(time.monotonic(), within_s=60, ready=serves)
        yield one


class Customers:
    """Pages asked for without a pause; each one's fate. Who cannot connect is not lost."""

    def __init__(self, web, count=4):
        self._web = web
        self.answered, self.lost, self.refused = [], [], 0
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(count)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def _run(self):
        headers = {"Host": "shop.example", "X-Forwarded-Proto": "https", "Connection": "close"}
        while not self._stop.is_set():
            link = http.client.HTTPConnection("127.0.0.1", self._web.port, timeout=2)
            try:
                link.connect()
            except OSError:
                self.refused += 1
                time.sleep(0.05)
                continue
            try:
                link.sock.settimeout(20)
                link.request("GET", "/", headers=headers | {"Cookie": "sessionid=somebody"})
                answer = link.getresponse()
                answer.read()
                self.answered.append(answer.status)
            except (OSError, http.client.HTTPException) as failure:
                self.lost.append(repr(failure))
            finally:
                link.close()


def test_a_drain_is_announced_and_pages_go_on(web):
    began = time.monotonic()
    assert ask(web.probe_port, DRAIN).status == 204
    shown = web.watcher.steady(
        began,
        within_s=5,
        ready=fails("draining"),
        startup=passes,
        live=passes,
        detailed=lambda seen: seen.status == 503 and seen.json()["xDraining"] is True,
    )
    assert shown < 1
    assert web.get("/", Cookie="sessionid=somebody").status == 302
    assert_sound(web, since=began)


def test_no_request_is_lost_at_the_end(web):
    with Customers(web) as customers:
        time.sleep(0.5)
        began = time.monotonic()
        web.process.send_signal(signal.SIGTERM)
        web.process.wait(20)
        took = time.monotonic() - began
    assert customers.lost == []
    assert set(customers.answered) == {302}
    assert len(customers.answered) >= 40
    assert customers.refused > 0
    assert took < DRAIN_S + 8
    last = [one for one in web.watcher.since(began, READY) if one.status == 200]
    assert not last
