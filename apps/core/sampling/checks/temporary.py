"""Can this process write where uploads, exports and pictures are put while they are made?"""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.core.sampling.causes import cause_of
from apps.core.sampling.check import Check, Observation, Reading, State

_WRITTEN: Final = b"\0" * 4096
# An upload that is being read and the picture made of it need some room.
_LEAST_FREE_BYTES: Final = 4 * 1024 * 1024


def folder() -> Path:
    """Where temporary files go. Raises OSError where there is no such place."""
    return Path(settings.FILE_UPLOAD_TEMP_DIR or tempfile.gettempdir())


def build(*, where: Callable[[], Path] = folder) -> Check:
    return Check(
        name="temporary",
        look=lambda: look(where),
        every_s=5.0,
        within_s=2.0,
        gates=True,
        component_type="system",
        meaning=_("Room for files while they are made"),
    )


def look(where: Callable[[], Path] = folder) -> Reading:
    """One look: a small file is written to the disk and deleted. Observes how long that took."""
    began_s = time.monotonic()
    try:
        place = where()
        # Without a name: one that is killed now leaves nothing behind.
        with tempfile.TemporaryFile(dir=place) as written:
            written.write(_WRITTEN)
            written.flush()
            os.fsync(written.fileno())
        free = os.statvfs(place)
    except OSError as failure:
        return cause_of(failure).reading()
    took = Observation(
        measurement="temporary:responseTime",
        value=round((time.monotonic() - began_s) * 1000, 3),
        unit="ms",
    )
    full = _full(free)
    if full:
        return Reading(state=State.FAIL, word="disk", said=full, observed=(took,))
    return Reading(observed=(took,))


def _full(free: os.statvfs_result) -> str:
    """What has run out; empty while nothing has."""
    if free.f_bavail * free.f_frsize < _LEAST_FREE_BYTES:
        return f"less than {_LEAST_FREE_BYTES} bytes are free in the temporary folder"
    # A file system that does not count its files says that it has none at all.
    if free.f_files and not free.f_favail:
        return "the temporary folder takes no more files"
    return ""
