"""Memory that processes share: real forks, real deaths."""

import os
import signal

import pytest

from apps.core.sampling.board import ROW_BYTES, ROWS, Board, BoardFull


def in_a_fork(work):
    """Run it in a child; give the child's exit status."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.fixture
def board():
    return Board()


def test_what_one_process_writes_another_reads(board):
    number = board.take_row(1)

    assert in_a_fork(lambda: board.write(number, {"busy": 3})) == 0

    (row,) = board.rows()
    assert row.said == {"busy": 3}
    assert row.pid != os.getpid()


def test_a_row_that_nobody_wrote_says_nothing(board):
    board.take_row(1)
    assert board.rows() == []


def test_a_freed_row_is_silent_and_goes_to_the_next(board):
    first, second = board.take_row(1), board.take_row(2)
    board.write(first, {"a": 1})
    board.write(second, {"b": 2})
    board.free_row(first)
    assert [row.said for row in board.rows()] == [{"b": 2}]
    assert board.take_row(3) == first
    assert [row.said for row in board.rows()] == [{"b": 2}], "not the words of a predecessor"


def test_the_drain_is_seen_by_all_and_keeps_its_first_moment(board):
    assert board.draining_since is None
    assert in_a_fork(board.drain) == 0
    since = board.draining_since
    assert since is not None
    board.drain()
    assert board.draining_since == since


def test_the_drain_leaves_the_seed_alone(board):
    seed = board.seed
    assert 0 <= seed < 1
    board.drain()
    assert board.seed == seed


def test_a_reader_never_sees_half_a_row(board):
    """One process writes rows of different lengths without end, another reads them."""
    number = board.take_row(1)
    board.write(number, {"text": ""})
    pid = os.fork()
    if pid == 0:
        length = 0
        while True:
            length = (length + 997) % 20_000
            board.write(number, {"text": "x" * length, "length": length})
    try:
        seen = set()
        for _ in range(2_000):
            for row in board.rows():
                assert len(row.said["text"]) == row.said.get("length", 0)
                seen.add(len(row.said["text"]))
        assert len(seen) > 1, "the writer was not seen at work"
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def test_a_process_killed_while_writing_leaves_an_unread_row(board, monkeypatch):
    number = board.take_row(1)
    board.write(number, {"whole": True})
    start = 64 + number * ROW_BYTES
    sequence = int.from_bytes(board._memory[start : start + 8], "little")
    board._memory[start : start + 8] = (sequence + 1).to_bytes(8, "little")
    assert board.rows() == []
    board.write(number, {"whole": "again"})
    assert [row.said for row in board.rows()] == [{"whole": "again"}]


def test_a_row_whose_bytes_come_in_another_order_is_no_row(board):
    """On some processors the number can be seen before what it stands for."""
    number = board.take_row(1)
    board.write(number, {"whole": True})
    start = 64 + number * ROW_BYTES
    board._memory[start + 24 : start + 26] = b"\xff{"
    assert board.rows() == []
    board.write(number, {"whole": "again"})
    assert [row.said for row in board.rows()] == [{"whole": "again"}]


def test_too_long_a_row_is_refused_and_the_old_one_stays(board):
    number = board.take_row(1)
    board.write(number, {"fits": True})
    with pytest.raises(ValueError, match="more than a row"):
        board.write(number, {"text": "x" * ROW_BYTES})
    assert [row.said for row in board.rows()] == [{"fits": True}]


def test_there_are_only_so_many_rows(board):
    for pid in range(1, ROWS + 1):
        board.take_row(pid)
    with pytest.raises(BoardFull):
        board.take_row(9999)
