"""The tables of health history, in SQL: what is written and read, in a fixed number of statements.

On Django's connection, which belongs to the calling thread; whoever calls
closes it. No model is imported: a station may be opened before Django is.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from apps.core.sampling.check import State
from apps.core.sampling.record import Change
from apps.core.sampling.ring import QUARTER, QUARTERS, Cell, Cells

CHANGES_READ: Final = 500
# Who hangs longer here looks at nothing meanwhile, which leaves holes in the strips.
_ANSWER_WITHIN_S: Final = 20.0
# As apps.core.models has it. What is too long is cut: it must not keep the rest out.
_NAME_AT_MOST: Final = 40
_SAID_AT_MOST: Final = 500
# A reporter writes every quarter; one that missed a whole one is gone.
_REPORTS_WITHIN: Final = 2 * QUARTER
# A server whose clock is further ahead tells of a day that has not come.
_AHEAD_AT_MOST: Final = QUARTER
_BY_WEIGHT: Final = {state.weight: state for state in State}

# The worse of two states stays, whoever wrote first. Rows come in one order everywhere, so that
# two writers never wait for each other.
_WRITE_SAMPLES: Final = """
    INSERT INTO core_healthsample AS kept (quarter_at, name, state, word)
    SELECT * FROM unnest(%s::timestamptz[], %s::text[], %s::smallint[], %s::text[])
    ON CONFLICT (quarter_at, name) DO UPDATE SET state = EXCLUDED.state, word = EXCLUDED.word
    WHERE EXCLUDED.state > kept.state
"""
_WRITE_CHANGES: Final = """
    INSERT INTO core_healthchange
        (at, server, process, name, before, after, word, finding, said)
    SELECT * FROM unnest(%s::timestamptz[], %s::text[], %s::int[], %s::text[], %s::text[],
        %s::text[], %s::text[], %s::text[], %s::text[])
    ON CONFLICT (at, server, process, name) DO NOTHING
"""
_WRITE_REPORTER: Final = """
    INSERT INTO core_healthreporter (server, kind, seen_at) VALUES (%s, %s, %s)
    ON CONFLICT (server, kind) DO UPDATE SET seen_at = EXCLUDED.seen_at
"""
_READ_SAMPLES: Final = """
    SELECT quarter_at, name, state, word FROM core_healthsample
    WHERE quarter_at > %s AND quarter_at <= %s
"""
_READ_CHANGES: Final = """
    SELECT at, server, process, name, before, after, word, finding, said FROM core_healthchange
    WHERE at > %s AND at <= %s ORDER BY at DESC LIMIT %s
"""
_READ_REPORTERS: Final = """
    SELECT server, kind FROM core_healthreporter
    WHERE seen_at > %s AND seen_at <= %s ORDER BY server, kind
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A change, and which process saw it."""

    change: Change
    server: str
    process: int

    @property
    def key(self) -> tuple[datetime, str, int, str]:
        """The same for the same change, however it came here."""
        return (self.change.at, self.server, self.process, self.change.check)


@dataclass(frozen=True, slots=True)
class Reporter:
    server: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What the tables held at a moment; None: they were never read."""

    read_at: datetime | None = None
    cells: Cells
    changes: tuple[Told, ...] = ()
    reporters: tuple[Reporter, ...] = ()


def write(*, cells: Cells, changes: Sequence[Told], server: str, kind: str, at: datetime) -> None:
    """Keep these. Written again, they change nothing."""
    with transaction.atomic(), _cursor() as cursor:
        samples = sorted((quarter, name) for quarter, name in cells)
        if samples:
            cursor.execute(
                _WRITE_SAMPLES,
                [
                    [quarter for quarter, _ in samples],
                    [name[:_NAME_AT_MOST] for _, name in samples],
                    [cells[key].state.weight for key in samples],
                    [cells[key].word for key in samples],
                ],
            )
        if changes:
            cursor.execute(_WRITE_CHANGES, _columns(sorted(changes, key=lambda told: told.key)))
        cursor.execute(_WRITE_REPORTER, [server, kind, at])


def read(*, at: datetime) -> Past:
    """The last 24 hours, and who reports."""
    since, until = at - QUARTERS * QUARTER, at + _AHEAD_AT_MOST
    with _cursor() as cursor:
        cursor.execute(_READ_SAMPLES, [since, at])
        cells = {
            (quarter.astimezone(UTC), name): Cell(_BY_WEIGHT[state], word)
            for quarter, name, state, word in cursor.fetchall()
        }
        cursor.execute(_READ_CHANGES, [at - timedelta(hours=24), until, CHANGES_READ])
        changes = tuple(_told(row) for row in cursor.fetchall())
        cursor.execute(_READ_REPORTERS, [at - _REPORTS_WITHIN, until])
        reporters = tuple(Reporter(server, kind) for server, kind in cursor.fetchall())
    return Past(read_at=at, cells=cells, changes=changes, reporters=reporters)


def _columns(changes: Iterable[Told]) -> list[list[Any]]:
    rows = [
        (
            told.change.at,
            told.server,
            told.process,
            told.change.check[:_NAME_AT_MOST],
            str(told.change.before),
            str(told.change.after),
            told.change.word,
            told.change.finding,
            _storable(told.change.said),
        )
        for told in changes
    ]
    return [list(column) for column in zip(*rows, strict=True)]


def _storable(text: str) -> str:
    """Without what no text of PostgreSQL's holds: NUL, and halves of characters."""
    whole = text[:_SAID_AT_MOST].replace("\x00", "")
    return whole.encode("utf-8", "replace").decode()


def _told(row: tuple[Any, ...]) -> Told:
    at, server, process, name, before, after, word, finding, said = row
    change = Change(
        at=at.astimezone(UTC),
        check=name,
        before=State(before),
        after=State(after),
        word=word,
        finding=finding,
        said=said,
    )
    return Told(change=change, server=server, process=process)


def _cursor() -> AbstractContextManager[Any]:
    """A cursor that waits only so long for an answer, in a worker too, whose jobs have no limit."""
    connection.ensure_connection()
    link = connection.connection
    if link.answer_within_s is None:
        link.answer_within_s = _ANSWER_WITHIN_S
    return connection.cursor()
