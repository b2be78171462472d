"""The style sheets and fonts of papers, as files of this machine."""

import os

from django.contrib.staticfiles import finders


def path_of(name: str) -> str:
    """Where a static file is on this machine."""
    found = finders.find(name)
    assert isinstance(found, str | os.PathLike), f"static/{name} is part of the program"
    return os.fspath(found)
