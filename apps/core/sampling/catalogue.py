"""Which checks a process runs. Their names are fixed (apps.core.sampling.names)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connections as databases

from apps.core.database.certificate_watch import CertificateWatch
from apps.core.sampling.check import Check
from apps.core.sampling.checks import (
    cache,
    certificates,
    connections,
    database,
    disk,
    migrations,
    program,
    queue,
    replicas,
    requests,
    site,
    temporary,
)
from apps.core.sampling.link import Link
from apps.core.sampling.requests import Load

Site = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the checks must be told of the process they run in.

    site            where this server's pages are answered, to be asked from here; None: unknown
    load            the slots of each process of this server (Station.load)
    database_gates  readiness fails with the database; else it only warns
    off             checks that are not wanted (apps.core.sampling.names.MAY_BE_OFF)
    """

    site: Site | None = None
    load: Callable[[], Sequence[Load]] = field(default=list)
    database_gates: bool = True
    off: frozenset[str] = frozenset()


def for_web(facts: Facts) -> Sequence[Check]:
    """The checks of a process that serves pages. One session with the database for all of them."""
    link = _link("default")
    checks = [
        program.build(),
        database.build(link, gates=facts.database_gates),
        migrations.build(link),
        temporary.build(),
        replicas.build(link, _link("replica") if "replica" in databases.settings else None),
        connections.build(link),
        *([cache.build(link, table=table)] if (table := cache.table()) else []),
        queue.build(link),
        certificates.build(CertificateWatch(settings.DB_SERVERS)),
        disk.build(),
        requests.build(facts.load, site=facts.site),
        *([site.build(facts.site)] if facts.site is not None else []),
    ]
    return [check for check in checks if check.name not in facts.off]


def for_worker(facts: Facts, *more: Check) -> Sequence[Check]:
    """The checks of a process that runs jobs; `more` are those that only it can make."""
    link = _link("default")
    checks = [
        program.build(),
        database.build(link, gates=facts.database_gates),
        migrations.build(link),
        temporary.build(),
        *more,
        queue.build(link),
        certificates.build(CertificateWatch(settings.DB_SERVERS)),
        disk.build(),
    ]
    return [check for check in checks if check.name not in facts.off]


def _link(alias: str) -> Link:
    return Link(databases.settings[alias])
