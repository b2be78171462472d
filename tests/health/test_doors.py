"""Who asks, how, and how often: the doors of a healthy web, and of a busy one.

Each row of the matrix, and its test:

 1 nothing is wrong        test_all_is_well
23 all slots busy          test_every_slot_is_busy
30 a storm of probes       test_a_thousand_probes_at_once
31 any Host, any client    test_whoever_asks_gets_200_and_nothing_else
32 redirect to HTTPS       test_a_page_is_redirected_and_a_probe_is_not
33 who sees the detail     test_the_detail_is_for_those_who_may_know,
                           test_an_operator_keeps_the_detail_while_the_database_is_away
34 HEAD, POST, exclude …   test_how_it_is_asked
"""

import json
import threading
import time
from collections import Counter

import pytest

from local.kubelet import ask
from tests.health.browser import Browser
from tests.health.database import run
from tests.health.expect import (
    assert_sound,
    assert_tells_nothing,
    details,
    fails,
    fault,
    passes,
    serves,
    warns,
)
from tests.health.links import wait_for
from tests.health.storm import storm
from tests.health.watch import DETAILED, LIVE, READY, STARTUP
from tests.health.web import TOKEN, serving

pytestmark = pytest.mark.slow

ANONYMOUS = (LIVE, READY, STARTUP)


@pytest.fixture(scope="module")
def web(database):
    with serving(database.environment()) as one:
        one.watcher.steady(time.monotonic(), within_s=90, ready=passes)
        yield one


def test_all_is_well(database, web):
    began = time.monotonic()
    web.watcher.steady(
        began,
        within_s=90,
        live=passes,
        ready=passes,
        startup=passes,
        detailed=lambda seen: seen.status == 200 and seen.json()["status"] == "pass",
    )
    wait_for(lambda: web.kubelet.in_service, "the kubelet to send requests")
    # One for the looks of each worker, and perhaps one that writes what they found.
    assert len(web.workers) <= len(database.sessions()) <= 2 * len(web.workers)
    assert_sound(web, since=began)


class Visitors:
    """As many as it takes: a worker takes in more requests than it has threads for."""

    def __init__(self, web):
        self._web = web
        self.statuses, self._threads = [], []

    def fill(self):
        """Send one after another until every slot is held."""
        while True:
            told = json.loads(self._web.detailed().body)["xWorkers"]
            if all(one["busy"] >= one["slots"] for one in told):
                return
            assert len(self._threads) < 300, told
            visitor = threading.Thread(target=self._visit)
            self._threads.append(visitor)
            visitor.start()
            time.sleep(0.05)

    def leave(self):
        for visitor in self._threads:
            visitor.join(60)

    def _visit(self):
        self.statuses.append(self._web.get("/", within_s=60, Cookie="sessionid=somebody").status)


def test_every_slot_is_busy(database, web):
    """Requests wait for a lock, more than there are threads for; probes do not wait with them."""
    visitors = Visitors(web)
    with fault(
        web,
        database.locked("django_session", visitors.fill),
        within_s=10,
        back_within_s=15,
        ready=warns("requests"),
        detailed=details("requests", "full", state="warn", status=200),
    ):
        asked = time.monotonic()
        web.watcher.steady(asked, within_s=10, ready=warns("requests"))
        answers = [one.answer.took_s for one in web.watcher.since(asked)]
        assert sorted(answers)[len(answers) * 9 // 10] < 0.05
    visitors.leave()
    # Who waited longer for the lock than a statement may was told to come again.
    assert set(visitors.statuses) <= {302, 503}
    assert 302 in visitors.statuses


def test_a_thousand_probes_at_once(database, web):
    began, sessions = time.monotonic(), database.sessions()

    paths = [ANONYMOUS[number % 3] for number in range(1000)]
    statuses = storm(web.probe_port, paths, within_s=30)
    assert Counter(statuses) == {200: 1000}
    # As many as before; a link that a busy machine made late may have been made anew.
    assert len(database.sessions() - sessions) <= len(web.workers)
    # A probe of the watcher may have waited behind the thousand.
    assert_sound(web, since=began, slowest_s=2.0)


CLIENTS = {
    "address": "GET {path} HTTP/1.1\r\nHost: 10.244.1.17:8081\r\n",
    "no host": "GET {path} HTTP/1.1\r\nHost:\r\n",
    "IPv6": "GET {path} HTTP/1.1\r\nHost: [fd00::17]:8081\r\n",
    "HTTP/1.0": "GET {path} HTTP/1.0\r\n",
    "lies": (
        "GET {path} HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\n"
        "X-Forwarded-Proto: gopher\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Port: 1\r\n"
    ),
}


@pytest.mark.parametrize("port", ["probe_port", "port"])
@pytest.mark.parametrize("client", CLIENTS)
def test_whoever_asks_gets_200_and_nothing_else(web, client, port):
    for path in ANONYMOUS:
        request = CLIENTS[client].format(path=path) + "Connection: close\r\n\r\n"
        answer = ask(getattr(web, port), request.encode())
        assert answer.status == 200, answer
        assert json.loads(answer.body)["status"] in ("pass", "warn")
        for header in (b"location:", b"set-cookie:"):
            assert header not in answer.head.lower()
        assert_tells_nothing(web, answer)


def test_a_page_is_redirected_and_a_probe_is_not(web):
    assert web.get("/", X_Forwarded_Proto="http").status == 301
    assert web.get(READY, X_Forwarded_Proto="http").status == 200


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN}x",
        f"Basic {TOKEN}",
        "Bearer \xe9\xff",
    ],
)
def test_the_detail_is_for_those_who_may_know(web, authorization):
    refused = web.get(DETAILED, Authorization=authorization)
    assert (refused.status, refused.body) == (401, b"")
    assert b"www-authenticate: bearer" in refused.head.lower()
    shown = web.get(DETAILED, Authorization=f"Bearer {TOKEN}")
    assert shown.status == 200
    assert "database:responseTime" in json.loads(shown.body)["checks"]


def test_an_operator_keeps_the_detail_while_the_database_is_away(database, web):
    """As signed in with a password; the pass that came with it needs no session."""
    person = ("manage.py", "create_operator", "night-watch")
    run(*person, environment=database.environment(), said="once-upon-a-time-7\n")
    browser = Browser(web)
    browser.sign_in("night-watch", "once-upon-a-time-7")
    assert browser.ask("GET", DETAILED)[0] == 200
    with database.frozen():
        asked = time.monotonic()
        web.watcher.steady(asked, within_s=20, ready=fails("database"))
        began = time.monotonic()
        status, body = browser.ask("GET", DETAILED)
        assert time.monotonic() - began < 0.5
    assert status == 503
    (entry,) = json.loads(body)["checks"]["database:responseTime"]
    assert (entry["status"], entry["output"]) == ("fail", "timeout")
    web.watcher.steady(time.monotonic(), within_s=60, ready=serves)


QUESTIONS = {
    "HEAD {path} HTTP/1.1": (200, ""),
    "POST {path} HTTP/1.1": (405, None),
    "DELETE {path} HTTP/1.1": (405, None),
    "GET {path}?exclude=cache&exclude=queue HTTP/1.1": (200, None),
    "GET {path}?exclude=nobody&verbose HTTP/1.1": (200, None),
    "GET {path}?%ff%00&&==&verbose=%zz HTTP/1.1": (200, None),
    "GET {path}?" + "a=b&" * 900 + " HTTP/1.1": (200, None),
}


@pytest.mark.parametrize("port", ["probe_port", "port"])
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question[:32])
def test_how_it_is_asked(web, question, port):
    status, body = QUESTIONS[question]
    for path in ANONYMOUS:
        request = question.format(path=path) + "\r\nHost: x\r\nConnection: close\r\n\r\n"
        answer = ask(getattr(web, port), request.encode())
        assert answer.status == status, answer
        assert body is None or answer.body.decode() == body
        if status == 405:
            assert b"\r\nallow: get, head" in answer.head.lower()
