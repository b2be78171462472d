"""Requests that miss a database that is there: for that, and nothing else, a restart helps."""

import time

import pytest
from django.db import OperationalError, connection

from apps.core.health import Question, answer
from apps.core.pages import answer_unavailable
from apps.core.sampling import entry, wedge
from apps.core.sampling import station as stations
from apps.core.sampling.check import Check, Reading, State
from apps.core.sampling.wedge import Wedge, ending
from apps.shops.scope import shop_scope

AWAY = Reading(state=State.FAIL, word="refused")
MINUTES = 10


@pytest.fixture
def now():
    return [1000.0]


@pytest.fixture
def counted(now):
    return Wedge(clock=lambda: now[0])


@pytest.fixture
def is_stuck(counted):
    return lambda: counted.is_stuck(for_s=MINUTES * 60)


def minutes_pass(now, minutes, each=lambda: None):
    for _ in range(minutes):
        each()
        now[0] += 60


class TestWedge:
    def test_nothing_has_happened(self, is_stuck, now):
        minutes_pass(now, 20)
        assert not is_stuck()

    def test_every_request_misses_for_long_enough(self, counted, is_stuck, now):
        minutes_pass(now, MINUTES - 1, counted.missed)
        counted.missed()
        assert not is_stuck()
        now[0] += 60
        assert is_stuck()

    def test_one_that_reaches_it_begins_the_count_anew(self, counted, is_stuck, now):
        minutes_pass(now, MINUTES, counted.missed)
        assert is_stuck()
        counted.reached()
        assert not is_stuck()
        minutes_pass(now, MINUTES - 1, counted.missed)
        assert not is_stuck()

    def test_a_few_are_no_pattern(self, counted, is_stuck, now):
        counted.missed()
        now[0] += MINUTES * 60
        counted.missed()
        assert not is_stuck()

    def test_old_ones_prove_nothing(self, counted, is_stuck, now):
        """Nobody asked since: whether the next one would reach it is not known."""
        minutes_pass(now, MINUTES, counted.missed)
        now[0] += MINUTES * 60
        assert not is_stuck()


class TestLooks:
    def look(self, counted, look):
        check = Check(name="database", look=look, every_s=1.0, within_s=0.8, gates=True)
        return ending(counted, check)

    def test_a_database_that_is_away_ends_the_count(self, counted, is_stuck, now):
        minutes_pass(now, MINUTES, counted.missed)
        watched = self.look(counted, lambda: AWAY)

        assert watched.look() == AWAY
        assert not is_stuck()

    def test_so_does_a_look_that_fails_itself(self, counted, is_stuck, now):
        minutes_pass(now, MINUTES, counted.missed)

        with pytest.raises(ZeroDivisionError):
            self.look(counted, lambda: 1 / 0).look()
        assert not is_stuck()

    def test_one_that_is_there_does_not(self, counted, is_stuck, now):
        minutes_pass(now, MINUTES, counted.missed)

        for found in (Reading(), Reading(state=State.WARN, word="late")):
            assert self.look(counted, lambda found=found: found).look() == found
        assert is_stuck()

    def test_the_rest_of_the_check_stays(self, counted):
        watched = self.look(counted, Reading)
        assert (watched.name, watched.within_s, watched.gates) == ("database", 0.8, True)


class TestPages:
    """Who tells: the page that answers without the database, and the scope that reached it."""

    @pytest.fixture
    def of_pages(self, now, monkeypatch):
        counted = Wedge(clock=lambda: now[0])
        monkeypatch.setattr(wedge, "of_pages", counted)
        return counted

    def test_a_page_without_the_database_is_a_miss(self, of_pages, rf):
        answer_unavailable(rf.get("/"), OperationalError("away"))

        assert of_pages._misses == 1

    def test_a_shop_s_page_has_reached_it(self, of_pages, shop):
        of_pages.missed()
        with shop_scope(shop.pk):
            assert of_pages._misses == 0

    @pytest.mark.django_db(transaction=True)
    def test_a_scope_that_cannot_be_opened_has_not(self, of_pages, monkeypatch):
        of_pages.missed()
        port = connection.settings_dict["PORT"]
        connection.close()
        monkeypatch.setitem(connection.settings_dict, "PORT", 1)
        with pytest.raises(OperationalError), shop_scope(1):
            pass
        monkeypatch.setitem(connection.settings_dict, "PORT", port)
        assert of_pages._misses == 1


class TestLiveness:
    """With the real entry, so that the setting is what switches it on."""

    @pytest.fixture
    def live(self, settings, monkeypatch):
        found = [Reading()]
        counted = Wedge()
        check = Check(
            name="database", look=lambda: found[0], every_s=0.01, within_s=5.0, gates=True
        )
        monkeypatch.setattr(entry, "of_pages", counted)
        monkeypatch.setattr(entry, "for_web", lambda facts: [check])
        entry.close()

        def open_with(minutes):
            settings.HEALTH = {**settings.HEALTH, "WEDGED_AFTER_MINUTES": minutes}
            station = entry.open_web(slots=4, stuck_after_s=30, with_port=False)

            def ask():
                return answer(Question(method="GET", path="/health/live/"), station).body

            return station, counted, found, ask

        yield open_with
        entry.close()

    def wait_for(self, body, ask, each):
        deadline = time.monotonic() + 10
        while ask() != body:
            each()
            assert time.monotonic() < deadline, ask()
            time.sleep(0.01)

    def test_wedged_and_mended(self, live):
        _, counted, _, ask = live(0.1 / 60)

        assert ask() == b'{"status":"pass"}'
        self.wait_for(b'{"status":"fail","failing":["wedged"]}', ask, counted.missed)
        counted.reached()
        assert ask() == b'{"status":"pass"}'

    def test_not_while_the_database_is_away_for_everybody(self, live):
        station, counted, found, ask = live(0.1 / 60)
        found[0] = AWAY
        until = time.monotonic() + 0.5
        while time.monotonic() < until:
            counted.missed()
            assert ask() == b'{"status":"pass"}'
            time.sleep(0.01)
        assert station.ready()[3].word == "refused"

    def test_off_unless_asked_for(self, live):
        station, counted, _, ask = live(0)
        until = time.monotonic() + 0.3
        while time.monotonic() < until:
            counted.missed()
            assert ask() == b'{"status":"pass"}'
            time.sleep(0.01)
        assert [one.name for one in station.live()] == ["sampler", "workers"]
        assert stations.opened(pytest.fail) is station
