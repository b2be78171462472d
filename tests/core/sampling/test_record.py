"""What looks at one check are worth: expiry, deadlines, hysteresis. The clock is the test's."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.core.sampling.check import Check, Reading, State
from apps.core.sampling.record import Record

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
GOOD = Reading()
LATE = Reading(state=State.WARN, word="late")
REFUSED = Reading(state=State.FAIL, word="refused")


class Watched:
    """A record with a clock of its own, in seconds from START."""

    def __init__(self, *, returns_after_s=0.0, **check):
        self.s = 0.0
        self.changes = []
        given = {"every_s": 1.0, "within_s": 0.8, "gates": True} | check
        self.record = Record(
            check=Check(name="database", look=Reading, **given),
            now=START,
            returns_after_s=returns_after_s,
            tell=self.changes.append,
        )

    @property
    def now(self):
        return START + timedelta(seconds=self.s)

    def look(self, reading, *, takes=0.01):
        self.record.begin(at_s=self.s)
        self.s += takes
        self.record.end(reading, at_s=self.s, now=self.now)

    def wait(self, seconds):
        self.s += seconds
        self.record.settle(at_s=self.s, now=self.now)

    @property
    def standing(self):
        return self.record.standing(at_s=self.s)

    @property
    def state_and_word(self):
        return str(self.standing.state), self.standing.word


@pytest.fixture
def watched():
    return Watched()


def test_before_the_first_look_it_does_not_pass(watched):
    assert watched.state_and_word == ("fail", "starting")
    assert watched.standing.age_s is None


def test_coming_up_is_no_news(watched):
    watched.look(GOOD)
    assert watched.state_and_word == ("pass", "")
    assert watched.changes == []


def test_worse_is_believed_at_once_better_after_two_looks(watched):
    watched.look(GOOD)
    watched.look(REFUSED)
    assert watched.state_and_word == ("fail", "refused")
    watched.look(GOOD)
    assert watched.state_and_word == ("fail", "refused")
    watched.look(GOOD)
    assert watched.state_and_word == ("pass", "")
    assert [(str(c.before), str(c.after), c.word) for c in watched.changes] == [
        ("pass", "fail", "refused"),
        ("fail", "pass", ""),
    ]


def test_one_good_look_between_bad_ones_does_not_count(watched):
    for reading in (REFUSED, GOOD, REFUSED, GOOD, REFUSED, GOOD):
        watched.look(reading)
    assert watched.state_and_word == ("fail", "refused")


def test_out_of_a_warning_too_after_two_looks(watched):
    watched.look(GOOD)
    watched.look(LATE)
    watched.look(GOOD)
    assert watched.state_and_word == ("warn", "late")
    watched.look(GOOD)
    assert watched.state_and_word == ("pass", "")


def test_from_failing_to_warning_is_better_and_waits_as_well(watched):
    watched.look(REFUSED)
    watched.look(LATE)
    assert watched.state_and_word == ("fail", "refused")
    watched.look(LATE)
    assert watched.state_and_word == ("warn", "late")


def test_another_cause_of_the_same_state_is_a_change(watched):
    watched.look(REFUSED)
    watched.look(Reading(state=State.FAIL, word="auth", finding="auth.password"))
    assert watched.changes[-1].word == "auth"
    assert watched.changes[-1].finding == "auth.password"


def test_the_same_cause_again_is_no_change_but_is_counted(watched):
    for _ in range(3):
        watched.look(REFUSED)
    assert len(watched.changes) == 1
    assert watched.standing.in_a_row == 3


def test_past_its_deadline_the_reader_takes_it_for_failed(watched):
    watched.look(GOOD)
    watched.record.begin(at_s=watched.s)
    watched.s += 0.79
    assert watched.state_and_word == ("pass", "")
    watched.s += 0.02
    assert watched.state_and_word == ("fail", "timeout")
    assert watched.changes == [], "reading is not writing"


def test_a_deadline_that_passed_is_written_down_once(watched):
    watched.look(GOOD)
    watched.record.begin(at_s=watched.s)
    for _ in range(5):
        watched.wait(1.0)
    assert [c.word for c in watched.changes] == ["timeout"]
    assert watched.standing.in_a_row == 1


def test_what_a_late_look_found_is_not_believed(watched):
    """A page that waited this long would have given up as well."""
    watched.look(GOOD)
    watched.look(GOOD, takes=3.0)
    assert watched.state_and_word == ("fail", "timeout")


def test_a_timeout_in_the_middle_of_a_return_starts_it_again(watched):
    watched.look(REFUSED)
    watched.look(GOOD)
    watched.record.begin(at_s=watched.s)
    watched.wait(1.0)
    watched.record.end(GOOD, at_s=watched.s, now=watched.now)
    watched.look(GOOD)
    assert watched.standing.state is State.FAIL
    watched.look(GOOD)
    assert watched.standing.state is State.PASS


def test_an_old_pass_is_not_a_pass(watched):
    watched.look(GOOD)
    watched.s += watched.record.check.expires_after_s - 0.01
    assert watched.standing.state is State.PASS
    watched.s += 0.02
    assert watched.state_and_word == ("fail", "stale")


def test_an_old_warning_is_no_better_and_its_return_begins_anew(watched):
    watched.look(LATE)
    watched.look(GOOD)
    watched.wait(watched.record.check.expires_after_s + 0.01)
    assert watched.state_and_word == ("fail", "stale")
    watched.look(GOOD)
    assert watched.state_and_word == ("fail", "stale"), "what came before was too long ago"
    watched.look(GOOD)
    assert watched.state_and_word == ("pass", "")


@pytest.mark.parametrize(
    ("every_s", "within_s", "expires_after_s"), [(1.0, 0.8, 2.6), (10.0, 2.0, 25.0)]
)
def test_how_old_is_too_old(every_s, within_s, expires_after_s):
    check = Check(name="database", look=Reading, every_s=every_s, within_s=within_s)
    assert check.expires_after_s == pytest.approx(expires_after_s)


def test_an_old_failure_keeps_its_cause(watched):
    watched.look(REFUSED)
    watched.s += 1000
    assert watched.state_and_word == ("fail", "refused")


def test_a_healthy_cadence_never_expires(watched):
    for _ in range(20):
        watched.look(GOOD, takes=0.79)
        watched.s += watched.record.check.every_s
        assert watched.standing.state is State.PASS


def test_a_latched_check_is_not_looked_at_again_and_does_not_expire():
    watched = Watched(latch=True)
    watched.look(Reading(state=State.FAIL, word="pending"))
    assert watched.record.next_at() is not None
    watched.look(GOOD)
    watched.look(GOOD)
    assert watched.record.next_at() is None
    watched.s += 1_000_000
    assert watched.standing.state is State.PASS


def test_what_is_not_well_is_looked_at_sooner():
    watched = Watched(every_s=60.0, gates=False)
    watched.look(GOOD)
    assert watched.record.next_at() == watched.s + 60
    watched.look(LATE)
    assert watched.record.next_at() == watched.s + 5
    watched.look(GOOD)
    assert watched.record.next_at() == watched.s + 5, "one good look is no return yet"
    watched.look(GOOD)
    assert watched.record.next_at() == watched.s + 60


def test_what_is_looked_at_often_is_not_looked_at_less_often_while_bad(watched):
    watched.look(REFUSED)
    assert watched.record.next_at() == watched.s + 1


def test_a_return_to_readiness_is_held_back():
    watched = Watched(returns_after_s=4.0)
    watched.look(REFUSED)
    for _ in range(4):
        watched.look(GOOD)
        watched.s += 0.99
    assert watched.standing.state is State.FAIL
    watched.s += 0.04
    watched.look(GOOD)
    assert watched.standing.state is State.PASS


def test_what_only_warns_is_not_held_back():
    watched = Watched(returns_after_s=4.0, gates=False)
    watched.look(REFUSED)
    watched.look(GOOD)
    watched.look(GOOD)
    assert watched.standing.state is State.PASS


def test_a_reading_has_a_cause_exactly_when_it_does_not_pass():
    with pytest.raises(ValueError, match="cause"):
        Reading(state=State.FAIL)
    with pytest.raises(ValueError, match="cause"):
        Reading(word="timeout")
    with pytest.raises(ValueError, match="not one of the words"):
        Reading(state=State.FAIL, word="db.internal: connection refused")
