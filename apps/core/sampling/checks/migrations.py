"""Does the database have the schema that this code needs? Once it has, it keeps it."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Final

import psycopg
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext_lazy as _

from apps.core.database.findings import FINDINGS
from apps.core.sampling.causes import cause_of
from apps.core.sampling.check import Check, Observation, Reading, State
from apps.core.sampling.checks.asking import ask_aside
from apps.core.sampling.link import Link

_APPLIED: Final = "SELECT app, name FROM django_migrations"
_UNDEFINED_TABLE: Final = "42P01"
_SHOWN: Final = 5

Name = tuple[str, str]
# Each needed migration, with those that it replaces.
Needed = Mapping[Name, tuple[Name, ...]]


@cache
def needed_on_disk() -> Needed:
    """The migrations of this code, from its files alone. A squashed one stands for its parts."""
    loader = MigrationLoader(None)
    return {
        name: tuple((app, part) for app, part in loader.disk_migrations[name].replaces)
        for name in loader.graph.nodes
    }


def build(link: Link, *, needed: Callable[[], Needed] = needed_on_disk) -> Check:
    """Until it passes; a newer schema than this code's passes too."""
    return Check(
        name="migrations",
        look=lambda: look(link, needed=needed()),
        every_s=2.0,
        within_s=5.0,  # the first look reads the files
        gates=True,
        latch=True,
        component_type="component",
        meaning=_("The database has what this version needs"),
    )


def look(link: Link, *, needed: Needed) -> Reading:
    """One look. Observes how many are missing."""
    try:
        applied = set(ask_aside(link, _APPLIED).rows)
    except psycopg.Error as failure:
        if failure.sqlstate == _UNDEFINED_TABLE:
            return _pending(sorted(needed), finding="schema.empty")
        return cause_of(failure, secrets=link.secrets).reading()
    missing = sorted(pending(needed, applied))
    if missing:
        return _pending(missing, finding="schema.behind")
    return Reading(observed=(_count(0),))


def pending(needed: Needed, applied: Iterable[Name]) -> set[Name]:
    """Which are not applied, neither themselves nor by all that they replace."""
    there = set(applied)

    def is_there(name: Name) -> bool:
        parts = needed.get(name, ())
        return name in there or (bool(parts) and all(is_there(part) for part in parts))

    return {name for name in needed if not is_there(name)}


def _pending(missing: list[Name], *, finding: str) -> Reading:
    shown = ", ".join(f"{app}.{name}" for app, name in missing[:_SHOWN])
    more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
    return Reading(
        state=State.FAIL,
        word="pending",
        finding=finding,
        said=f"{FINDINGS[finding].saw} Not applied: {shown}{more}.",
        observed=(_count(len(missing), State.FAIL, "pending"),),
    )


def _count(missing: int, state: State = State.PASS, word: str = "") -> Observation:
    return Observation(
        measurement="migrations:pending",
        value=missing,
        unit="migrations",
        state=state,
        word=word,
    )
