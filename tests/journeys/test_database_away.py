"""The database goes away while somebody is at the counter: for real, its connections are cut."""

import re
import threading

import pytest
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from playwright.sync_api import expect

from apps.core.sampling import entry
from apps.ledger.models import Entry
from apps.sales.models import Sale
from apps.sales.views import finish
from apps.shops.scope import shop_scope
from tests.health.links import Proxy

BACK_MS = 40_000  # the page's longest wait, and the server's own until it says that it is ready
FINISHED = re.compile("Sale 1-000001 is finished")


class Link(Proxy):
    """The only way from the shop to its database."""

    def go_away(self):
        self.refuse()
        self.cut()

    def come_back(self):
        self.listen()


@pytest.fixture
def link(live_server, transactional_db):
    """A proxy before the database, for every connection that the shop opens from now on."""
    connection.ensure_connection()  # the test's own goes past it
    login = connection.settings_dict
    port = login["PORT"]
    proxy = Link(int(port))
    entry.close()  # the checks of health come this way too
    login["PORT"] = str(proxy.port)
    yield proxy
    entry.close()
    login["PORT"] = port
    proxy.close()


@pytest.fixture
def paid(link, till):
    """Two pieces on the counter, paid to the last coin, and not finished."""
    till.scan("C33150")
    till.scan("B20917")
    till.page.keyboard.press("F4")
    till.page.keyboard.press("Enter")
    expect(till.left).to_contain_text("Left to pay 0.00")
    return till


def in_the_books(shop):
    """The sales, and the entries of sales."""
    with shop_scope(shop.pk):
        return (
            list(Sale.objects.values_list("code", flat=True)),
            list(Entry.objects.filter(what="sale").values_list("reference", flat=True)),
        )


def test_a_finish_waits_for_the_database_and_is_one_sale(paid, link, shop):
    link.go_away()
    paid.finish()

    expect(paid.page.get_by_text("No connection since")).to_be_visible()
    expect(paid.page.get_by_text("What is on this screen is safe.")).to_be_visible()
    expect(paid.page.get_by_role("alert")).to_have_count(1)
    expect(paid.lines).to_have_count(2)
    expect(paid.page.locator("#finish")).to_have_attribute("aria-disabled", "true")
    assert in_the_books(shop) == ([], [])

    link.come_back()

    expect(paid.page.get_by_role("heading", name=FINISHED)).to_be_visible(timeout=BACK_MS)
    expect(paid.page.get_by_text("No connection since")).to_have_count(0)
    assert in_the_books(shop) == (["1-000001"], ["1-000001"])


def test_a_finish_whose_commit_was_not_answered_is_one_sale(paid, link, shop, monkeypatch):
    """The worst moment: the sale is in the books, and the shop cannot know it."""
    commit, told = BaseDatabaseWrapper._commit, []
    sold = threading.local()

    def sell(**order):
        sold.now = True
        return finish_sale(**order)

    def commit_unheard(database):
        commit(database)
        if getattr(sold, "now", False) and not told:
            told.append(database.alias)
            link.go_away()
            raise OperationalError("server closed the connection unexpectedly")

    finish_sale = finish.finish_sale
    monkeypatch.setattr(finish, "finish_sale", sell)
    monkeypatch.setattr(BaseDatabaseWrapper, "_commit", commit_unheard)
    paid.finish()

    expect(paid.page.get_by_text("No connection since")).to_be_visible()
    expect(paid.lines).to_have_count(2)
    assert told
    link.come_back()

    expect(paid.page.get_by_role("heading", name=FINISHED)).to_be_visible(timeout=BACK_MS)
    assert in_the_books(shop) == (["1-000001"], ["1-000001"])


def test_scans_wait_for_the_database_and_come_in_order(link, till):
    till.scan("C33150")
    expect(till.lines).to_have_count(1)
    link.go_away()
    till.scan("B20917", wait=False)
    expect(till.page.get_by_text("No connection since")).to_be_visible()
    till.scan("R10482", wait=False)
    expect(till.lines.filter(has_text="C33150")).to_have_count(1)

    link.come_back()

    expect(till.lines.filter(has_text="B20917")).to_have_count(1, timeout=BACK_MS)
    expect(till.lines.filter(has_text="R10482")).to_have_count(1)
    expect(till.refused).to_have_count(0)


@pytest.mark.parametrize("status", [502, 504])
def test_a_gateway_that_gave_up_is_asked_and_not_believed(till, shop, status):
    """The answer of what stands before the shop: nobody knows whether the sale was made."""
    till.scan("C33150")
    till.page.keyboard.press("F4")
    till.page.keyboard.press("Enter")
    expect(till.left).to_contain_text("Left to pay 0.00")

    def give_up(route):
        route.fetch()  # the shop hears it
        route.fulfill(status=status, body="<h1>upstream</h1>", content_type="text/html")

    till.page.route("**/counter/finish/", give_up)
    till.page.route("**/counter/outcome/*", lambda route: route.abort())
    till.finish()

    expect(till.page.get_by_text("Do not take payment again.")).to_be_visible()
    expect(till.lines).to_have_count(1)
    expect(till.page.get_by_text("That did not work")).to_have_count(0)
    till.page.unroute("**/counter/outcome/*")
    expect(till.page.get_by_role("heading", name=FINISHED)).to_be_visible(timeout=BACK_MS)
    assert in_the_books(shop) == (["1-000001"], ["1-000001"])
