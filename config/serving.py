"""What gunicorn's master and its workers do at each turn of their lives.

config/gunicorn.py calls it from the hooks of the same names. The state is here and not there,
since gunicorn reads that file again at SIGHUP, and the workers that serve on meanwhile must not
lose the board they share with the new ones.
"""

import gc
import os
import sys
from typing import Any, Final

from django.conf import settings

from apps.core.sampling.board import ROWS, Board, BoardFull, Seat
from config.door import demand_settings
from config.draining import Drain

# At SIGHUP the new workers come before the old ones have gone.
_WORKERS_AT_MOST: Final = ROWS // 2

_board: Board | None = None
# By the worker's age: gunicorn's own number for it, known before it has a process.
_rows: dict[int, int] = {}


def on_starting(server: Any) -> None:
    """Make the board that all workers share, or end with one line: not in each one's traceback."""
    global _board
    demand_settings()
    if server.cfg.workers > _WORKERS_AT_MOST:
        _end(
            f"WEB_WORKERS is {server.cfg.workers}, and one server has at most {_WORKERS_AT_MOST}."
            " Start more servers instead; see docs/reference/settings.md#web_workers."
        )
    if not server.master_pid:  # else the one that this one replaces holds the port
        _refuse_taken_port()
    _board = Board()


def when_ready(server: Any) -> None:
    """Take SIGTERM over."""
    Drain(server, board(), seconds=settings.HEALTH["DRAIN_SECONDS"]).take_over()


def pre_fork(server: Any, worker: Any) -> None:
    """Give the worker that is about to be born its row on the board."""
    try:
        _rows[worker.age] = board().take_row(server.pid)
    except BoardFull as full:
        server.log.error("A worker starts without a probe port: %s", full)


def post_worker_init(worker: Any) -> None:
    """Be warm; then look at what this worker needs, and answer probes at a port of its own."""
    from apps.core.sampling.entry import open_web  # these need the loaded program
    from config.warming import warm_up

    warm_up()
    row = _rows.get(worker.age)
    if row is None:
        return
    station = open_web(
        seat=Seat(board(), row),
        slots=worker.cfg.threads,
        stuck_after_s=float(worker.cfg.timeout),
        site=_site(worker),
    )
    worker.stuck_for_s = station.stuck_for_s  # asked by config.threads.Worker


def pre_request(worker: Any, request: Any) -> None:
    """While the server drains, whoever keeps a connection is sent elsewhere with the answer."""
    if board().draining_since is not None:
        request.force_close()


def child_exit(server: Any, worker: Any) -> None:
    """Its row is free, however it ended. Runs in the master."""
    row = _rows.pop(worker.age, None)
    if row is not None:
        board().free_row(row)


def worker_exit(server: Any, worker: Any) -> None:
    """Stop looking. Runs in the worker, when it has served its last request."""
    if os.getpid() == server.pid or not worker.booted:
        return  # the master found it gone; or it never got so far
    from apps.core.sampling.entry import close

    close()
    # Its memory goes as a whole; taking it apart object by object takes half a second.
    gc.freeze()


def board() -> Board:
    """The board of this server."""
    assert _board is not None
    return _board


def _site(worker: Any) -> tuple[str, int] | None:
    """Where this server can be asked for a page, from this machine."""
    for listener in worker.sockets:
        address = listener.getsockname()
        if isinstance(address, tuple):
            host, port = str(address[0]), int(address[1])
            return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port  # noqa: S104
    return None


def _refuse_taken_port() -> None:
    from apps.core.sampling.port import PortRefused, refuse_taken

    try:
        refuse_taken(settings.HEALTH["BIND"], settings.HEALTH["PORT"])
    except PortRefused as refusal:
        _end(str(refusal))


def _end(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.exit(1)
