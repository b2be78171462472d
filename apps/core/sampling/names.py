"""The names of the checks. Fixed: anonymous callers may read them, alerts hold on to them.

Pure, so that settings can name a check before there is anything to look at.
"""

from typing import Final

WEB: Final = (
    "program",
    "database",
    "migrations",
    "temporary",
    "replicas",
    "connections",
    "cache",
    "queue",
    "certificates",
    "disk",
    "requests",
    "site",
)
WORKER: Final = (
    "program",
    "database",
    "migrations",
    "temporary",
    "jobs",
    "queue",
    "certificates",
    "disk",
)
# A process that does not look at these cannot say that it may be given work.
ALWAYS_ON: Final = frozenset({"program", "database", "migrations"})
# What HEALTH_CHECKS_OFF may name.
MAY_BE_OFF: Final = (frozenset(WEB) | frozenset(WORKER)) - ALWAYS_ON
