"""HTTP in little, for probes: one thread, one request a connection, bounded in everything.

It shares its process with pages that may keep every core and every lock busy.
So it makes as few system calls as it can, since each gives the interpreter's
lock away; it waits for nobody, and asks no executor.
"""

import errno
import re
import selectors
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from typing import Final

import structlog

from apps.core.health import Answer, empty

HEAD_BYTES: Final = 8 * 1024
CONNECTION_LASTS_S: Final = 2.0
# Each costs the process a descriptor, of which pages want some too. Who comes when there are so
# many waits in the kernel, until one of them is answered or has said nothing for long enough.
CONNECTIONS_HELD: Final = 256
_SAYS_SOMETHING_WITHIN_S: Final = 0.25
_PAUSE_WHEN_FULL_S: Final = 0.1
_FULL: Final = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_REQUEST_LINE: Final = re.compile(rb"([A-Z]{1,16}) ([!-~]+) HTTP/1\.[0-9]")
_END: Final = re.compile(rb"\r?\n\r?\n")
_logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody asked. Names of headers are in small letters; the first of several counts."""

    method: str
    target: str
    headers: dict[str, str]
    peer: str


Answering = Callable[[Request], Answer]


@dataclass(slots=True, eq=False)
class _Link:
    """One connection."""

    socket: socket.socket
    peer: str
    since_s: float
    came: bytes = b""
    to_go: memoryview = field(default_factory=lambda: memoryview(b""))
    is_answered: bool = False
    is_read: bool = False  # nothing that was sent is left unread

    @property
    def awaits(self) -> int:
        return selectors.EVENT_WRITE if self.to_go else selectors.EVENT_READ


class Server:
    """Answers on `listener`, which it closes in the end."""

    def __init__(self, listener: socket.socket, answering: Answering, *, name: str) -> None:
        self._listener = listener
        self._answering = answering
        self._held: dict[int, _Link] = {}  # those that could not be served at once, oldest first
        self._listens = False
        self._selector = selectors.DefaultSelector()
        self._bell, self._button = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)

    def start(self) -> None:
        """Answer from now on. Once."""
        self._listener.setblocking(False)
        self._selector.register(self._bell, selectors.EVENT_READ)
        self._thread.start()

    def stop(self) -> None:
        """Answer whoever has called by now, then nobody any more."""
        self._button.close()
        self._thread.join(CONNECTION_LASTS_S)

    def _serve(self) -> None:
        while self._turn():
            pass
        while self._accept():  # whoever stands in the queue would be reset
            pass
        for link in list(self._held.values()):  # who has spoken since they were last looked at
            self._go_on(link)
        for link in list(self._held.values()):
            self._drop(link)
        for opened in (self._selector, self._listener, self._bell):
            opened.close()

    def _turn(self) -> bool:
        """Wait for somebody and serve them; False when it is time to stop."""
        self._make_room()
        for key, _ in self._selector.select(self._patience_s()):
            if key.fileobj is self._bell:
                return False
            if key.fileobj is self._listener:
                self._accept()
            else:
                self._go_on(key.data)
        return True

    def _make_room(self) -> None:
        """Drop those that have had their time, and listen as long as there is room for more."""
        while (oldest := self._oldest()) is not None and self._left_s(oldest) <= 0:
            self._drop(oldest)
        if self._is_full == self._listens:
            self._listens = not self._is_full
            if self._listens:
                self._selector.register(self._listener, selectors.EVENT_READ)
            else:
                self._selector.unregister(self._listener)

    @property
    def _is_full(self) -> bool:
        return len(self._held) >= CONNECTIONS_HELD

    def _oldest(self) -> _Link | None:
        return next(iter(self._held.values()), None)

    def _left_s(self, link: _Link) -> float:
        time_given_s = _SAYS_SOMETHING_WITHIN_S if self._is_full else CONNECTION_LASTS_S
        return link.since_s + time_given_s - time.monotonic()

    def _patience_s(self) -> float | None:
        oldest = self._oldest()
        return None if oldest is None else max(0.0, self._left_s(oldest))

    def _accept(self) -> bool:
        """Take one caller, who has mostly said everything by now; False when nobody calls."""
        try:
            caller, address = self._listener.accept()
        except BlockingIOError:
            return False
        except OSError as failure:
            if failure.errno in _FULL:  # it would be back at once, and so for ever
                time.sleep(_PAUSE_WHEN_FULL_S)
                return False
            return True
        self._go_on(_Link(caller, address[0], time.monotonic()))
        return True

    def _go_on(self, link: _Link) -> None:
        try:
            is_done = self._progress(link)
        except BlockingIOError:
            is_done = False
        except OSError:
            is_done = True  # the caller is gone
        if is_done or not self._hold(link):
            self._drop(link)

    def _progress(self, link: _Link) -> bool:
        """Read, answer and write as far as it goes; True when nothing is left to do."""
        if not link.is_answered:
            came = link.socket.recv(HEAD_BYTES + 1 - len(link.came), socket.MSG_DONTWAIT)
            link.came += came
            answer = self._answer(link)
            if answer is None:
                return not came
            link.is_answered, link.to_go = True, memoryview(_written(answer))
        if link.to_go:
            sent = link.socket.send(link.to_go, socket.MSG_DONTWAIT)
            link.to_go = link.to_go[sent:]
            if link.to_go:
                return False
            if link.is_read:
                return True
            # Closing over what was not read would reset the answer on its way.
            link.socket.shutdown(socket.SHUT_WR)
        return not link.socket.recv(HEAD_BYTES, socket.MSG_DONTWAIT)

    def _answer(self, link: _Link) -> Answer | None:
        """The answer, once the request is whole or can no longer become a whole one."""
        end = _END.search(link.came)
        if end is None:
            line, newline, _ = link.came.partition(b"\n")
            if (newline and not _REQUEST_LINE.fullmatch(line.rstrip(b"\r"))) or not (
                link.came[:1].isupper() or not link.came
            ):
                return empty(HTTPStatus.BAD_REQUEST)
            if len(link.came) > HEAD_BYTES:
                return empty(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            return None
        request = _read(link.came[: end.start()], link.peer)
        if request is None:
            return empty(HTTPStatus.BAD_REQUEST)
        link.is_read = (
            end.end() == len(link.came)
            and request.headers.get("content-length", "0") == "0"
            and "transfer-encoding" not in request.headers
        )
        try:
            return self._answering(request)
        except Exception:
            # A fault of one answer must not end the thread that gives all the others.
            _logger.exception("probe_broken", target=request.target)
            return empty(HTTPStatus.INTERNAL_SERVER_ERROR)

    def _hold(self, link: _Link) -> bool:
        """Come back to it when it has more to say; False when the system has no room for it."""
        number = link.socket.fileno()
        if number in self._held:
            self._selector.modify(link.socket, link.awaits, link)
            return True
        try:
            self._selector.register(link.socket, link.awaits, link)
        except OSError:
            return False
        self._held[number] = link
        return True

    def _drop(self, link: _Link) -> None:
        if self._held.pop(link.socket.fileno(), None) is not None:
            self._selector.unregister(link.socket)
        link.socket.close()


def _read(head: bytes, peer: str) -> Request | None:
    """The request in these bytes; None when there is none."""
    first, *lines = head.split(b"\n")
    asked = _REQUEST_LINE.fullmatch(first.rstrip(b"\r"))
    if asked is None:
        return None
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.decode("latin-1").partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    return Request(method=asked[1].decode(), target=asked[2].decode(), headers=headers, peer=peer)


def _written(answer: Answer) -> bytes:
    lines = [
        f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}",
        f"Date: {formatdate(usegmt=True)}",
        *(f"{name}: {value}" for name, value in answer.headers),
        "Connection: close",
        "",
        "",
    ]
    return "\r\n".join(lines).encode("latin-1") + answer.body
