"""Throw away the laptop's data: the next `make run` starts afresh."""

import os
import shutil
from pathlib import Path

from local.output import announce
from local.place import Place, place_from
from local.postgres import stopped
from local.problem import told_in_one_sentence
from local.run import only_run_of


def main() -> None:
    """Delete the demo's data and the tests'. Raises Problem while either is in use."""
    place = place_from(os.environ)
    if not place.folder.exists():
        announce("reset", f"nothing to delete, {place.folder} is not there")
        return
    with only_run_of(place):
        for one in (place_from(os.environ, for_tests=True), place):
            if one.folder.exists():
                with stopped(one):
                    _delete(one)
    announce("reset", f"the data in {place.folder} is gone; `make run` starts afresh")


def _delete(place: Place) -> None:
    # The locks stay: a program that waits for one must meet the same file.
    for path in place.everything:
        _delete_path(path)


def _delete_path(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    with told_in_one_sentence():
        main()
