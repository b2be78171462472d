"""An operator watches a database that goes and comes back; axe finds nothing in any of it."""

from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from apps.core.sampling import entry, history
from apps.core.sampling.check import Observation, Reading, State
from apps.core.sampling.record import Change
from apps.core.sampling.ring import QUARTER, Cell, last_quarters
from apps.users.services import make_operator
from tests import make
from tests.core.test_status import DOWN, Watched
from tests.journeys.conftest import DESK, PASSWORD, PHONE
from tests.journeys.test_accessibility import RULES, look

TABLET = {"width": 834, "height": 1112}
SMALL = {"width": 320, "height": 640}


@pytest.fixture
def watched(monkeypatch, page):
    """A server whose checks find what a test says, with a day behind it."""
    made = Watched()
    made.station.open()
    made.until("added_today", State.PASS)
    made.until("database", State.PASS)
    monkeypatch.setattr(entry, "current", lambda: made.station)
    monkeypatch.setattr(history, "_current", None)
    memory = history.current(made.station)
    quarters = last_quarters(made.station.opened_at)
    for quarter in quarters[8:-1]:
        memory._ring.see("queue", Cell(State.PASS), at=quarter)
    memory._ring.see("queue", Cell(State.WARN, "late"), at=quarters[40])
    memory._ring.see("database", Cell(State.FAIL, "unreachable"), at=quarters[60])
    for before, after, reading in (("pass", "fail", DOWN), ("fail", "pass", Reading())):
        memory._own.append(
            history.Told(
                change=Change(
                    at=quarters[60] + (QUARTER / 3 if after == "pass" else QUARTER / 5),
                    check="database",
                    before=State(before),
                    after=State(after),
                    word=reading.word,
                    finding=reading.finding,
                    said=reading.said,
                ),
                server="web-1",
                process=1,
            )
        )
    yield made
    # Or the page asks once more, and wakes this process's own station, which asks the database.
    page.route("**/status/**", lambda route: route.abort())
    page.wait_for_load_state("networkidle")
    page.goto("about:blank")
    made.station.close()


@pytest.fixture
def operator(transactional_db):
    return make_operator(user=make.user(username="reza", password=PASSWORD))


@pytest.fixture
def status(page, live_server, operator, watched):
    """The page, open, after signing in at the door."""
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_label("User name").fill("reza")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/status/")
    return page


def ask_again(page):
    """As in 15 seconds, or as on coming back to the tab."""
    with page.expect_response(lambda answer: "/status/?" in answer.url):
        page.evaluate("htmx.trigger('#status-checks', 'seen')")


def test_an_operator_without_a_shop_watches_the_database_go_and_come_back(status, watched):
    expect(status.locator("#status-verdict")).to_contain_text("The shop works.")

    watched.find("database", DOWN)
    ask_again(status)
    expect(status.locator("#status-verdict")).to_contain_text("The shop stands still.")
    expect(status.locator("#status-verdict")).to_contain_text("shown from memory")
    expect(status.get_by_text("Cannot be reached", exact=True)).to_be_visible()

    status.reload()
    expect(status.locator("#status-verdict")).to_contain_text("The shop stands still.")

    watched.find("database", Reading())
    ask_again(status)
    expect(status.locator("#status-verdict")).to_contain_text("The shop works.")
    expect(status.locator("#status-verdict")).not_to_contain_text("memory")


def test_what_is_being_read_stays_open_and_keeps_the_focus(status, watched):
    opener = status.locator("#status-events summary").first
    opener.focus()
    status.keyboard.press("Enter")
    expect(status.get_by_text("db.internal")).to_be_visible()

    watched.find("queue", Reading(state=State.WARN, word="late"))
    ask_again(status)

    expect(status.locator("#status-verdict")).to_contain_text("Background work is late.")
    expect(status.get_by_text("db.internal")).to_be_visible()
    expect(opener).to_be_focused()


def test_nobody_looks_nobody_asks(status):
    asked = []
    status.on("request", lambda request: asked.append(request.url))
    status.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    status.evaluate("htmx.trigger('#status-checks', 'seen')")
    status.evaluate("new Promise((done) => setTimeout(done, 200))")
    assert not [url for url in asked if "/status/" in url]

    status.evaluate("Object.defineProperty(document, 'hidden', {value: false})")
    with status.expect_response(lambda answer: "/status/?" in answer.url):
        status.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_without_script_there_is_a_link(status, browser, live_server):
    context = browser.new_context(java_script_enabled=False, viewport=DESK)
    context.add_cookies(status.context.cookies())
    page = context.new_page()
    page.goto(f"{live_server.url}/status/")

    expect(page.get_by_text("refreshes every")).to_be_hidden()
    page.get_by_role("link", name="Refresh").click()
    expect(page.locator("#status-verdict")).to_contain_text("The shop works.")
    context.close()


def conditions(watched):
    """What there is to see, one after the other; a healthy page is the first with less on it."""
    late = Observation(measurement="replication:lag", component="replica", value=38.0, unit="s")
    watched.find("replicas", Reading(state=State.WARN, word="lag", observed=(late,)))
    yield "late"
    watched.find("database", DOWN)
    yield "down"


def test_axe_finds_nothing_and_nothing_scrolls_sideways(status, watched, live_server):
    axe, wrong = Axe(), []
    url = f"{live_server.url}/status/"
    for condition in conditions(watched):
        for language, theme in product(("en", "fa"), ("light", "dark")):
            look(status.context, live_server.url, language=language, theme=theme)
            status.goto(url)
            for opener in status.locator("#status-events summary").all():
                opener.click()
            for size in (TABLET, SMALL):
                status.set_viewport_size(size)
                width = status.evaluate("document.scrollingElement.scrollWidth")
                if width > size["width"]:
                    wrong.append(f"{condition} {language}: {width} of {size['width']} px")
            for size in (DESK, PHONE):
                status.set_viewport_size(size)
                where = f"{condition} {language} {theme} {size['width']} px"
                answer = axe.run(status, options={"runOnly": RULES})
                assert answer.response["passes"], "axe looked at nothing"
                wrong += [
                    f"{where}: {rule['id']}: {node['html'][:200]}"
                    for rule in answer.response["violations"]
                    for node in rule["nodes"]
                ]
    assert not wrong, "\n".join(wrong)


def test_axe_finds_nothing_for_strangers_while_the_database_is_away(page, live_server, watched):
    watched.find("database", DOWN)
    page.goto(f"{live_server.url}/status/")
    expect(page.get_by_text("These are names and states only.")).to_be_visible()

    for size in (DESK, SMALL):
        page.set_viewport_size(size)
        assert Axe().run(page, options={"runOnly": RULES}).response["violations"] == []
        assert page.evaluate("document.scrollingElement.scrollWidth") <= size["width"]
