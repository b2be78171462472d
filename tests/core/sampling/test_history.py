"""What a station remembers: quarters in memory and in tables, and what an outage does to both."""

import os
import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django import app

from apps.core import tasks
from apps.core.database.findings import FINDINGS
from apps.core.models import HealthChange, HealthReporter, HealthSample
from apps.core.sampling import history as histories
from apps.core.sampling import kept, names
from apps.core.sampling.check import WORDS, Check, Reading, State
from apps.core.sampling.history import CHANGES_KEPT, History
from apps.core.sampling.record import Change
from apps.core.sampling.ring import (
    QUARTER,
    QUARTERS,
    Cell,
    Ring,
    last_quarters,
    quarter_of,
    worst_of,
)
from apps.core.sampling.station import Options, Station
from tests.core.probing import PATIENCE_S, until

NOON = datetime(2026, 11, 23, 12, 4, 30, tzinfo=UTC)
DOWN = Reading(state=State.FAIL, word="unreachable", finding="tcp.refused", said="refused")


class Wall:
    """A clock on the wall that stands still until it is set."""

    def __init__(self, now=NOON):
        self.now = now

    def __call__(self):
        return self.now

    def on(self, **by):
        self.now += timedelta(**by)


def change(*, at=NOON, check="database", before=State.PASS, after=State.FAIL, word="unreachable"):
    return Change(at=at, check=check, before=before, after=after, word=word, said="refused")


@pytest.fixture
def found():
    """What the checks find, by name."""
    return {}


@pytest.fixture
def station(found):
    made = Station(
        [
            Check(
                name=name,
                look=lambda name=name: found.get(name, Reading()),
                every_s=0.02,
                within_s=5.0,
                gates=name == "database",
            )
            for name in ("database", "cache")
        ],
        options=Options(),
    )
    made.open()
    until(lambda: made.sampler.has_seen_everything, what="no first looks")
    yield made
    made.close()


@pytest.fixture
def wall():
    return Wall()


@pytest.fixture
def memory(station, wall):
    return History(station, server="web-1", wall=wall)


def states(cells):
    return {key: cell.state for key, cell in cells.items()}


class TestQuarters:
    @pytest.mark.parametrize(
        ("at", "began"),
        [
            ("12:00:00", "12:00"),
            ("12:14:59", "12:00"),
            ("12:15:00", "12:15"),
            ("23:59:59", "23:45"),
        ],
    )
    def test_begin_at_the_quarter(self, at, began):
        day = datetime(2026, 11, 23, tzinfo=UTC)
        hour, minute, second = map(int, at.split(":"))

        quarter = quarter_of(day.replace(hour=hour, minute=minute, second=second, microsecond=9))

        assert f"{quarter:%H:%M}" == began
        assert (quarter.second, quarter.microsecond) == (0, 0)

    def test_of_a_strip_are_96_in_a_row_up_to_now(self):
        quarters = last_quarters(NOON)

        assert len(quarters) == QUARTERS
        assert quarters[-1] == quarter_of(NOON)
        assert {later - earlier for earlier, later in pairwise(quarters)} == {QUARTER}

    def test_the_worse_of_two_states_stays(self):
        key = (quarter_of(NOON), "database")
        well, ill = {key: Cell(State.PASS)}, {key: Cell(State.FAIL, "timeout")}

        assert worst_of(well, ill) == worst_of(ill, well) == ill

    def test_a_ring_forgets_what_no_strip_shows(self):
        ring = Ring()
        for back in range(3 * QUARTERS):
            ring.see("database", Cell(State.PASS), at=NOON - back * QUARTER)

        ring.forget(at=NOON)

        assert sorted(quarter for quarter, _name in ring) == last_quarters(NOON)

    def test_a_ring_says_what_is_news(self):
        ring = Ring()

        assert ring.see("database", Cell(State.WARN, "tls"), at=NOON)
        assert ring.see("database", Cell(State.PASS), at=NOON) is None
        assert ring.see("database", Cell(State.FAIL, "timeout"), at=NOON)


class TestRemembering:
    def test_keeps_the_worst_of_a_quarter_though_it_is_well_again(self, memory, wall):
        memory.look()
        memory.note(change())
        memory.note(change(before=State.FAIL, after=State.PASS, word=""))
        wall.on(minutes=1)
        memory.look()

        assert memory.past.cells[quarter_of(NOON), "database"] == Cell(State.FAIL, "unreachable")
        assert memory.past.cells[quarter_of(NOON), "cache"] == Cell(State.PASS)

    def test_a_new_quarter_begins_as_things_stand(self, memory, wall):
        memory.note(change())
        wall.on(minutes=15)
        memory.look()

        assert memory.past.cells[quarter_of(wall.now), "database"].state is State.PASS

    def test_what_was_never_looked_at_is_not_measured(self, wall):
        closed = Station(
            [Check(name="database", look=Reading, every_s=1, within_s=1)], options=Options()
        )
        memory = History(closed, wall=wall)

        memory.look()

        assert memory.past.cells == {}

    def test_its_memory_is_bounded(self, memory, wall):
        for number in range(3 * CHANGES_KEPT):
            wall.on(minutes=7)
            memory.note(change(at=NOON + timedelta(minutes=7 * number)))
            memory.look()

        assert len(memory.past.changes) == CHANGES_KEPT
        assert len(memory.past.cells) <= 2 * QUARTERS
        assert memory.unwritten <= CHANGES_KEPT + 2 * QUARTERS

    def test_changes_of_neighbours_are_known_without_a_table(self, memory, station, monkeypatch):
        row = station.seat.board.take_row(4711)
        told = {
            "at": NOON.isoformat(),
            "check": "cache",
            "before": "pass",
            "after": "warn",
            "word": "timeout",
            "finding": "",
            "said": "",
        }
        with monkeypatch.context() as neighbour:
            neighbour.setattr(os, "getpid", lambda: 4711)
            station.seat.board.write(row, {"beat_s": 0.0, "changes": [told], "checks": []})

        changes = memory.past.changes

        assert [(one.process, one.change.check) for one in changes] == [(4711, "cache")]


@pytest.mark.django_db
class TestTables:
    def test_hold_what_was_seen_and_who_saw_it(self, memory):
        memory.look()
        memory.note(change())
        memory.save()

        kept_samples = {(s.name, s.state, s.word) for s in HealthSample.objects.all()}
        assert kept_samples == {("database", 2, "unreachable"), ("cache", 0, "")}
        (written,) = HealthChange.objects.all()
        assert (written.name, written.after, written.said) == ("database", "fail", "refused")
        assert written.server == "web-1"
        (reporter,) = HealthReporter.objects.all()
        assert (reporter.server, reporter.kind, reporter.seen_at) == ("web-1", "web", NOON)

    @pytest.mark.parametrize("turn", [list, lambda both: both[::-1]], ids=["ill", "well"])
    def test_of_two_servers_the_worse_stays_whoever_writes_first(self, station, wall, turn):
        well, ill = (History(station, server=name, wall=wall) for name in ("web-1", "web-2"))
        ill.note(change())
        for one in (well, ill):
            one.look()

        for one in reversed(turn([well, ill])):
            one.save()

        (state,) = HealthSample.objects.filter(name="database").values_list("state", flat=True)
        assert state == State.FAIL.weight

    def test_what_gets_worse_while_it_is_written_is_written_again(self, memory, monkeypatch):
        memory.look()
        write = kept.write

        def write_and_see_more(**given):
            write(**given)
            memory.note(change())

        monkeypatch.setattr(kept, "write", write_and_see_more)
        memory.save()
        monkeypatch.setattr(kept, "write", write)
        assert memory.unwritten == 2, "the sample that got worse, and the change"
        memory.save()

        (state,) = HealthSample.objects.filter(name="database").values_list("state", flat=True)
        assert (state, memory.unwritten) == (State.FAIL.weight, 0)

    def test_what_a_server_with_a_wrong_clock_wrote_of_the_future_is_not_read(self, memory):
        tomorrow = quarter_of(NOON) + timedelta(days=1)
        HealthSample.objects.create(name="database", quarter_at=tomorrow, state=2, word="timeout")
        memory.refresh()

        assert memory.past.cells == {}

    def test_written_twice_a_change_is_one(self, memory):
        memory.note(change())
        told = list(memory._unwritten)

        for _ in range(2):
            kept.write(cells={}, changes=told, server="web-1", kind="web", at=NOON)

        assert HealthChange.objects.count() == 1

    def test_written_once_it_is_not_written_again(self, memory, wall):
        memory.look()
        memory.note(change())
        memory.save()
        assert memory.unwritten == 0

        wall.on(minutes=5)
        memory.look()
        assert memory.unwritten == 0

        wall.on(minutes=15)
        memory.look()
        assert memory.unwritten == 2

    def test_what_a_server_wrote_another_reads(self, memory, station, wall):
        memory.look()
        memory.note(change())
        memory.save()
        other = History(station, server="web-2", wall=wall)

        other.refresh()

        past = other.past
        assert past.cells[quarter_of(NOON), "database"].word == "unreachable"
        assert [told.server for told in past.changes] == ["web-1"]
        assert [one.server for one in past.reporters] == ["web-1"]

    def test_who_has_not_written_for_two_quarters_is_gone(self, memory, wall):
        memory.save()
        wall.on(minutes=31)
        memory.refresh()

        assert memory.past.reporters == ()

    def test_cost_the_same_whatever_happened(self, memory, wall):
        """A quarter with nothing new in it, and one in which 400 things changed."""

        def statements():
            with CaptureQueriesContext(
                connection,
            ) as asked:
                memory.save()
            return len(asked)

        memory.look()
        memory.note(change())
        few = statements()
        wall.on(minutes=15)
        memory.look()
        for number in range(400):
            memory.note(change(at=wall.now + timedelta(seconds=number)))
            memory.station.probes["/health/ready/", 200] += 1

        assert statements() == few

    def test_a_text_that_no_table_takes_is_taken(self, memory):
        said = "a\x00b\udc80" * 400
        memory.note(
            Change(
                at=NOON,
                check="x" * 99,
                before=State.PASS,
                after=State.FAIL,
                word="error",
                said=said,
            )
        )
        memory.save()

        (written,) = HealthChange.objects.all()
        assert written.said.startswith("ab?ab")
        assert len(written.said) <= 500
        assert HealthSample.objects.get().name == "x" * 40

    def test_there_is_room_for_every_word_and_finding(self):
        assert max(map(len, WORDS)) <= HealthSample._meta.get_field("word").max_length
        assert max(map(len, FINDINGS)) <= HealthChange._meta.get_field("finding").max_length
        assert max(map(len, names.WEB + names.WORKER)) <= 40

    def test_the_last_day_is_read_and_no_more(self, memory, wall):
        for back in (0, 95, 96, 200):
            HealthSample.objects.create(
                name="cache", quarter_at=quarter_of(NOON) - back * QUARTER, state=1, word="late"
            )
        memory.refresh()

        assert sorted(quarter for quarter, _ in memory.past.cells) == [
            quarter_of(NOON) - 95 * QUARTER,
            quarter_of(NOON),
        ]

    def test_a_server_whose_clock_is_ahead_hides_nothing_and_stays_no_reporter(
        self, memory, station, monkeypatch
    ):
        monkeypatch.setattr(kept, "CHANGES_READ", 3)
        ahead = History(station, server="web-9", wall=Wall(NOON + timedelta(days=365)))
        for number in range(5):
            ahead.note(change(at=ahead._wall() + timedelta(seconds=number)))
        ahead.save()
        memory.note(change())
        memory.save()

        other = History(station, server="web-2", wall=Wall())
        other.refresh()

        assert [told.server for told in other.past.changes] == ["web-1"]
        assert [one.server for one in other.past.reporters] == ["web-1"]

    def test_are_cleared_of_what_is_older_than_30_days_or_not_yet(self):
        now = datetime.now(UTC)
        for days in (29, 31, -2):
            at = now - timedelta(days=days)
            HealthSample.objects.create(name="cache", quarter_at=quarter_of(at), state=0)
            HealthReporter.objects.create(server=f"web-{days}", kind="web", seen_at=at)
            HealthChange.objects.create(
                at=at, name="cache", before="pass", after="warn", server="web", process=1
            )

        periodic = {task.task.name for task in app.periodic_registry.periodic_tasks.values()}
        assert "core.delete_old_health" in periodic

        tasks.delete_old_health(timestamp=0)

        for model in (HealthSample, HealthReporter, HealthChange):
            assert model.objects.count() == 1, model


@pytest.mark.django_db(transaction=True)
class TestThread:
    """The thread itself, on a connection of its own."""

    @pytest.fixture
    def quick(self, monkeypatch):
        for name, value in (
            ("_LOOK_EVERY_S", 0.02),
            ("_GATHER_S", 0.0),
            ("_AT_LEAST_BETWEEN_S", 0.0),
            ("_SPREAD_S", 0.0),
        ):
            monkeypatch.setattr(histories, name, value)

    @pytest.fixture
    def opened(self, quick, station, wall):
        memory = History(station, server="web-1", wall=wall)
        memory.open()
        yield memory
        memory.close()
        assert not memory._thread.is_alive()

    def test_writes_what_it_sees(self, opened):
        until(lambda: HealthSample.objects.count() == 2, what="no sample was written")

    def test_writes_nothing_again_while_nothing_is_new(self, opened, monkeypatch):
        until(lambda: opened.past.read_at, what="nothing was written")
        saved = []
        monkeypatch.setattr(opened, "save", lambda: saved.append(1))

        threading.Event().wait(0.2)

        assert not saved

    def test_writes_an_outage_down_when_it_is_over(self, quick, station, found, wall):
        """A dead database cannot record its own death."""
        found["database"] = DOWN
        memory = History(station, server="web-1", wall=wall)
        until(lambda: not histories.answers(station.sampler.standings()), what="never down")
        memory.note(change())
        memory.open()
        try:
            threading.Event().wait(0.2)
            assert HealthSample.objects.count() == 0, "a database that is down was asked"
            assert memory.unwritten >= 3

            found["database"] = Reading()
            until(lambda: memory.unwritten == 0, what="not written when it was back")
        finally:
            memory.close()

        assert HealthSample.objects.get(name="database").word == "unreachable"
        assert HealthChange.objects.get().word == "unreachable"

    def test_keeps_what_a_failed_write_left(self, opened, monkeypatch):
        until(lambda: opened.past.read_at, what="nothing was written")
        tried = threading.Event()

        def refuse(**given):
            tried.set()
            raise OperationalError("gone")

        with monkeypatch.context() as broken:
            broken.setattr(kept, "write", refuse)
            opened.note(change())
            assert tried.wait(PATIENCE_S)
            assert opened.unwritten

        until(lambda: HealthChange.objects.count() == 1, what="never tried again")

    def test_leaves_no_connection_behind(self, opened):
        until(lambda: opened.past.read_at, what="nothing was written")

        def others():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND pid <> pg_backend_pid() AND usename = current_user"
                )
                return cursor.fetchone()[0]

        until(lambda: others() == 0, what="a connection stays open")


@pytest.mark.django_db(transaction=True)
def test_a_worker_without_a_time_limit_waits_only_so_long_here():
    """A server that hangs would stop the looking, and leave holes in the strips."""
    connection.ensure_connection()
    before = connection.connection.answer_within_s
    connection.connection.answer_within_s = None
    try:
        kept.read(at=datetime.now(UTC))
        assert connection.connection.answer_within_s == 20
        connection.connection.answer_within_s = 3.0
        kept.read(at=datetime.now(UTC))
        assert connection.connection.answer_within_s == 3, "a limit that is there stays"
    finally:
        connection.connection.answer_within_s = before
