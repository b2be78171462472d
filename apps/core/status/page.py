"""What the page /status/ shows, put together from memory. Asks no database."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.formatting import digits
from apps.core.sampling.check import State
from apps.core.sampling.history import History
from apps.core.sampling.kept import Past, Reporter
from apps.core.sampling.ring import Cell, Cells, last_quarters
from apps.core.status import words
from apps.core.status.facts import fact_of
from apps.core.status.happened import SHOWN, Event, events
from apps.core.status.now import Seen, is_away, seen_by
from apps.core.status.strips import Strip, strip, with_now
from apps.core.status.verdict import ASK_THE_DATABASE, Verdict, verdict

_KINDS: Final = {State.PASS: "ok", State.WARN: "warn", State.FAIL: "bad"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A check. kind: ok, warn, bad, none. `note` is what its trouble means, and what to do."""

    name: str
    what: str
    kind: str
    label: str
    fact: str = ""
    since: datetime | None = None
    note: str = ""
    strip: Strip | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All of it. `read_at` is when the tables were last read; None: never."""

    as_of: datetime
    verdict: Verdict
    rows: tuple[Row, ...]
    events: tuple[Event, ...] = ()
    more_events: int = 0
    servers: int = 0
    workers: int = 0
    is_away: bool = False
    read_at: datetime | None = None
    knows_reasons: bool = True

    @property
    def clock(self) -> str:
        """The time of day with its seconds, in the current time zone."""
        return digits(timezone.localtime(self.as_of).strftime("%H:%M:%S"))

    @property
    def zone(self) -> str:
        """The name of that zone where it is no shop's own: UTC."""
        return "" if timezone.get_current_timezone_name() != "UTC" else "UTC"

    @property
    def verdict_key(self) -> str:
        """Another when the verdict says something else."""
        told = self.verdict
        return _key(told.kind, told.fact, told.meaning, told.do, told.also, str(self.is_away))

    @property
    def events_key(self) -> str:
        """Another when something happened."""
        return _key(*(f"{event.id} {event.sentence} {event.servers}" for event in self.events))


def page(history: History, *, at: datetime) -> Page:
    """For an operator: everything this process knows."""
    seen = seen_by(history.station)
    past = history.past
    seen += _told_by_others(past, {one.name for one in seen}, at=at)
    told = events(past.changes)
    away = is_away(seen)
    servers, workers = _reporters(past, history)
    return Page(
        as_of=at,
        verdict=verdict(seen),
        rows=tuple(
            _row(one, history, past.cells, is_away=away, at=at) for one in seen if _is_shown(one)
        ),
        events=told[:SHOWN],
        more_events=len(told[SHOWN:]),
        servers=servers,
        workers=workers,
        is_away=away,
        read_at=past.read_at,
    )


def page_without_reasons(history: History, *, at: datetime) -> Page:
    """For whoever cannot show who they are: names and states, as probes may know them."""
    seen = [one for one in seen_by(history.station) if _is_shown(one)]
    return Page(
        as_of=at,
        verdict=verdict(seen, knows_reasons=False),
        rows=tuple(
            Row(
                name=str(words.watched(one.name).name),
                what=_what(one, history),
                kind=_kind(one),
                label=_plain_label(one),
            )
            for one in seen
        ),
        is_away=is_away(seen),
        knows_reasons=False,
    )


def _is_shown(one: Seen) -> bool:
    """What a station says of itself is worth a row when it is not well."""
    return not one.is_vital or (not one.is_well and one.is_measured)


def _row(one: Seen, history: History, past: Cells, *, is_away: bool, at: datetime) -> Row:
    cells: Mapping[tuple[datetime, str], Cell] = past
    if one.is_measured and not one.is_read:
        cells = with_now(past, one.name, Cell(one.state, one.word), at=at)
    name = str(words.watched(one.name).name)
    return Row(
        name=name,
        what=_what(one, history),
        kind=_kind(one),
        label=_label(one),
        fact=fact_of(one) if one.is_measured else "",
        since=None if one.is_well else one.since,
        note="" if one.is_well or not one.is_measured else _note(one, is_away=is_away),
        strip=None if one.is_vital else strip(one.name, name, cells, at=at),
    )


def _what(one: Seen, history: History) -> str:
    check = history.station.sampler.checks.get(one.name)
    meaning = check.meaning if check is not None else ""
    return str(meaning or words.watched(one.name).what)


def _kind(one: Seen) -> str:
    return _KINDS[one.state] if one.is_measured else "none"


def _label(one: Seen) -> str:
    if not one.is_measured:
        return _("Not measured")
    return _("Works") if one.is_well else str(words.cause(one.word).label)


def _plain_label(one: Seen) -> str:
    if not one.is_measured:
        return _("Not measured")
    return {"ok": _("Works"), "warn": _("Slow or late"), "bad": _("Down")}[_kind(one)]


def _note(one: Seen, *, is_away: bool) -> str:
    if is_away and one.name in ASK_THE_DATABASE:
        return _("It is known through the database, which is away.")
    return f"{words.cause(one.word).means} {words.what_to_do(one.name, one.word)}"


def _told_by_others(past: Past, known: set[str], *, at: datetime) -> list[Seen]:
    """Checks that this server does not make, as they were told in this quarter or the last."""
    last, this = last_quarters(at)[-2:]
    names = {name for _quarter, name in past.cells} - known
    told = []
    for name in sorted(names):
        cell = past.cells.get((this, name)) or past.cells.get((last, name))
        if cell is None:
            cell = Cell(State.FAIL, "starting")
        elif _is_well_again(past, name):
            cell = Cell(State.PASS)
        told.append(Seen(name=name, state=cell.state, word=cell.word, is_read=True))
    return told


def _is_well_again(past: Past, name: str) -> bool:
    """Whether the last that each process told of it is that it works: a quarter keeps its worst."""
    latest: dict[tuple[str, int], State] = {}
    for told in past.changes:  # newest first
        if told.change.check == name:
            latest.setdefault((told.server, told.process), told.change.after)
    return bool(latest) and set(latest.values()) == {State.PASS}


def _reporters(past: Past, history: History) -> tuple[int, int]:
    """How many servers and how many workers for jobs tell of themselves, this one included."""
    reporters = {*past.reporters, Reporter(history.server, history.station.options.kind)}
    workers = sum(one.kind == "worker" for one in reporters)
    return len(reporters) - workers, workers


def _key(*parts: str) -> str:
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()
