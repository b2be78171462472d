"""What the handler of SIGTERM says at once, before gunicorn's master comes to its queue."""

import os
import signal
from types import SimpleNamespace

import pytest

from apps.core.sampling.board import Board
from config.draining import Drain


@pytest.fixture
def board():
    return Board()


def told(board, **given):
    """The signals that the master has queued, when it was told to end."""
    queued = []
    alone = {"pid": os.getpid(), "reexec_pid": 0, "master_pid": 0, "systemd": False}
    server = SimpleNamespace(**alone | given, signal=lambda number, frame: queued.append(number))
    Drain(server, board, seconds=20)._announce(signal.SIGTERM, None)
    return queued


def test_readiness_says_no_though_the_master_is_still_at_something_else(board):
    assert told(board) == [signal.SIGTERM]
    assert board.draining_since is not None


@pytest.mark.parametrize(
    "given", [{"pid": 1}, {"reexec_pid": 41}, {"master_pid": 41}, {"systemd": True}]
)
def test_not_for_a_worker_just_forked_nor_while_another_holds_the_door_open(board, given):
    assert told(board, **given) == [signal.SIGTERM]
    assert board.draining_since is None
