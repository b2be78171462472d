"""config.serving: what the hooks do when there is nothing to do it with. The rest is real
(tests/draining)."""

import logging
import os
import socket
from types import SimpleNamespace

import pytest

from apps.core.sampling import entry
from apps.core.sampling.board import ROWS, Board
from config import serving, warming


@pytest.fixture
def board(monkeypatch):
    board = Board()
    monkeypatch.setattr(serving, "_board", board)
    monkeypatch.setattr(serving, "_rows", {})
    return board


def server():
    return SimpleNamespace(pid=os.getpid(), log=logging.getLogger("gunicorn.error"))


def worker(age, *, sockets=()):
    return SimpleNamespace(age=age, booted=False, sockets=sockets)


def test_one_worker_more_than_rows_is_said_and_serves_without_a_probe_port(
    board, caplog, monkeypatch
):
    for _ in range(ROWS):
        board.take_row(1)
    opened = []
    monkeypatch.setattr(entry, "open_web", lambda **given: opened.append(given))
    monkeypatch.setattr(warming, "warm_up", lambda: None)
    surplus = worker(65)

    serving.pre_fork(server(), surplus)
    serving.post_worker_init(surplus)
    serving.child_exit(server(), surplus)

    assert "without a probe port: a server has at most 64 workers" in caplog.text
    assert opened == []


def test_a_row_is_given_again(board):
    serving.pre_fork(server(), first := worker(1))
    serving.pre_fork(server(), worker(2))
    serving.child_exit(server(), first)
    serving.pre_fork(server(), worker(3))

    assert serving._rows == {2: 1, 3: 0}


@pytest.mark.parametrize(
    ("host", "asked"),
    [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("::1", "::1")],  # noqa: S104
)
def test_the_site_is_asked_where_it_can_be_reached_from_here(host, asked):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.bind((host, 0))
        port = listener.getsockname()[1]
        assert serving._site(worker(1, sockets=[listener])) == (asked, port)


def test_a_site_at_a_file_is_not_asked(tmp_path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "site"))
        assert serving._site(worker(1, sockets=[listener])) is None
