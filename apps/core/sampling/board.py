"""Memory that the processes of one server share, since before they were forked.

gunicorn's master makes the board; each worker has a row. So each process can
say what all of them know: whether the server drains, whether every worker is
stuck, how busy they are. Times are those of CLOCK_MONOTONIC, which is one for
the whole machine. Rows are written by one process each, under a sequence
number: odd while it is being written, so that a reader never sees half of one.
"""

import contextlib
import json
import mmap
import os
import random
import struct
import time
from dataclasses import dataclass, field
from typing import Any, Final

ROWS: Final = 64
ROW_BYTES: Final = 64 * 1024
# seed, time of the drain (0.0: none), whether it has started
_HEAD: Final = struct.Struct("=dd?")
_HEAD_BYTES: Final = 64
# sequence, length, pid
_ROW_HEAD: Final = struct.Struct("=QQQ")
_TRIES: Final = 100


class BoardFull(Exception):
    """More processes than rows: more workers than any server of ours has."""

    def __init__(self) -> None:
        super().__init__(f"a server has at most {ROWS} workers")


@dataclass(frozen=True, slots=True)
class Row:
    """What one process last said of itself. `number` is its place, stable for its successor."""

    number: int
    pid: int
    said: dict[str, Any]


class Board:
    """Make it before forking; write in the row that `take_row` gives."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _HEAD_BYTES + ROWS * ROW_BYTES)
        # How a whole server spreads its return: the same for all its processes.
        self._memory[: _HEAD.size] = _HEAD.pack(random.random(), 0.0, False)  # noqa: S311 - no secret

    @property
    def seed(self) -> float:
        """From 0 to 1, by chance, one for the server."""
        return float(_HEAD.unpack_from(self._memory)[0])

    @property
    def has_started(self) -> bool:
        """Whether some process of this server was started as a whole."""
        return bool(_HEAD.unpack_from(self._memory)[2])

    def start(self) -> None:
        """Say, for all processes and for good, that this server has started."""
        struct.pack_into("=?", self._memory, 16, True)

    @property
    def draining_since(self) -> float | None:
        """When the server began to drain, monotonic; None while it does not."""
        return float(_HEAD.unpack_from(self._memory)[1]) or None

    def drain(self) -> None:
        """Say, for all processes and for good, that this server takes no new work."""
        if self.draining_since is None:
            struct.pack_into("=d", self._memory, 8, time.monotonic())

    def take_row(self, pid: int) -> int:
        """A free row, for a process about to be forked or just born. Raises BoardFull."""
        for number in range(ROWS):
            if _ROW_HEAD.unpack_from(self._memory, _at(number))[2] == 0:
                _ROW_HEAD.pack_into(self._memory, _at(number), 0, 0, pid)
                return number
        raise BoardFull

    def free_row(self, number: int) -> None:
        """Its process has ended."""
        _ROW_HEAD.pack_into(self._memory, _at(number), 0, 0, 0)

    def write(self, number: int, said: dict[str, Any]) -> None:
        """Replace a row. Only its own process writes it."""
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
        if len(text) > ROW_BYTES - _ROW_HEAD.size:
            raise ValueError(f"{len(text)} bytes are more than a row of the board holds")
        start = _at(number)
        sequence = _ROW_HEAD.unpack_from(self._memory, start)[0] | 1
        _ROW_HEAD.pack_into(self._memory, start, sequence, len(text), os.getpid())
        self._memory[start + _ROW_HEAD.size : start + _ROW_HEAD.size + len(text)] = text
        _ROW_HEAD.pack_into(self._memory, start, sequence + 1, len(text), os.getpid())

    def rows(self) -> list[Row]:
        """What every living process last said, in the order of their rows."""
        return [row for number in range(ROWS) if (row := self._read(number)) is not None]

    def _read(self, number: int) -> Row | None:
        start = _at(number)
        for _ in range(_TRIES):
            sequence, length, pid = _ROW_HEAD.unpack_from(self._memory, start)
            if pid == 0 or length == 0:
                return None
            text = self._memory[start + _ROW_HEAD.size : start + _ROW_HEAD.size + length]
            if not sequence & 1 and sequence == _ROW_HEAD.unpack_from(self._memory, start)[0]:
                # Not every processor shows another's writes in their order.
                with contextlib.suppress(ValueError):
                    return Row(number, pid, json.loads(text))
        return None  # its process was stopped in the middle of writing


def _at(number: int) -> int:
    return _HEAD_BYTES + number * ROW_BYTES


@dataclass(slots=True)
class Seat:
    """A process's place at a board. `number` is None until it has taken a row."""

    board: Board = field(default_factory=Board)
    number: int | None = None
