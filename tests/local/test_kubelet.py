"""The probes: what counts as success, and when enough is enough."""

import socket
import threading

import pytest

from local.kubelet import Rule, Verdict, probe

GOOD, BAD = True, False


def turns(rule, answers, *, passing=False):
    verdict = Verdict(rule, passing=passing)
    return [verdict.passing for one in answers if verdict.take(one)]


def test_readiness_returns_after_its_successes_in_a_row():
    rule = Rule(path="/", failure_threshold=3, success_threshold=2)
    assert turns(rule, [GOOD, BAD, GOOD, GOOD]) == [True]


def test_readiness_goes_after_its_failures_in_a_row():
    rule = Rule(path="/", failure_threshold=3)
    assert turns(rule, [BAD, BAD, GOOD, BAD, BAD], passing=True) == []
    assert turns(rule, [BAD, BAD, BAD], passing=True) == [False]


def test_a_container_that_stays_dead_is_ended_again_and_again():
    rule = Rule(path="/", failure_threshold=3)
    assert turns(rule, [BAD] * 7, passing=True) == [False, False]


@pytest.fixture
def answering():
    """A port that says this to everybody; nothing at all for None."""
    listeners = []

    def listen(said):
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve():
            link, _ = listener.accept()
            with link:
                link.recv(4096)
                if said is None:
                    link.recv(4096)
                else:
                    link.sendall(said)

        threading.Thread(target=serve, daemon=True).start()
        return listener.getsockname()[1]

    yield listen
    for listener in listeners:
        listener.close()


def test_200_is_good(answering):
    answer = probe(answering(b"HTTP/1.1 200 OK\r\n\r\nbody"), "/")
    assert (answer.good, answer.status, answer.body) == (True, 200, b"body")


@pytest.mark.parametrize("status", [204, 301, 302, 401, 404, 500, 503])
def test_nothing_else_is(answering, status):
    answer = probe(answering(f"HTTP/1.1 {status} X\r\nLocation: /\r\n\r\n".encode()), "/")
    assert (answer.good, answer.status) == (False, status)


@pytest.mark.parametrize(
    ("said", "failure"),
    [(None, "timeout"), (b"", "IndexError"), (b"HTTP/1.1 abc\r\n\r\n", "ValueError")],
)
def test_no_answer_is_an_answer(answering, said, failure):
    answer = probe(answering(said), "/", within_s=0.2)
    assert (answer.good, answer.status, answer.failure) == (False, 0, failure)
    assert answer.took_s < 2


def test_a_closed_port_is_an_answer():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert probe(port, "/").failure == "ConnectionRefusedError"
