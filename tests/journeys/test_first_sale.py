"""The first day: sign in, set the rate, take a piece in, sell it, hand over the receipt."""

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from tests import make
from tests.journeys.conftest import PASSWORD, Till


@pytest.fixture
def empty_shop(transactional_db):
    """A shop on its first day: an owner, a till, nothing else."""
    shop = make.shop(name="Harbour Gold", cash_step=Decimal("0.25"))
    make.member(of=shop, username="leila", password=PASSWORD)
    return shop


@pytest.mark.usefixtures("empty_shop")
def test_from_signing_in_to_the_receipt(page, live_server):
    sign_in(page, live_server.url)
    set_the_rate(page)
    take_a_bangle_in(page, live_server.url)
    till = Till(page, live_server.url)
    sell_the_bangle(page, till)
    read_the_receipt(page)

    till.scan("B20917")
    expect(till.refused).to_contain_text("was sold today")
    expect(till.refused).to_contain_text("on Till 1, bill 1-000001.")
    page.goto(f"{live_server.url}/")
    expect(page.get_by_role("main")).to_contain_text("9,138.50")
    page.goto(f"{live_server.url}/counter/sales/")
    expect(page.get_by_role("link", name="1-000001")).to_be_visible()


def sign_in(page, url):
    """At the second try, and to where one wanted to go."""
    page.goto(f"{url}/counter/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("User name").fill("leila")
    page.get_by_label("Password").fill("not my password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("No piece yet.", exact=True)).to_be_visible()


def set_the_rate(page):
    """Gold 916 sells at 444.50 a gram."""
    page.get_by_role("link", name="Rates").click()
    page.get_by_label("Metal").select_option("gold")
    page.get_by_label("Fineness").fill("916")
    page.get_by_label("Side").select_option("sell")
    page.get_by_label("Per", exact=True).select_option("g")
    page.get_by_label("New rate").fill("444.50")
    page.get_by_role("button", name="Set the rate").click()
    expect(page.locator(".board")).to_contain_text("444.50")


def take_a_bangle_in(page, url):
    page.get_by_role("link", name="Stock").click()
    page.goto(f"{url}/stock/new/")
    page.locator("[name=tag]").fill("B20917")
    page.locator("[name=name]").fill("Plain bangle, 60 mm")
    page.locator("[name=category]").fill("bangle")
    page.locator("[name=metal]").select_option("gold")
    page.locator("[name=fineness]").fill("916")
    page.locator("[name=net_weight_g]").fill("18.420")
    page.locator("[name=gross_weight_g]").fill("18.420")
    page.locator("[name=making_mode]").select_option("per_gram")
    page.locator("[name=making_value]").fill("28")
    page.locator("[name=cost]").fill("7000")
    page.get_by_role("button", name="Take the piece in").click()
    expect(page.get_by_role("main")).to_contain_text("B20917")


def sell_the_bangle(page, till):
    """5,000 by card, the rest in cash with change."""
    page.get_by_role("link", name="Counter").click()
    expect(page.locator("#tag")).to_be_focused()
    till.scan("B20917")
    line = till.lines.first
    expect(line).to_contain_text("Plain bangle, 60 mm")
    # 18.420 × 444.50 = 8,187.69; making 515.76; VAT 5 % of 8,703.45 = 435.17
    for amount in ("8,187.69", "515.76", "435.17", "9,138.62"):
        expect(line).to_contain_text(amount)
    expect(till.left).to_contain_text("9,138.62")
    expect(page.get_by_role("main")).not_to_contain_text("7,000")

    page.get_by_role("link", name="Card", exact=True).click()
    expect(page.get_by_label("By card")).to_be_focused()
    till.take("5,000")
    expect(till.left).to_contain_text("4,138.62")
    page.get_by_role("button", name="4,140").click()
    till.take()
    expect(till.left).to_contain_text("Change")
    expect(till.left).to_contain_text("1.50")
    till.finish()
    expect(page.get_by_role("heading", name="Sale 1-000001 is finished")).to_be_visible()
    expect(page.locator(".done__change")).to_contain_text("1.50")


def read_the_receipt(page):
    page.get_by_role("link", name="Show the receipt").click()
    receipt = page.get_by_role("main")
    for seen in ("Plain bangle, 60 mm", "8,187.69", "9,138.62", "1.50"):
        expect(receipt).to_contain_text(seen)
    page.go_back()
    expect(page.get_by_role("heading", name="Sale 1-000001 is finished")).to_be_visible()
