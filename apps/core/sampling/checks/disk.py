"""How full the disks are that this process writes to, or serves from."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.core.sampling.causes import cause_of
from apps.core.sampling.check import Check, Observation, Reading, State
from apps.core.sampling.checks import temporary

_WARN_BELOW: Final = 0.10
_FAIL_BELOW: Final = 0.03

Folders = Mapping[str, Path]


def folders() -> Folders:
    """Each by what it is for. Those that do not exist are not used here."""
    named = {
        "temporary": temporary.folder(),
        "media": Path(settings.MEDIA_ROOT) if settings.MEDIA_ROOT else None,
        "static": Path(settings.STATIC_ROOT) if settings.STATIC_ROOT else None,
    }
    return {name: path for name, path in named.items() if path is not None and path.is_dir()}


def build(*, where: Callable[[], Folders] = folders) -> Check:
    return Check(
        name="disk",
        look=lambda: look(where),
        every_s=5.0,
        within_s=2.0,
        component_type="system",
        meaning=_("Room on the disks of this server"),
    )


def look(where: Callable[[], Folders] = folders) -> Reading:
    """One look. Observes for each folder the part in use and the bytes free."""
    observed: list[Observation] = []
    try:
        for name, path in where().items():
            observed += _seen(name, path)
    except OSError as failure:
        return cause_of(failure).reading(state=State.WARN, observed=tuple(observed))
    state = max((one.state for one in observed), key=lambda one: one.weight, default=State.PASS)
    if state is State.PASS:
        return Reading(observed=tuple(observed))
    full = ", ".join(dict.fromkeys(one.component for one in observed if one.state is state))
    said = f"less than a tenth is free: {full}"
    return Reading(state=state, word="disk", said=said, observed=tuple(observed))


def judged(share: float) -> State:
    """What the free part of a disk is worth."""
    if share < _FAIL_BELOW:
        return State.FAIL
    return State.WARN if share < _WARN_BELOW else State.PASS


def _seen(name: str, path: Path) -> list[Observation]:
    disk = os.statvfs(path)
    # As df counts: what is kept for root is neither used nor free.
    used, free = disk.f_blocks - disk.f_bfree, disk.f_bavail
    share = free / (used + free) if used + free else 1.0
    state = judged(share)
    word = "" if state is State.PASS else "disk"
    return [
        Observation(
            measurement="disk:utilization",
            component=name,
            value=round(100 * (1 - share), 1),
            unit="percent",
            state=state,
            word=word,
        ),
        Observation(
            measurement="disk:free",
            component=name,
            value=free * disk.f_frsize,
            unit="bytes",
            state=state,
            word=word,
        ),
    ]
