"""Processor time of a program and all that it started, as Linux counts it."""

import os
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")


def used_s(root: int) -> float | None:
    """Seconds on a processor so far, children and children that have ended included.

    None where the system has no /proc. Other people's programs do not count, but make it more:
    caches and cores are shared with them.
    """
    if not (PROC / "self" / "stat").exists():
        return None
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for stat in PROC.glob("[0-9]*/stat"):
        try:
            # The name in brackets may hold spaces and brackets of its own.
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        pid = int(stat.parent.name)
        parents[pid] = int(fields[1])
        ticks[pid] = sum(int(field) for field in fields[11:15])
    return sum(count for pid, count in ticks.items() if _descends(pid, root, parents)) / os.sysconf(
        "SC_CLK_TCK"
    )


def _descends(pid: int, root: int, parents: dict[int, int]) -> bool:
    while pid not in {0, 1, root}:
        pid = parents.get(pid, 0)
    return pid == root
