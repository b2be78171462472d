"""The failures, in the order in which `all` goes through them: the mildest first."""

from typing import Final

from ops.drills.failures import (
    authority_rotated,
    black_hole,
    certificate_expired,
    certificate_replaced,
    connections_exhausted,
    database_gone,
    disk_full,
    freeze_primary,
    kill_pooler,
    kill_primary,
    kill_web,
    lose_primary,
    replica_lagging,
    restore,
    rolling,
    sigterm,
    stop_poolers,
    switchover,
    worker_killed,
)
from ops.drills.run import Drill

ALL: Final[tuple[Drill, ...]] = tuple(
    module.DRILL
    for module in (
        switchover,
        kill_primary,
        lose_primary,
        freeze_primary,
        database_gone,
        black_hole,
        kill_pooler,
        stop_poolers,
        kill_web,
        sigterm,
        rolling,
        certificate_replaced,
        authority_rotated,
        certificate_expired,
        connections_exhausted,
        replica_lagging,
        disk_full,
        worker_killed,
        restore,
    )
)
# What continuous integration runs.
SHORT: Final = ("kill-primary", "database-gone", "sigterm", "rolling")
