"""What a person at a laptop can mend, said in one sentence."""

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager


class Problem(Exception):
    """An expected "no": one sentence with the fact first, then what to do."""


@contextmanager
def told_in_one_sentence() -> Iterator[None]:
    """Turn a Problem, and a full or closed disk, into one line and exit status 1.

    A request to stop that nobody further in took ends quietly, with the shell's 130.
    Everything else is a bug and keeps its traceback.
    """
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(130)
    except Problem as problem:
        sys.exit(str(problem))
    except OSError as error:
        sentence = _about_the_disk(error)
        if sentence is None:
            raise
        sys.exit(sentence)


def _about_the_disk(error: OSError) -> str | None:
    where = f" ({error.filename})" if error.filename else ""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return f"The disk is full{where}. Free some space, or choose another disk: DATA_DIR=…"
        case errno.EROFS:
            return f"The disk cannot be written{where}. Choose another folder: DATA_DIR=…"
        case errno.EACCES | errno.EPERM:
            return (
                f"This user may not write there{where}."
                " Give the folder to this user, or choose another: DATA_DIR=…"
            )
    return None
