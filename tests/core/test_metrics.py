"""One scrape tells of every worker, from memory, in words of ours alone."""

import os
import re
import threading
import time

import pytest
from prometheus_client.parser import text_string_to_metric_families

from apps.core import metrics
from apps.core.measurements import MEASUREMENTS
from apps.core.sampling.board import Board, Seat
from apps.core.sampling.catalogue import Facts, for_web, for_worker
from apps.core.sampling.check import Check, Reading, State
from apps.core.sampling.checks import jobs
from apps.core.sampling.station import Options, Station
from tests.core.probing import Things, until

BAD = Reading(state=State.FAIL, word="refused", finding="tcp.refused", said="db.inner:5432 said no")
LATE = Reading(state=State.WARN, word="late")


class Scrape:
    """A page as Prometheus reads it."""

    def __init__(self, station):
        self.text = metrics.page(station).decode()
        self.families = {
            family.name: family for family in text_string_to_metric_families(self.text)
        }
        self.samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in self.families.values()
            for sample in family.samples
        }

    def __call__(self, name, **labels):
        return self.samples.get((f"jewelry_shop_{name}", frozenset(labels.items())))

    def all(self, name):
        return {
            labels: value
            for (known, labels), value in self.samples.items()
            if known == f"jewelry_shop_{name}"
        }


@pytest.fixture
def things():
    return Things()


@pytest.fixture
def opened(things):
    made = []

    def open_station(*checks, **given):
        given.setdefault("options", Options())
        station = Station(
            checks
            or (
                things.check("program", latch=True),
                things.check("database", gates=True),
                things.check("cache"),
            ),
            **given,
        )
        made.append(station)
        station.open()
        return station

    yield open_station
    for station in made:
        station.close()


def worst(standings):
    """What a probe answers with these."""
    if any(one.gates and one.state is State.FAIL for one in standings):
        return 0.0
    return 1.0 if all(one.state is State.PASS for one in standings) else 0.5


def answers(station):
    groups = {"live": station.live(), "ready": station.ready(), "startup": station.startup()}
    return {probe: worst(standings) for probe, standings in groups.items()}


def told(station, worker="0"):
    scrape = Scrape(station)
    return {
        probe: scrape("health_status", worker=worker, probe=probe)
        for probe in ("live", "ready", "startup")
    }


def on_the_board(station, **states):
    """Whether the checks stand so in the row that the station wrote last."""
    rows = station.neighbours()
    seen = [one for one in rows[0].said["checks"] if one["word"] != "starting"] if rows else []
    return states.items() <= {one["name"]: one["state"] for one in seen}.items()


@pytest.mark.parametrize(
    ("found", "status"),
    [
        ({}, {"live": 1, "ready": 1, "startup": 1}),
        ({"cache": LATE}, {"live": 1, "ready": 0.5, "startup": 1}),
        ({"cache": BAD}, {"live": 1, "ready": 0.5, "startup": 1}),
        ({"database": BAD}, {"live": 1, "ready": 0, "startup": 1}),
        ({"database": LATE}, {"live": 1, "ready": 0.5, "startup": 1}),
        ({"program": BAD}, {"live": 1, "ready": 0, "startup": 0}),
    ],
)
def test_a_worker_answers_probes_as_its_metrics_say(opened, things, found, status):
    things.found |= found
    station = opened()
    until(
        lambda: on_the_board(
            station,
            **{"program": "pass", "database": "pass", "cache": "pass"}
            | {name: str(reading.state) for name, reading in found.items()},
        ),
        what="everything seen",
    )
    assert told(station) == answers(station) == status


def test_before_the_first_looks_have_ended_nothing_is_ready(opened, things):
    hold = threading.Event()
    station = opened(
        things.check("program", latch=True),
        Check(name="database", look=lambda: hold.wait(5) and Reading(), every_s=1, within_s=5),
    )
    until(lambda: on_the_board(station, program="pass"), what="the program seen")
    assert told(station) == answers(station) == {"live": 1, "ready": 0, "startup": 0}
    hold.set()


def test_a_drain_is_told_and_is_not_ready(opened):
    station = opened()
    until(lambda: told(station)["ready"] == 1, what="ready")
    assert Scrape(station)("draining") == 0
    station.drain()
    assert Scrape(station)("draining") == 1
    assert told(station) == answers(station) == {"live": 1, "ready": 0, "startup": 1}


def test_every_slot_of_every_worker_stuck_is_not_alive(opened):
    station = opened(slots=1, options=Options(stuck_after_s=0.05))
    until(lambda: told(station)["live"] == 1, what="alive")
    assert Scrape(station)("request_slots", worker="0") == 1
    assert Scrape(station)("request_slots_busy", worker="0") == 0
    assert Scrape(station)("request_slots_stuck_seconds", worker="0") == 0
    station.requests.begin()
    until(lambda: told(station)["live"] == 0, what="stuck")
    assert answers(station)["live"] == 0
    assert Scrape(station)("request_slots_busy", worker="0") == 1
    assert Scrape(station)("request_slots_stuck_seconds", worker="0") > 0.05


def test_what_else_liveness_hangs_on(opened):
    station = opened()
    word = [""]
    station.vitals.append(("wedged", lambda: word[0]))
    until(lambda: told(station)["ready"] == 1, what="ready")
    assert told(station)["live"] == 1
    word[0] = "wedged"
    until(lambda: told(station)["live"] == 0, what="not alive")
    assert answers(station) == told(station)


def row(*, at_s, **said):
    """A worker of whom nobody can complain, as the board holds it."""
    fine = {
        "kind": "web",
        "beat_s": at_s,
        "opened_s": at_s - 100,
        "slots": 4,
        "busy": 1,
        "newest_began_s": at_s,
        "vitals": {},
        "checks": [check("program", gates=False), check("database")],
        "changes": [],
        "transitions": [],
        "probes": [],
    }
    return fine | said


def check(name, *, state="pass", word="", gates=True, age_s=0.1, observed=(), **said):
    return {
        "name": name,
        "state": state,
        "gates": gates,
        "word": word,
        "finding": "",
        "said": "",
        "since": "2026-11-23T03:00:00+00:00",
        "age_s": age_s,
        "took_s": 0.004,
        "in_a_row": 1,
        "observed": [
            {"component": "", "unit": "", "state": "pass", "word": ""} | seen for seen in observed
        ],
    } | said


@pytest.fixture
def board():
    return Board()


@pytest.fixture
def write(board):
    """Put words into the mouth of a worker; gives its number."""

    def write_row(**said):
        number = board.take_row(os.getpid())
        board.write(number, row(at_s=time.monotonic(), **said))
        return str(number)

    return write_row


@pytest.fixture
def idle(board):
    """A station that only reads the board."""
    return Station((), options=Options(), seat=Seat(board=board))


def test_one_scrape_tells_of_all_workers(idle, write):
    first = write()
    second = write(
        checks=[
            check("program", gates=False),
            check("database", state="fail", word="auth", finding="auth.wrong-password"),
            check("cache", state="warn", word="late", gates=False),
        ],
        busy=4,
    )

    scrape = Scrape(idle)

    status = "health_check_status"
    assert scrape(status, worker=first, check="database", group="ready") == 1
    assert scrape(status, worker=second, check="database", group="ready") == 0
    assert scrape(status, worker=second, check="cache", group="warn") == 0.5
    assert scrape.all("health_check_cause_info") == {
        frozenset(
            {
                ("worker", second),
                ("check", "database"),
                ("cause", "auth"),
                ("finding", "auth.wrong-password"),
            }
        ): 1,
        frozenset({("worker", second), ("check", "cache"), ("cause", "late"), ("finding", "")}): 1,
    }
    assert scrape("request_slots_busy", worker=first) == 1
    assert scrape("request_slots_busy", worker=second) == 4
    assert scrape("health_status", worker=first, probe="ready") == 1
    assert scrape("health_status", worker=second, probe="ready") == 0
    assert scrape("uptime_seconds", worker=first) == pytest.approx(100, abs=1)


def test_base_units(idle, write):
    """An age goes on from the moment at which the row was written."""
    write(beat_s=time.monotonic() - 3, checks=[check("database", took_s=0.0041, age_s=0.25)])

    scrape = Scrape(idle)

    assert scrape("health_check_duration_seconds", worker="0", check="database") == 0.0041
    age = scrape("health_check_age_seconds", worker="0", check="database")
    assert 3.25 <= age < 5


def test_one_worker_with_a_free_slot_keeps_the_server_alive(idle, write):
    long_ago_s = time.monotonic() - 60
    stuck = write(slots=4, busy=4, newest_began_s=long_ago_s)
    free = write(slots=4, busy=3, newest_began_s=long_ago_s)

    scrape = Scrape(idle)

    assert scrape("request_slots_stuck_seconds", worker=stuck) == pytest.approx(60, abs=2)
    assert scrape("request_slots_stuck_seconds", worker=free) == 0
    assert scrape("health_status", worker=stuck, probe="live") == 1


def test_started_although_no_job_was_ever_taken(idle, write):
    """A worker that starts without its database: looked at, and not ready."""
    worker = write(checks=[check("program"), check("jobs", state="fail", word="starting")])

    scrape = Scrape(idle)

    assert scrape("health_status", worker=worker, probe="startup") == 1
    assert scrape("health_status", worker=worker, probe="ready") == 0


def test_before_a_look_there_is_neither_age_nor_duration(idle, write):
    write(checks=[check("database", state="fail", word="starting", age_s=None, took_s=None)])

    scrape = Scrape(idle)

    assert scrape.all("health_check_age_seconds") == {}
    assert scrape.all("health_check_duration_seconds") == {}
    assert len(scrape.all("health_check_status")) == 1


def test_counters(idle, write):
    write(
        transitions=[["database", "fail", 3], ["database", "pass", 2]],
        probes=[["/health/ready/", 200, 41], ["/health/ready/", 503, 7]],
    )

    scrape = Scrape(idle)

    transitions = "health_check_transitions_total"
    assert scrape(transitions, worker="0", check="database", to="fail") == 3
    assert scrape(transitions, worker="0", check="database", to="pass") == 2
    probes = "health_probes_total"
    assert scrape(probes, worker="0", endpoint="/health/ready/", code="503") == 7
    for name in ("health_check_transitions", "health_probes"):
        assert scrape.families[f"jewelry_shop_{name}"].type == "counter"


def test_a_worker_whose_watchdog_is_late_vouches_for_nothing(idle, write):
    """A frozen process leaves its last good words on the board."""
    good = write()
    now_s = time.monotonic()
    frozen = write(beat_s=now_s - 6)
    gone = write(beat_s=now_s - 61)

    scrape = Scrape(idle)

    assert {dict(labels)["worker"] for labels in scrape.all("health_check_status")} == {good}
    assert scrape("sampler_beat_age_seconds", worker=good) < 1
    assert scrape("sampler_beat_age_seconds", worker=frozen) == pytest.approx(6, abs=1)
    status = {
        worker: (
            scrape("health_status", worker=worker, probe="ready"),
            scrape("health_status", worker=worker, probe="live"),
        )
        for worker in (good, frozen, gone)
    }
    assert status == {good: (1, 1), frozen: (0, 1), gone: (0, 0)}


def certificate(server, days):
    return {"measurement": "tls:daysToExpiry", "component": server, "value": days, "unit": "d"}


def test_what_was_measured_is_told_once_as_the_last_look_saw_it(idle, write):
    old = check("certificates", age_s=50.0, observed=[certificate("primary", 61)])
    new = check("certificates", age_s=3.0, observed=[certificate("primary", 89.5)])
    for one in (old, new, old):
        write(checks=[one])

    left = Scrape(idle).all("database_certificate_remaining_seconds")

    assert left == {frozenset({("server", "primary")}): 89.5 * 86_400}


def test_every_measurement_in_base_units(idle, write):
    write(
        checks=[
            check(
                "whatever",
                observed=[
                    {"measurement": one.measured_as, "component": "this", "value": 50}
                    for one in MEASUREMENTS
                ],
            )
        ]
    )

    scrape = Scrape(idle)

    for one in MEASUREMENTS:
        labels = {one.label: "this"} if one.label else {}
        assert scrape(one.name, **labels) == 50 * one.scale, one
    assert scrape("disk_used_ratio", folder="this") == 0.5


def test_a_certificate_that_nobody_shows_has_no_time_left(idle, write):
    write(
        checks=[
            check(
                "certificates", observed=[certificate("primary", 61), certificate("pooler", None)]
            )
        ]
    )

    scrape = Scrape(idle)

    assert scrape("database_certificate_remaining_seconds", server="primary") == 61 * 86_400
    assert scrape("database_certificate_remaining_seconds", server="pooler") is None
    assert scrape("database_certificate_shown", server="primary") == 1
    assert scrape("database_certificate_shown", server="pooler") == 0


def test_a_check_that_failed_has_measured_nothing(idle, write):
    write(checks=[check("certificates", state="fail", word="timeout")])

    scrape = Scrape(idle)

    assert scrape.all("database_certificate_remaining_seconds") == {}
    assert scrape.all("database_certificate_shown") == {}


@pytest.mark.django_db
def test_what_the_checks_measure_has_a_metric():
    """A look at everything there is, and a metric for each number that comes of it."""
    # How long a look took is told of every check; the slots are told with each worker; what the
    # program consists of does not change while it runs.
    left_out = re.compile(r".*:responseTime|database:role|http:connections|program:.*")
    checks = [*for_web(Facts()), *for_worker(Facts(), jobs.build(jobs.Progress()))]
    seen = {one.measurement for check in checks for one in check.look().observed}
    for check in checks:
        check.give_up()
    assert {"tls:daysToExpiry", "queue:oldest", "connections:used"} <= seen
    told = {one.measured_as for one in MEASUREMENTS}
    untold = {name for name in seen - told if not left_out.fullmatch(name)}
    assert not untold, f"add to MEASUREMENTS in apps/core/measurements.py: {untold}"


def test_the_time(idle):
    """Prometheus compares it with its own: one-time codes and certificates hang on the clock."""
    assert Scrape(idle)("time_seconds") == pytest.approx(time.time(), abs=5)


def test_the_release(idle, settings):
    settings.HEALTH = settings.HEALTH | {"RELEASE": '2026.11.23-"ab12"'}

    assert Scrape(idle)("build_info", release='2026.11.23-"ab12"', kind="web") == 1


def test_what_a_server_said_is_never_told(opened, things):
    things.found["database"] = BAD
    station = opened()
    until(lambda: on_the_board(station, database="fail"), what="failing")

    scrape = Scrape(station)

    assert "tcp.refused" in scrape.text
    assert "db.inner" not in scrape.text


def test_it_asks_nobody(idle, write, socket_disabled):
    """Nor the database: without its mark, a query would fail this test."""
    write()
    assert Scrape(idle)("draining") == 0


def test_nothing_is_left_in_the_registry_of_the_process(idle, write):
    from prometheus_client import REGISTRY

    write()
    before = {family.name for family in REGISTRY.collect()}
    metrics.page(idle)
    metrics.page(idle)
    assert {family.name for family in REGISTRY.collect()} == before
    assert not any(name.startswith("jewelry_shop") for name in before)


def test_a_page_without_any_worker(idle):
    """Another server than ours, before the first beat."""
    scrape = Scrape(idle)
    assert scrape("draining") == 0
    assert scrape.all("health_status") == {}


def test_it_is_quick_with_every_check_of_four_workers(idle, write):
    names = [f"check{number}" for number in range(17)]
    for _ in range(4):
        write(
            checks=[
                check(name, observed=[certificate("primary", 61)]) for name in ("program", *names)
            ],
            transitions=[[name, to, 1] for name in names for to in ("pass", "warn", "fail")],
            probes=[[f"/health/{name}/", 200, 1] for name in names],
        )
    spent = []
    for _ in range(5):
        began = time.process_time()
        metrics.page(idle)
        spent.append(time.process_time() - began)
    # 4 ms where nothing else runs: an order of magnitude is left to a busy machine.
    assert min(spent) < 0.04, spent


def test_the_page_is_prometheus_text(idle, write):
    write()
    assert metrics.CONTENT_TYPE == "text/plain; version=0.0.4; charset=utf-8"
    text = metrics.page(idle).decode()
    assert text.endswith("\n")
    helped = [line.split()[2] for line in text.splitlines() if line.startswith("# HELP")]
    assert len(helped) == len(set(helped))
