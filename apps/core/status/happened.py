"""What happened: the changes of 24 hours, each once, in plain words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from apps.core.database.finding import Finding
from apps.core.database.findings import FINDINGS
from apps.core.sampling.check import State
from apps.core.sampling.kept import Told
from apps.core.status import words
from apps.core.status.facts import duration

SHOWN: Final = 50
# What several processes see of one thing, they see within their looks and deadlines.
_SAME_WITHIN: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened. `said` and `finding` are for whoever looks closer."""

    at: datetime
    kind: str  # ok, warn, bad
    sentence: str
    detail: str
    finding: Finding | None
    said: str
    servers: tuple[str, ...]

    @property
    def id(self) -> str:
        """The same for the same event, in every answer."""
        return f"event-{self.at:%Y%m%d%H%M%S%f}"

    @property
    def opens(self) -> bool:
        """Whether there is more to read."""
        return self.finding is not None or bool(self.said)


@dataclass(slots=True)
class _Group:
    """A change, as one or several processes saw it."""

    first: Told
    last_at: datetime
    servers: set[str] = field(default_factory=set)

    @property
    def key(self) -> tuple[str, State, str]:
        change = self.first.change
        return (change.check, change.after, change.word)


def events(changes: Iterable[Told]) -> tuple[Event, ...]:
    """The changes, newest first; the same one seen by several is one."""
    groups = _grouped(sorted(changes, key=lambda told: told.change.at))
    return tuple(_event(index, groups) for index in reversed(range(len(groups))))


def _grouped(oldest_first: Iterable[Told]) -> list[_Group]:
    groups: list[_Group] = []
    latest: dict[str, _Group] = {}  # by check: what it was found to be last
    for told in oldest_first:
        change = told.change
        group = latest.get(change.check)
        same = group is not None and group.key == (change.check, change.after, change.word)
        if group is None or not same or change.at - group.last_at > _SAME_WITHIN:
            group = _Group(told, change.at)
            groups.append(group)
            latest[change.check] = group
        group.last_at = change.at
        group.servers.add(told.server)
    return groups


def _event(index: int, groups: Sequence[_Group]) -> Event:
    group = groups[index]
    change = group.first.change
    if change.after is State.PASS:
        sentence = _("%(name)s: works again.") % {"name": words.watched(change.check).name}
        began = _began(change.check, groups[:index])
        detail = (
            _("After %(time)s.") % {"time": duration((change.at - began).total_seconds())}
            if began
            else ""
        )
    else:
        sentence = words.fact(change.check, change.word)
        detail = str(words.cause(change.word).means)
    return Event(
        at=change.at,
        kind={State.PASS: "ok", State.WARN: "warn", State.FAIL: "bad"}[change.after],
        sentence=sentence,
        detail=detail,
        finding=FINDINGS.get(change.finding),
        said=change.said,
        servers=tuple(sorted(group.servers)),
    )


def _began(check: str, before: Sequence[_Group]) -> datetime | None:
    """When the trouble began that ends now; None when that is not known."""
    began = None
    for group in reversed(before):
        change = group.first.change
        if change.check != check:
            continue
        if change.after is State.PASS:
            break
        began = change.at
    return began
