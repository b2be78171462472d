"""A drawer's day in a browser: opened, counted blind by a clerk's hands, signed, corrected.

And what eyes and readers need of its pages: axe finds nothing, nothing scrolls sideways.
"""

import re
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from apps.inventory.models import Place
from apps.ledger import chart
from apps.shops.scope import shop_scope
from apps.till.policy import set_till_rules
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.test_accessibility import RULES, SMALL, look
from tests.till import days


@pytest.fixture
def drawer(shop, signed_in, page, live_server):
    """The page of the till of a shop that takes dollars too and has a tray."""
    with shop_scope(shop.pk):
        owner = shop.members.get()
        now = timezone.now()
        set_till_rules(currencies=["USD"], open_first=False, by=owner, at=now)
        Place.objects.create(branch=days.till().branch, name="Tray 1, rings", kind="tray")
    page.goto(f"{live_server.url}/till/")
    return page


def opened(page):
    page.get_by_role("link", name="Open the till").click()
    page.get_by_label("100 AED").fill("4")
    page.get_by_label("0.25 AED").fill("6")
    page.get_by_label("1,000 AED").fill("1")
    expect(page.locator("[data-drawer-total]").first).to_have_text("1,401.50")
    page.get_by_label("1,000 AED").fill("")
    expect(page.locator("[data-drawer-total]").first).to_have_text("401.50")
    page.get_by_role("button", name="Open the till").click()
    expect(page.get_by_role("heading", name="Till 1 is open")).to_be_visible()


def taken(shop):
    """What the counter's documents brought and gave."""
    with shop_scope(shop.pk):
        owner, now = shop.members.get(), timezone.now()
        days.paid("300", by=owner, at=now)
        days.paid("-42.25", by=owner, at=now, what="return", kind="R")
        days.paid("1200", by=owner, at=now, account=chart.CARD)
        days.paid("120", by=owner, at=now, commodity="USD")
        days.moved("20", by=owner, at=now, out=True, reason="Cleaning cloths for the window")


def counted(page):
    """Figures typed one under the other: Enter goes down and sends nothing."""
    page.get_by_role("link", name=re.compile("Close the till|Count again")).click()
    page.get_by_label("500 AED").fill("1")
    page.keyboard.press("Enter")
    expect(page.get_by_label("200 AED")).to_be_focused()
    page.get_by_label("100 AED").fill("۱")
    page.locator("input[name='cash-AED-other']").fill("27")
    page.get_by_label("20 USD", exact=True).fill("6")
    page.get_by_label("Card slips, added up").fill("1,200")
    expect(page.locator("[data-drawer-total]").first).to_have_text("627.00")
    page.get_by_role("button", name="Send count").click()


def test_a_day_of_the_drawer(drawer, shop, live_server):
    page = drawer
    opened(page)
    taken(shop)
    counted(page)

    expect(page.get_by_role("row", name="Cash, AED")).to_contain_text("Short −12.25")
    expect(page.get_by_role("row", name="Card")).to_contain_text("Agrees")
    expect(page.get_by_text("Not counted: Tray 1, rings.")).to_be_visible()
    page.get_by_role("button", name="Sign and close").click()
    expect(page.get_by_text("There is no reason. Write why.")).to_be_visible()
    page.get_by_label("Reason").fill("Change given twice")
    page.get_by_role("button", name="Sign and close").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("1-Z000001")

    page.get_by_text("Correct this close").click()
    page.get_by_label("By how much").fill("12.25")
    page.get_by_label("Reason").fill("It lay under the tray")
    page.get_by_role("button", name="Write the correction").click()
    expect(page.get_by_text("1-K000001", exact=True)).to_be_visible()
    with shop_scope(shop.pk):
        assert days.balance(chart.CASH) == days.balance(chart.OVER_SHORT) == 0
        assert days.books_balance()


def test_its_pages_are_for_everybody(drawer, shop, context, live_server):
    page, url = drawer, live_server.url
    opened(page)
    taken(shop)
    counted(page)
    paths = (
        "/till/",
        "/till/cash/",
        "/till/cash/1-M000002/",
        "/till/x/",
        "/till/close/",
        "/till/close/compare/",
        "/till/policy/",
    )
    seen = [f"{url}{path}" for path in paths]
    found = looked_at(page, context, url, seen)
    look(context, url, language="en", theme="light")
    page.set_viewport_size(DESK)
    page.goto(f"{url}/till/close/compare/")
    page.get_by_label("Reason").fill("Change given twice")
    page.get_by_role("button", name="Sign and close").click()
    page.get_by_role("heading", name="Counted against expected").wait_for()
    closed = [
        f"{url}{path}" for path in ("/till/", "/till/open/", "/till/z/", "/till/z/1-Z000001/")
    ]
    found += looked_at(page, context, url, closed)
    assert not found, "\n".join(found)


def looked_at(page, context, url, addresses):
    """What axe finds, and what scrolls sideways on a small phone."""
    axe, found = Axe(), []
    for language, theme in product(("en", "fa"), ("light", "dark")):
        look(context, url, language=language, theme=theme)
        for address in addresses:
            page.goto(address)
            for size in (DESK, PHONE):
                page.set_viewport_size(size)
                answer = axe.run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
                assert answer.response["passes"], "axe looked at nothing"
                where = f"{address} {language} {theme} {size['width']} px"
                found += [
                    f"{where}: {rule['id']}: {node['html'][:200]}"
                    for rule in answer.response["violations"]
                    for node in rule["nodes"]
                ]
            page.set_viewport_size(SMALL)
            width = page.evaluate("document.scrollingElement.scrollWidth")
            if width > SMALL["width"]:
                found.append(f"{address} {language}: {width} px wide")
            page.set_viewport_size(DESK)
    return found
