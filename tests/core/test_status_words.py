"""What /status/ says: verdicts, facts, strips and events, by what was seen."""

import os
import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from apps.core.sampling.check import WORDS, Check, Reading, State
from apps.core.sampling.kept import Told
from apps.core.sampling.names import WEB, WORKER
from apps.core.sampling.record import Change
from apps.core.sampling.ring import QUARTER, QUARTERS, Cell, last_quarters
from apps.core.sampling.station import Options, Station
from apps.core.status import words
from apps.core.status.facts import duration, fact_of
from apps.core.status.happened import events
from apps.core.status.now import Seen, is_away, seen_by
from apps.core.status.strips import HEIGHT, STEP, strip, with_now
from apps.core.status.verdict import verdict

NOON = datetime(2026, 11, 23, 12, 4, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


FINE = (State.PASS, "")


def seen(name, state=State.PASS, word="", *observed, gates=False, is_vital=False):
    told = tuple(
        {"measurement": measurement, "component": component, "value": value, "unit": unit}
        for measurement, component, value, unit in observed
    )
    return Seen(name=name, state=state, word=word, gates=gates, observed=told, is_vital=is_vital)


WELL = [seen("database", gates=True), seen("cache"), seen("sampler", is_vital=True, gates=True)]


class TestWords:
    def test_there_is_one_for_every_cause_and_no_other(self):
        assert set(words.CAUSES) == WORDS

    def test_every_check_has_a_name_and_an_effect(self):
        assert {*WEB, *WORKER} <= set(words.WATCHED)

    def test_sentences_name_checks_and_causes_that_exist(self):
        for name, word in (*words.FACTS, *words.DO):
            assert name in words.WATCHED
            assert word in WORDS

    @pytest.mark.parametrize("word", sorted(WORDS))
    def test_each_cause_says_what_it_means_and_what_to_do(self, word):
        cause = words.cause(word)
        for sentence in (cause.means, cause.do):
            assert str(sentence).endswith(".")
            assert not re.search(r"\b(error|invalid|please|oops)\b|!", str(sentence), re.IGNORECASE)
        assert not str(cause.label).endswith(".")

    def test_every_check_with_every_cause_makes_a_sentence(self):
        said = {
            words.fact(name, word) for name in (*words.WATCHED, "added_today") for word in WORDS
        }

        assert not [sentence for sentence in said if not re.fullmatch(r"[A-Z].+\.", sentence)]

    def test_persian_has_all_of_it(self):
        with translation.override("fa"):
            said = [
                str(text)
                for cause in words.CAUSES.values()
                for text in (cause.label, cause.means, cause.do)
            ]
            said += [str(one.name) for one in words.WATCHED.values()]
            said += [str(one.effect) for one in words.WATCHED.values()]
            said += [str(text) for text in (*words.FACTS.values(), *words.DO.values())]

        assert not [text for text in said if not re.search("[\u0600-\u06ff]", text)]


class TestVerdict:
    def test_of_a_healthy_shop(self):
        told = verdict(WELL)

        assert (told.kind, told.fact) == ("ok", "The shop works.")

    def test_before_the_first_looks(self):
        told = verdict(
            [seen("database", State.FAIL, "starting", gates=True), seen("sampler", is_vital=True)]
        )

        assert (told.kind, told.fact) == ("info", "The shop is starting.")

    def test_what_only_warns_does_not_stop_the_shop(self):
        told = verdict([*WELL, seen("replicas", State.WARN, "lag")])

        assert told.kind == "warn"
        assert told.fact == "The shop works. A copy of the database is behind."
        assert "Sales, prices and receipts are not affected." in told.meaning
        assert told.do

    def test_what_gates_nothing_never_stops_it_however_bad_it_is(self):
        told = verdict([*WELL, seen("certificates", State.FAIL, "expired")])

        assert told.kind == "warn"
        assert told.fact.startswith("The shop works. A certificate has expired.")

    @pytest.mark.parametrize("gates", [True, False], ids=["gate", "no gate"])
    @pytest.mark.parametrize("word", ["timeout", "unreachable", "read_only", "auth", "unbound"])
    def test_without_the_database_it_stands_still(self, word, gates):
        told = verdict([seen("database", State.FAIL, word, gates=gates), seen("cache")])

        assert told.kind == "bad"
        assert told.fact.startswith("The shop stands still.")

    def test_what_needs_the_database_is_no_news_while_it_is_away(self):
        told = verdict(
            [
                seen("database", State.FAIL, "timeout", gates=True),
                seen("queue", State.WARN, "timeout"),
                seen("disk", State.WARN, "disk"),
            ]
        )

        assert told.also == "Also not well: Disk."

    def test_another_gate_is_this_servers_own(self):
        told = verdict([*WELL, seen("migrations", State.FAIL, "pending", gates=True)])

        assert told.kind == "bad"
        assert told.fact == "This server takes no work. The database is older than the program."

    def test_closing_is_no_trouble(self):
        draining = seen("draining", State.FAIL, "draining", gates=True, is_vital=True)

        told = verdict([*WELL, draining])

        assert told.kind == "warn"
        assert told.fact == "The shop works. This server is closing."

    def test_the_worst_is_told_first(self):
        told = verdict(
            [
                seen("disk", State.WARN, "disk"),
                seen("temporary", State.FAIL, "disk", gates=True),
                *WELL,
            ]
        )

        assert "There is no room for temporary files." in told.fact
        assert told.also == "Also not well: Disk."

    def test_without_reasons_it_names_and_no_more(self):
        told = verdict([seen("database", State.FAIL, "auth", gates=True)], knows_reasons=False)

        assert told.fact == "The shop stands still. Look at: Database."
        assert not told.do
        assert "password" not in told.fact + told.meaning


class TestAway:
    def test_a_database_that_fails_is_away(self):
        assert is_away([seen("database", State.FAIL, "timeout")])

    @pytest.mark.parametrize(
        "database", [seen("database", State.FAIL, "starting"), seen("database", State.WARN, "auth")]
    )
    def test_one_that_is_not_known_or_only_warns_is_not(self, database):
        assert not is_away([database])


class TestNow:
    """What all processes of a server say, put together."""

    @pytest.fixture
    def station(self):
        checks = [
            Check(name=name, look=Reading, every_s=60, within_s=5, gates=name == "database")
            for name in ("cache", "database")
        ]
        made = Station(checks, options=Options())
        made.open()
        deadline = time.monotonic() + 10
        while not made.sampler.has_seen_everything:
            assert time.monotonic() < deadline
        yield made
        made.close()

    @pytest.fixture
    def neighbour_says(self, station, monkeypatch):
        board = station.seat.board

        def say(*checks, silent_for_s=0.0):
            row = board.take_row(4711)
            told = {"state": "fail", "word": "timeout", "finding": "", "said": "", "gates": True}
            told |= {"since": NOON.isoformat(), "observed": []}
            with monkeypatch.context() as neighbour:
                neighbour.setattr(os, "getpid", lambda: 4711)
                board.write(
                    row,
                    {
                        "beat_s": time.monotonic() - silent_for_s,
                        "checks": [told | {"name": name} for name in checks],
                        "changes": [],
                        "slots": 4,
                        "busy": 0,
                        "newest_began_s": None,
                    },
                )

        return say

    def states(self, station):
        return {one.name: one.state for one in seen_by(station) if not one.is_vital}

    def test_the_most_important_comes_first(self, station):
        assert list(self.states(station)) == ["database", "cache"]

    def test_the_worst_of_all_processes_is_shown(self, station, neighbour_says):
        neighbour_says("cache")

        assert self.states(station) == {"database": State.PASS, "cache": State.FAIL}

    def test_a_process_that_has_stopped_says_nothing_any_more(self, station, neighbour_says):
        neighbour_says("cache", silent_for_s=6)

        assert self.states(station)["cache"] is State.PASS

    def test_a_check_that_only_a_neighbour_makes_is_shown(self, station, neighbour_says):
        neighbour_says("disk")

        assert self.states(station)["disk"] is State.FAIL

    def test_what_a_station_says_of_itself_comes_after_its_checks(self, station):
        station.drain()

        vitals = {one.name: one.state for one in seen_by(station) if one.is_vital}
        assert vitals["draining"] is State.FAIL
        assert verdict(seen_by(station)).fact == "The shop works. This server is closing."


class TestFacts:
    @pytest.mark.parametrize(
        ("one", "fact"),
        [
            (seen("database", *FINE, ("database:responseTime", "", 3.6, "ms")), "4 ms"),
            (seen("database", *FINE, ("database:responseTime", "", 0.44, "ms")), "0.4 ms"),
            (seen("replicas", *FINE, ("replication:lag", "r", 0.2, "s")), "in step"),
            (
                seen("replicas", State.WARN, "lag", ("replication:lag", "r", 38.2, "s")),
                "38 s behind",
            ),
            (seen("replicas", *FINE, ("replication:followers", "", 2, "")), "2 copies follow"),
            (seen("replicas", *FINE, ("replication:followers", "", 1, "")), "1 copy follows"),
            (seen("replicas"), ""),
            (
                seen(
                    "connections",
                    State.PASS,
                    "",
                    ("connections:used", "", 7, ""),
                    ("connections:most", "", 40, ""),
                ),
                "7 of 40 in use",
            ),
            (
                seen(
                    "queue",
                    State.PASS,
                    "",
                    ("queue:waiting", "", 3, ""),
                    ("queue:oldest", "", 2.4, "s"),
                ),
                "3 waiting, oldest 2 s",
            ),
            (
                seen("queue", *FINE, ("queue:waiting", "", 0, ""), ("queue:failed", "", 2, "")),
                "none waiting · 2 failed",
            ),
            (
                seen("queue", State.WARN, "stale", ("queue:waiting", "", 0, "")),
                "no worker known",
            ),
            (
                seen("queue", State.WARN, "stale", ("queue:heartbeatAge", "", 400.0, "s")),
                "no word for 6 min",
            ),
            (
                seen(
                    "certificates",
                    State.PASS,
                    "",
                    ("tls:daysToExpiry", "primary", 61.9, "d"),
                    ("tls:daysToExpiry", "replica", 300.0, "d"),
                ),
                "61 days left",
            ),
            (
                seen(
                    "certificates",
                    State.FAIL,
                    "expiring",
                    ("tls:daysToExpiry", "primary", 61.9, "d"),
                    ("tls:daysToExpiry", "pooler", 1.2, "d"),
                ),
                "pooler: 1 day left",
            ),
            (
                seen(
                    "disk",
                    State.WARN,
                    "disk",
                    ("disk:utilization", "temporary", 91.4, "percent"),
                    ("disk:free", "temporary", 5, "bytes"),
                    ("disk:utilization", "media", 20.0, "percent"),
                ),
                "temporary files: 91% used",
            ),
            (
                seen(
                    "requests",
                    State.PASS,
                    "",
                    ("http:connections", "", {"busy": 3, "slots": 8, "acceptQueue": 2}, ""),
                ),
                "3 of 8 busy · 2 waiting",
            ),
            (
                seen("requests", *FINE, ("http:connections", "", {"busy": 3, "slots": 1000}, "")),
                "3 busy",
            ),
            (
                seen("migrations", State.FAIL, "pending", ("migrations:pending", "", 2, "")),
                "2 missing",
            ),
            (seen("migrations", *FINE, ("migrations:pending", "", 0, "")), "complete"),
            (seen("jobs", *FINE, ("jobs:running", "", 1, "jobs")), "1 running"),
            (seen("added_today", *FINE, ("scale:drift", "", 0.5, "g")), "0.5 g"),
            (seen("added_today", *FINE, ("scale:model", "", "XS-2", "")), "XS-2"),
            (
                seen("database", State.FAIL, "timeout", ("database:responseTime", "", None, "ms")),
                "",
            ),
        ],
        ids=lambda value: value.name if isinstance(value, Seen) else "",
    )
    def test_in_a_few_words(self, one, fact):
        assert fact_of(one).replace("\u00a0", " ") == fact

    @pytest.mark.parametrize(
        ("seconds", "text"),
        [
            (0, "0 s"),
            (119.4, "119 s"),
            (120, "2 min"),
            (3 * 3600, "3 h"),
            (3 * 3600 + 20 * 60, "3 h 20 min"),
            (49 * 3600, "2 days"),
        ],
    )
    def test_a_time_is_rough(self, seconds, text):
        assert duration(seconds) == text

    def test_in_persian_with_its_digits(self):
        with translation.override("fa"):
            text = fact_of(seen("connections", *FINE, ("connections:used", "", 7, ""),
                                ("connections:most", "", 40, "")))  # fmt: skip

        assert "۷" in text
        assert "۴۰" in text
        assert not re.search("[a-z0-9]", text)


def cells_of(*states, name="database"):
    """The newest quarters, oldest first; None is not measured."""
    quarters = last_quarters(NOON)[-len(states) :]
    return {
        (quarter, name): Cell(state, "" if state is State.PASS else "timeout")
        for quarter, state in zip(quarters, states, strict=True)
        if state is not None
    }


class TestStrip:
    def test_a_bar_for_each_quarter_at_its_place(self):
        drawn = strip("database", "Database", cells_of(*[State.PASS] * QUARTERS), at=NOON)

        starts = [int(x) for x in re.findall(r"M(\d+) ", drawn.works)]
        assert starts == [index * STEP for index in range(QUARTERS)]
        assert not drawn.slow + drawn.down + drawn.unmeasured

    def test_height_tells_the_state(self):
        drawn = strip("database", "Database", cells_of(State.FAIL, State.WARN, State.PASS), at=NOON)

        def height(path):
            return int(re.search(r"v(\d+)", path)[1])

        assert height(drawn.down) == HEIGHT
        assert height(drawn.slow) == HEIGHT * 2 // 3
        assert height(drawn.works) == HEIGHT // 3
        assert drawn.unmeasured.count("M") == QUARTERS - 3

    def test_the_newest_is_at_the_right(self):
        drawn = strip("database", "Database", cells_of(State.FAIL), at=NOON)

        assert drawn.down.startswith(f"M{(QUARTERS - 1) * STEP} ")

    def test_other_checks_are_not_in_it(self):
        drawn = strip("cache", "Cache", cells_of(State.FAIL), at=NOON)

        assert not drawn.down

    def test_now_is_in_it_before_anybody_wrote_it_down(self):
        cells = with_now({}, "database", Cell(State.FAIL, "timeout"), at=NOON)

        assert strip("database", "Database", cells, at=NOON).down

    def test_now_does_not_hide_what_the_quarter_saw(self):
        cells = with_now(cells_of(State.FAIL), "database", Cell(State.PASS), at=NOON)

        assert strip("database", "Database", cells, at=NOON).down


class TestSentenceOfAStrip:
    def told(self, *states):
        return strip("database", "Database", cells_of(*states), at=NOON).sentence

    def test_all_well(self):
        assert self.told(*[State.PASS] * QUARTERS) == (
            "Database, the last 24 hours: works all the time."
        )

    def test_nothing_known(self):
        assert self.told(None) == "Database, the last 24 hours: not measured."

    def test_times_of_trouble(self):
        well = [State.PASS] * (QUARTERS - 4)

        assert self.told(*well, State.FAIL, State.FAIL, State.PASS, State.WARN) == (
            "Database, the last 24 hours: down between 11:15 and 11:45;"
            " slow or late between 12:00 and 12:04; works otherwise."
        )

    def test_how_long_it_was_not_measured(self):
        assert self.told(*[State.PASS] * 4).endswith("works all the time; not measured for 23 h.")

    def test_a_bad_day_is_cut_short(self):
        sentence = self.told(*[State.PASS, State.FAIL] * 20)

        assert sentence.count("between") == 6
        assert "14 times before that" in sentence


def told(check="database", before=State.PASS, after=State.FAIL, word="timeout", *, on=0.0,
         server="web-1", process=1, finding="", said=""):  # fmt: skip
    change = Change(
        at=NOON + timedelta(seconds=on),
        check=check,
        before=before,
        after=after,
        word="" if after is State.PASS else word,
        finding=finding,
        said=said,
    )
    return Told(change=change, server=server, process=process)


BACK = {"before": State.FAIL, "after": State.PASS}


class TestEvents:
    def test_the_newest_comes_first(self):
        assert [event.sentence for event in events([told(), told(**BACK, on=90)])] == [
            "Database: works again.",
            "The database does not answer in time.",
        ]

    def test_what_several_processes_saw_is_one(self):
        several = [
            told(server=server, process=process, on=process)
            for server in ("web-1", "web-2")
            for process in (1, 2)
        ]

        (event,) = events(several)

        assert event.servers == ("web-1", "web-2")
        assert event.at == NOON + timedelta(seconds=1)

    def test_the_same_much_later_is_another(self):
        assert len(events([told(), told(**BACK, on=60), told(on=120)])) == 3

    def test_a_recovery_says_how_long_it_took(self):
        worse = told(before=State.FAIL, word="unreachable", on=30)

        newest = events([told(), worse, told("cache", on=60), told(**BACK, on=240)])[0]

        assert newest.detail == "After 4 min."

    def test_a_recovery_from_what_nobody_remembers_says_no_time(self):
        assert events([told(**BACK)])[0].detail == ""

    def test_the_doctors_finding_and_the_servers_text_are_there_to_be_read(self):
        event = events([told(finding="tcp.refused", said="Connection refused")])[0]

        assert event.opens
        assert event.finding.code == "tcp.refused"
        assert not events([told()])[0].opens

    def test_a_finding_that_is_not_known_any_more_does_no_harm(self):
        assert events([told(finding="gone.since")])[0].finding is None

    def test_an_events_id_is_its_own(self):
        several = events([told(), told("cache", on=0.5), told(**BACK, on=QUARTER.seconds)])

        assert len({event.id for event in several}) == 3
