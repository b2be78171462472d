"""Pieces go out on approval and come back by scanner alone, in a real browser."""

from django.utils import timezone
from playwright.sync_api import expect

from apps.customers.services import add_customer
from apps.inventory.models import Piece
from apps.shops.scope import shop_scope
from tests.journeys.conftest import Till


def state(shop, tag):
    with shop_scope(shop.pk):
        return Piece.objects.get(tag=tag).state


def test_lent_kept_and_back_by_scanner(shop, signed_in, page, live_server):
    with shop_scope(shop.pk):
        add_customer(name="Sara Haddad", by=shop.members.get(), at=timezone.now())
    scanner = Till(page, live_server.url)

    page.goto(f"{live_server.url}/counter/lend/")
    page.get_by_label("Name or phone").fill("sara")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Sara Haddad").click()
    expect(page.get_by_label("Tags")).to_be_visible()
    scanner.scan("R10482", wait=False)
    scanner.scan("B20917", layout="persian", wait=False)
    scanner.scan("R10482", wait=False)
    expect(page.get_by_label("Tags")).to_have_value("R10482\nB20917\n")
    page.get_by_role("button", name="Show the pieces").click()
    page.get_by_label("What is agreed about B20917").select_option("total")
    page.get_by_label("Agreed amount of B20917").fill("۹٬۵۰۰")
    page.get_by_label("Reason").fill("For her mother to see")
    page.get_by_role("button", name="Lend them").click()
    expect(page.get_by_role("heading", name="Memo 1-MO000001")).to_be_visible()
    assert state(shop, "R10482") == "on_memo"

    scanner.scan("R10482", wait=False)
    expect(page.locator("#ticked-count")).to_have_text("1 / 2")
    scanner.scan("C33150", wait=False)
    expect(page.get_by_label("Tags")).to_have_value("C33150\n")
    page.get_by_role("button", name="Take them back").click()
    expect(page.get_by_text("C33150 is not on memo")).to_be_visible()
    assert state(shop, "R10482") == "on_memo"
    page.get_by_label("Tags").fill("")
    page.get_by_role("button", name="Take them back").click()
    expect(page.get_by_text("1 piece came back")).to_be_visible()
    assert state(shop, "R10482") == "in_stock"

    scanner.scan("B20917", wait=False)
    page.get_by_role("button", name="They keep them").click()
    expect(page.locator("#lines > .line")).to_have_count(1)
    expect(page.locator("#left")).to_contain_text("9,500")
