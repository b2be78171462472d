"""How the programs of this folder take a request to stop."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

ASKED_TO_STOP = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def interrupt_once() -> None:
    """Make the first request to stop a KeyboardInterrupt, and ignore the ones after it.

    An impatient second Ctrl-C would cut the shutdown short, and leave the
    database to recover at its next start.
    """

    def interrupt(number: int, frame: FrameType | None) -> None:
        ignore_from_now_on()
        raise KeyboardInterrupt

    for number in ASKED_TO_STOP:
        # Under nohup the end of the terminal is no request.
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, interrupt)


def ignore_from_now_on() -> None:
    """Finish what is being done, whatever is asked."""
    for number in ASKED_TO_STOP:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def left_to_the_child() -> Iterator[None]:
    """Let Ctrl-C reach the child alone: in a shell it ends a line, not the session.

    A handler that does nothing, and not SIG_IGN, which the child would inherit.
    """

    def nothing(number: int, frame: FrameType | None) -> None:
        return

    before: Any = signal.signal(signal.SIGINT, nothing)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
