"""What a worker reads before anybody has to wait for it.

The first paper of a process costs a second (the library that draws it, and its fonts); and Python's
collector, which now and then looks through everything that lives, takes a third of a second for a
loaded program, in the middle of whatever is being served. Both happen here once, beside the first
requests: what is loaded by then is set aside for good, and later rounds look at what requests
left. `bench/counter.py` measures both.
"""

import gc
import threading

import structlog

from apps.core.errors import Unavailable
from apps.core.paper import pdf

_log = structlog.get_logger(__name__)


def warm_up() -> threading.Thread:
    """Begin; the worker serves meanwhile."""
    thread = threading.Thread(target=_warm_up, name="warming", daemon=True)
    thread.start()
    return thread


def _warm_up() -> None:
    try:
        pdf.read_ahead()
    except Unavailable as missing:  # each page of a paper says it too
        _log.warning("no_papers_yet", reason=str(missing))
    gc.collect()
    gc.freeze()
