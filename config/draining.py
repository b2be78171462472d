"""The end of a web server without a lost request: what gunicorn's master does at SIGTERM.

By itself gunicorn closes its listening socket at once, and the kernel resets every connection
that had waited in its queue, though the client's request was taken. So here, in this order:

1. Readiness says no, for all workers, and pages go on for DRAIN_SECONDS: as long as a load
   balancer needs to send its requests elsewhere. Kept-alive connections end with their answer.
   Announced before (`manage.py drain`), the time counts from then.
2. The door is shut: the kernel drops who knocks from now on, as if the server were gone already,
   and the workers serve who waited. A handshake that had begun is let in.
3. gunicorn stops gracefully, with nobody left in the queue.

A second SIGTERM goes to 3 at once; SIGINT and SIGQUIT end as they always did. Shutting the door
needs Linux; elsewhere 2 is left out, and who waited in the queue at the end is reset.

No thread waits: an alarm wakes the master's own loop, so that it replaces a worker that dies
meanwhile, and forks with no thread beside it.
"""

import ctypes
import os
import signal
import socket
import struct
import sys
import time
from types import FrameType
from typing import Any, Final

from apps.core.sampling.board import Board

# The workers empty the queue within this, or the rest is lost; with gunicorn's graceful_timeout
# and DRAIN_SECONDS it is what a supervisor must grant before it kills.
QUEUE_WITHIN_S: Final = 10.0
# Nobody new for so long: longer than the last packet of a handshake is on its way.
_QUIET_S: Final = 0.25
_LOOK_EVERY_S: Final = 0.01

_SO_ATTACH_FILTER: Final = 26  # asm-generic/socket.h; Python does not name it
# linux/filter.h: code, jump if true, jump if false, operand. A packet begins with its TCP header.
_DROP_WHO_KNOCKS: Final = (
    (0x30, 0, 0, 13),  # load the byte of the flags
    (0x54, 0, 0, 0x12),  # of them SYN and ACK
    (0x15, 0, 1, 0x02),  # SYN alone?
    (0x06, 0, 0, 0),  # then drop it
    (0x06, 0, 0, 0xFFFFFFFF),  # else let all of it through
)


class Drain:
    """Takes SIGTERM over from gunicorn's master. `server` is its Arbiter, of 27.0."""

    def __init__(self, server: Any, board: Board, *, seconds: float) -> None:
        self._server = server
        self._board = board
        self._seconds = seconds
        self._is_ending = False
        self._shut_at: float | None = None
        self._last_seen_at = 0.0

    def take_over(self) -> None:
        """From now on SIGTERM drains. Call it in the master when it is ready."""
        # The master calls handle_<name> for each signal that it has queued.
        self._server.handle_term = self._begin
        self._server.handle_alrm = self._go_on
        signal.signal(signal.SIGTERM, self._announce)
        signal.signal(signal.SIGALRM, self._server.signal)

    def _announce(self, number: int, frame: FrameType | None) -> None:
        """Say no at once, though the master may be at a reload for as long as it takes."""
        # A worker that was forked a moment ago has this handler too.
        if os.getpid() == self._server.pid and self._is_last_of_its_socket:
            self._board.drain()
        self._server.signal(number, frame)

    def _begin(self) -> None:
        if self._is_ending or not self._is_last_of_its_socket:
            raise StopIteration  # as gunicorn's own handler
        self._is_ending = True
        left_s = self._left_s()
        if left_s > 0:
            self._server.log.info("Draining: pages go on for %.1f s, readiness says no", left_s)
            signal.setitimer(signal.ITIMER_REAL, left_s)
            return
        self._go_on()

    def _go_on(self) -> None:
        """Shut the door, and stop once nobody waits. Gives way to signals meanwhile."""
        if self._shut_at is None:
            if not self._shut():
                raise StopIteration
            self._shut_at = self._last_seen_at = time.monotonic()
        while self._server.SIG_QUEUE.empty():
            at_s = time.monotonic()
            if self._waiting() > 0:
                self._last_seen_at = at_s
            if at_s - self._last_seen_at >= _QUIET_S:
                raise StopIteration
            if at_s - self._shut_at >= QUEUE_WITHIN_S:
                self._server.log.warning("Stopping with %d in the queue", self._waiting())
                raise StopIteration
            time.sleep(_LOOK_EVERY_S)
        signal.setitimer(signal.ITIMER_REAL, _LOOK_EVERY_S)

    def _left_s(self) -> float:
        self._board.drain()
        since = self._board.draining_since
        assert since is not None
        return since + self._seconds - time.monotonic()

    @property
    def _is_last_of_its_socket(self) -> bool:
        """Whether the door closes with this master: no other one, nor systemd, holds it open."""
        server = self._server
        return not (server.reexec_pid or server.master_pid or server.systemd)

    def _shut(self) -> bool:
        """Let nobody in any more; False where that cannot be done."""
        if sys.platform != "linux":
            return False
        try:
            for listener in self._server.LISTENERS:
                shut(listener.sock)
        except OSError as refusal:
            self._server.log.warning("The queue is not emptied before the end: %s", refusal)
            return False
        return True

    def _waiting(self) -> int:
        """How many connections the kernel has taken and no worker has."""
        return max((listener.get_backlog() for listener in self._server.LISTENERS), default=0)


def shut(listening: socket.socket) -> None:
    """Drop every attempt to connect from now on; who waits in the queue stays. Raises OSError.

    It holds for the socket itself, in whichever process it is open.
    """
    code = b"".join(struct.pack("=HBBI", *line) for line in _DROP_WHO_KNOCKS)
    program = ctypes.create_string_buffer(code, len(code))
    described = struct.pack("@HP", len(_DROP_WHO_KNOCKS), ctypes.addressof(program))
    listening.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, described)
