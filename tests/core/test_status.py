"""Who sees /status/, what it shows them, and that it is there while the database is not."""

import re
import threading
import time
from dataclasses import replace

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client

from apps.core import operators
from apps.core.sampling import entry, history, kept
from apps.core.sampling.check import Check, Observation, Reading, State
from apps.core.sampling.record import Change
from apps.core.sampling.ring import QUARTER, Cell, quarter_of
from apps.core.sampling.station import Options, Station
from apps.users.services import make_operator
from tests import make

PATIENCE_S = 10
CANARIES = ("db.internal", "jewelry_app", "5432", "hunter2", "Traceback", "tcp.refused")
DOWN = Reading(
    state=State.FAIL,
    word="unreachable",
    finding="tcp.refused",
    said='connection to "db.internal", port 5432 as jewelry_app: refused',
)


class Watched:
    """What the checks of this server find, by name."""

    def __init__(self):
        self.found = {}
        self.station = Station(
            [
                Check(
                    name=name,
                    look=lambda name=name: self.found.get(name, Reading()),
                    every_s=0.02,
                    within_s=5.0,
                    gates=name in ("database", "migrations"),
                    meaning=f"Meaning of {name}",
                )
                for name in ("database", "migrations", "replicas", "queue", "added_today")
            ],
            options=Options(),
        )

    def find(self, name, reading):
        self.found[name] = reading
        self.until(name, reading.state)

    def until(self, name, state):
        deadline = time.monotonic() + PATIENCE_S
        while not any(
            one.name == name and one.state is state and one.word != "starting"
            for one in self.station.sampler.standings()
        ):
            assert time.monotonic() < deadline, f"{name} never was {state}"
            threading.Event().wait(0.005)


@pytest.fixture
def watched(monkeypatch):
    made = Watched()
    made.station.open()
    made.until("added_today", State.PASS)
    made.until("database", State.PASS)
    monkeypatch.setattr(entry, "current", lambda: made.station)
    monkeypatch.setattr(history, "_current", None)
    yield made
    made.station.close()


def holder_of_a_pass():
    """A browser that signed in as an operator, before the database went away."""
    response = HttpResponse()

    class Operator:
        pk, is_active, is_staff = 1, True, True

    operators.give_pass(response, Operator())
    client = Client()
    client.cookies = response.cookies
    return client


@pytest.fixture
def operator(db):
    return make_operator(user=make.user(username="reza"))


@pytest.fixture
def shown(client, operator, watched):
    """The page, as the operator sees it."""

    def ask(path="/status/", **headers):
        client.force_login(operator)
        answer = client.get(path, headers=headers)
        assert answer.status_code == 200
        return answer

    return ask


def row_of(answer, name):
    """The row of a check, as it is written."""
    rows = re.findall(r'<li class="check.*?</li>', answer.text, re.DOTALL)
    (row,) = [row for row in rows if f'<span class="check__title">{name}<' in row]
    return row


class TestWhoSeesIt:
    def test_a_stranger_signs_in_first(self, client, db, watched):
        assert client.get("/status/").headers["Location"] == "/accounts/login/?next=/status/"

    def test_a_strangers_part_of_the_page_leads_to_signing_in(self, client, db, watched):
        answer = client.get("/status/", headers={"HX-Request": "true"})

        assert answer.headers["HX-Redirect"] == "/accounts/login/?next=/status/"

    def test_an_owner_of_a_shop_is_refused_with_a_sentence(self, client, owner, watched):
        client.force_login(owner.user)

        answer = client.get("/status/")

        assert answer.status_code == 403
        assert "those who run the installation" in answer.text

    def test_who_is_no_operator_any_more_loses_the_pass(self, client, operator, watched):
        client.force_login(operator)
        client.get("/status/")
        assert operators.has_pass({operators.COOKIE: client.cookies[operators.COOKIE].value})

        make_operator(user=operator, is_one=False)

        assert client.get("/status/").status_code == 403
        assert client.cookies[operators.COOKIE].value == ""

    def test_an_operator_gets_a_pass_with_each_answer(self, shown, client):
        shown()
        client.cookies.pop(operators.COOKIE)
        shown("/status/", **{"HX-Request": "true"})

        assert operators.has_pass({operators.COOKIE: client.cookies[operators.COOKIE].value})

    def test_only_reads(self, client, operator, watched):
        client.force_login(operator)

        assert client.post("/status/").status_code == 405
        assert client.head("/status/").status_code == 200

    def test_is_kept_by_no_cache(self, shown):
        assert shown().headers["Cache-Control"] == "no-store"


class TestTheWayIn:
    """Where signing in leads."""

    @pytest.fixture
    def sign_in(self, client):
        def sign(user):
            return client.post(
                "/accounts/login/",
                {"login": user.username, "password": "a long enough one"},
                follow=True,
            )

        return sign

    def test_an_operator_without_a_shop_lands_here(self, sign_in, operator, watched):
        answer = sign_in(operator)

        assert answer.redirect_chain[-1][0] == "/status/"
        assert answer.status_code == 200
        assert "The shop works." in answer.text

    def test_an_operator_who_is_a_member_lands_in_the_shop(self, sign_in, owner, watched):
        make_operator(user=owner.user)

        answer = sign_in(owner.user)

        assert answer.redirect_chain[-1][0] == "/"
        assert 'href="/status/"' in answer.text

    def test_a_member_sees_no_way_here(self, sign_in, owner, watched):
        assert 'href="/status/"' not in sign_in(owner.user).text

    def test_who_is_neither_is_told_so(self, sign_in, db, watched):
        answer = sign_in(make.user())

        assert answer.status_code == 403
        assert "not a member of any shop" in answer.text

    def test_a_page_of_a_shop_is_still_refused(self, client, operator, watched):
        client.force_login(operator)

        assert client.get("/stock/").status_code == 403


class TestWhatItShows:
    def test_a_healthy_shop_in_one_sentence(self, shown):
        answer = shown()

        assert "banner--ok" in answer.text
        assert "The shop works." in answer.text
        assert "As of" in answer.text

    def test_each_check_with_its_purpose_its_day_and_its_state(self, shown, watched):
        seen = Observation(measurement="database:responseTime", value=4.2, unit="ms")
        watched.found["database"] = Reading(observed=(seen,))
        threading.Event().wait(0.1)

        row = row_of(shown(), "Database")

        assert "Meaning of database" in row
        assert "Works" in row
        assert "4 ms" in row
        assert "Database, the last 24 hours: " in row
        assert "style=" not in row

    def test_a_check_that_was_added_today_needs_no_words_here(self, shown):
        assert "Meaning of added_today" in row_of(shown(), "Added today")

    def test_what_is_wrong_what_it_means_and_what_to_do(self, shown, watched):
        late = Observation(measurement="replication:lag", value=38.2, unit="s")
        watched.find("replicas", Reading(state=State.WARN, word="lag", observed=(late,)))

        answer = shown()

        assert "The shop works. A copy of the database is behind." in answer.text
        assert "Sales, prices and receipts are not affected." in answer.text
        row = row_of(answer, "Database copies")
        assert "Behind" in row
        assert "38 s behind" in row
        assert "Look at the copy" in row

    def test_what_happened_with_the_doctors_words(self, shown, watched):
        memory = history.current(watched.station)
        at = watched.station.opened_at
        for before, after, reading in (("pass", "fail", DOWN), ("fail", "pass", Reading())):
            memory.note(
                Change(
                    at=at,
                    check="database",
                    before=State(before),
                    after=State(after),
                    word=reading.word,
                    finding=reading.finding,
                    said=reading.said,
                )
            )
            at += QUARTER / 3

        told = shown().text.partition('id="status-events"')[2]

        assert told.index("Database: works again.") < told.index("The database cannot be reached.")
        assert "After 5 min." in told
        assert "tcp.refused" in told
        assert "db.internal" in told

    def test_what_other_servers_saw(self, shown, watched):
        kept.write(
            cells={(quarter_of(watched.station.opened_at), "jobs"): Cell(State.FAIL, "stuck")},
            changes=[],
            server="worker-1",
            kind="worker",
            at=watched.station.opened_at,
        )

        answer = shown()

        assert "Stuck" in row_of(answer, "Worker")
        assert "1 worker" in re.sub(r"<[^>]+>", "", answer.text)

    def test_what_another_server_saw_a_quarter_ago_is_not_drawn_as_now(self, shown, watched):
        at = watched.station.opened_at
        kept.write(
            cells={(quarter_of(at) - QUARTER, "jobs"): Cell(State.FAIL, "stuck")},
            changes=[],
            server="w",
            kind="worker",
            at=at,
        )

        row = row_of(shown(), "Worker")

        assert re.search(r'strip__down" d="([^"]+)"', row)[1].count("M") == 1
        assert "Stuck" in row

    def test_what_another_server_saw_mended_works(self, shown, watched):
        """A quarter keeps its worst; the row says how it is now."""
        at = watched.station.opened_at
        change = Change(at=at, check="jobs", before=State.PASS, after=State.FAIL, word="stuck")
        back = replace(change, at=at + QUARTER / 90, before=State.FAIL, after=State.PASS, word="")
        kept.write(
            cells={(quarter_of(at), "jobs"): Cell(State.FAIL, "stuck")},
            changes=[kept.Told(change=one, server="w", process=1) for one in (change, back)],
            server="w",
            kind="worker",
            at=at,
        )

        row = row_of(shown(), "Worker")

        assert "Works" in row
        assert "strip__down" in row

    def test_asks_the_same_however_many_checks_there_are(
        self, client, operator, watched, django_assert_num_queries
    ):
        client.force_login(operator)

        with django_assert_num_queries(6):  # session, user, membership; samples, changes, who
            client.get("/status/")
        with django_assert_num_queries(3):  # the tables were read a moment ago
            client.get("/status/")


class TestItsPart:
    """What htmx asks for every 15 s."""

    def test_is_no_page(self, shown):
        answer = shown("/status/", **{"HX-Request": "true"})

        assert "<html" not in answer.text
        assert 'id="status-checks"' in answer.text
        assert "hx-trigger" in answer.text

    def test_repeats_nothing_that_is_being_read(self, shown):
        asked = re.search(r'hx-get="([^"]+)"', shown().text)[1].replace("&amp;", "&")

        again = shown(asked, **{"HX-Request": "true"}).text

        assert "status-checks" in again
        assert "The shop works." not in again
        assert "What happened" not in again

    def test_says_what_has_changed(self, shown, watched):
        asked = re.search(r'hx-get="([^"]+)"', shown().text)[1].replace("&amp;", "&")
        watched.find("queue", Reading(state=State.WARN, word="late"))
        told = Change(
            at=watched.station.opened_at,
            check="queue",
            before=State.PASS,
            after=State.WARN,
            word="late",
        )
        history.current(watched.station).note(told)

        again = shown(asked, **{"HX-Request": "true"}).text

        assert "innerHTML:#status-verdict" in again
        assert "Background work is late." in again
        assert "innerHTML:#status-events" in again


class TestWithoutTheDatabase:
    """None of these may ask it: pytest-django refuses a query where no test database is asked for.

    So what a frozen server would do to a query is not a question here.
    """

    @pytest.fixture
    def away(self, watched):
        watched.find("database", DOWN)
        return watched

    def test_the_refusal_of_queries_works(self):
        with pytest.raises(RuntimeError, match="Database access not allowed"):
            connection.ensure_connection()

    def test_a_holder_of_a_pass_sees_everything(self, away):
        answer = holder_of_a_pass().get("/status/")

        assert answer.status_code == 200
        assert "The shop stands still. The database cannot be reached." in answer.text
        assert "Nothing can be sold or looked up until it is back." in answer.text
        assert "This page is shown from memory." in answer.text
        assert "Cannot be reached" in row_of(answer, "Database")
        assert "Database, the last 24 hours: " in answer.text

    def test_the_part_of_the_page_too(self, away):
        answer = holder_of_a_pass().get("/status/", headers={"HX-Request": "true"})

        # Not 503: the page's own script would take that for a server that is gone.
        assert answer.status_code == 200
        assert 'id="status-checks"' in answer.text

    def test_strips_come_from_what_was_read_last(self, away):
        memory = history.current(away.station)
        quarter = quarter_of(away.station.opened_at) - 8 * QUARTER
        memory._past = kept.Past(
            read_at=away.station.opened_at,
            cells={(quarter, "queue"): Cell(State.WARN, "late")},
        )

        answer = holder_of_a_pass().get("/status/")

        assert "slow or late between" in row_of(answer, "Background work")
        assert "The database was last read today" in answer.text

    @pytest.mark.parametrize("cookies", [{}, {"operator": "1:forged:x"}, {"sessionid": "a" * 32}])
    def test_anybody_else_sees_names_and_states(self, away, cookies):
        client = Client()
        for name, value in cookies.items():
            client.cookies[name] = value

        answer = client.get("/status/")

        assert answer.status_code == 200
        assert "Down" in row_of(answer, "Database")
        assert "These are names and states only." in answer.text
        assert "cannot be reached" not in answer.text
        assert not [word for word in CANARIES if word in answer.text]

    def test_it_answers_at_once(self, away):
        client = holder_of_a_pass()
        client.get("/status/")  # loads the templates
        took = []
        for _ in range(5):
            began = time.monotonic()
            client.get("/status/")
            took.append(time.monotonic() - began)

        assert min(took) < 0.1, took


@pytest.mark.django_db(transaction=True)
class TestWhenItGoesAway:
    """It is away, and nobody has noticed yet."""

    def test_while_the_session_is_read(self, watched):
        client = holder_of_a_pass()
        client.force_login(make_operator(user=make.user()))
        link, port = connection.settings_dict, connection.settings_dict["PORT"]
        connection.close()
        link["PORT"] = 1
        try:
            answer = client.get("/status/")
        finally:
            connection.close()
            link["PORT"] = port

        assert answer.status_code == 200
        assert "This page is shown from memory." in answer.text

    def test_while_the_tables_are_read(self, client, watched, monkeypatch):
        client.force_login(make_operator(user=make.user()))
        client.get("/status/")
        monkeypatch.setattr(history.History, "refresh", _gone)

        answer = client.get("/status/")

        assert answer.status_code == 200
        assert "This page is shown from memory." in answer.text


def _gone(self):
    raise OperationalError("server closed the connection unexpectedly")


def test_signing_in_leads_to_a_page_that_sends_operators_on():
    """apps.shops.access looks for this name."""
    assert settings.LOGIN_REDIRECT_URL == "home"
