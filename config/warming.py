"""What a worker reads before its first request, so that nobody waits for it in the middle of one.

The first paper of a process costs a second (the library that draws it, and its fonts); and Python's
collector, which now and then looks through everything that lives, takes a third of a second for a
loaded program. Both happen here, once: what is loaded by then is set aside for good, and later
rounds look at what requests left. `bench/counter.py` measures both.
"""

import gc

import structlog

from apps.core.errors import Unavailable
from apps.core.paper import pdf

_log = structlog.get_logger(__name__)


def warm_up() -> None:
    """Read the fonts of papers and set aside what is loaded; about a second."""
    try:
        pdf.read_ahead()
    except Unavailable as missing:  # each page of a paper says it too
        _log.warning("no_papers_yet", reason=str(missing))
    gc.collect()
    gc.freeze()
