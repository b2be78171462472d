"""A shop in rials and readers who say tomans: what they see, what they type, and what is kept."""

import re
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from apps.sales.models import Sale
from apps.shops.scope import shop_scope
from apps.till.models import CashMove
from tests import make
from tests.journeys.conftest import PASSWORD
from tests.journeys.hands import LATIN_DIGITS, PERSIAN_DIGITS

SLOWER_THAN_A_SCANNER_MS = 90
# Digits, unit, what one of the unit is in rials; an amount as it is typed and as it is written.
READERS = [
    pytest.param("persian", "toman", 10, "۲۵۰۰۰۰۰۰٫۵", "۲۵٬۰۰۰٬۰۰۰٫۵", id="persian-toman"),
    pytest.param("latin", "toman", 10, "25000000", "25,000,000", id="latin-toman"),
    pytest.param("persian", "rial", 1, "۲۵۰۰۰۰۰۰۰", "۲۵۰٬۰۰۰٬۰۰۰", id="persian-rial"),
]


@pytest.fixture
def shop(transactional_db):
    """A shop in Tehran with two rings at a hundred million rials a gram of fine gold."""
    shop = make.shop(name="Noor", currency="IRR", tax_pack="IR", time_zone="Asia/Tehran")
    owner = make.member(of=shop, username="leila", password=PASSWORD)
    now = timezone.now()
    with shop_scope(shop.pk):
        make.rate(of=shop, amount=100_000_003, at=now)
        for tag in ("R10001", "R10002"):
            make.piece(
                by=owner,
                at=now,
                tag=tag,
                metals=(make.gold(net_weight_g="4.253", fineness="750"),),
                gross_weight_g=Decimal("4.253"),
                making_mode="percent_of_metal",
                making_value=Decimal(17),
            )
    return shop


def prefer(page, url, digits, unit):
    """Choose how one's own pages are written."""
    page.goto(f"{url}/users/preferences/")
    for name, value in {"language": "fa", "digits": digits, "money_unit": unit}.items():
        page.select_option(f"main select[name={name}]", value)
    with page.expect_navigation():
        page.locator("main button.btn--primary").click()
    expect(page.locator("html")).to_have_attribute("lang", "fa")


def read(text, unit):
    """An amount of the page, in rials."""
    number = re.search(r"\d+(\.\d)?", text.translate(LATIN_DIGITS).replace(",", "")).group()
    return Decimal(number) * unit


def type_into(page, selector, text):
    """Key by key, and on to the next field, as hands do."""
    page.locator(selector).press("Control+A")
    page.keyboard.type(text, delay=SLOWER_THAN_A_SCANNER_MS)
    page.keyboard.press("Tab")


@pytest.mark.parametrize(("digits", "name", "unit", "typed", "written"), READERS)
def test_a_sale_is_read_and_typed_in_it_and_kept_in_rials(
    shop, till, page, live_server, digits, name, unit, typed, written
):
    page.set_default_timeout(4000)
    prefer(page, live_server.url, digits, name)
    by_card = read(typed, unit)
    till.open()
    till.scan("R10001")
    till.scan("R10002", layout="persian")
    expect(till.lines).to_have_count(2)
    expect(till.left).to_contain_text("تومان" if name == "toman" else "ریال")
    sums = [read(text, unit) for text in page.locator("#lines .line__sum").all_inner_texts()]
    due = read(till.left.inner_text(), unit)

    # A part by card, and the rest in cash with a hundred thousand too much.
    page.locator("#pay-form a[data-pay=card]").click()
    expect(page.locator("#pay-form a[data-pay=card][aria-current]")).to_be_visible()
    type_into(page, "#amount", typed)
    expect(page.locator("#amount")).to_have_value(written)
    page.locator("#amount").press("Enter")
    expect(page.locator(".tender")).to_contain_text(written)
    assert read(till.left.inner_text(), unit) == due - by_card
    expect(page.locator("#pay-form a[data-pay=cash][aria-current]")).to_be_visible()
    exact = page.locator("[data-fill][data-into=amount]").first
    exact.click()
    rest = read(page.locator("#amount").input_value(), unit)
    assert rest == read(exact.get_attribute("data-fill"), unit)
    more = str((rest + 1_000_000) / unit)
    type_into(page, "#amount", more.translate(PERSIAN_DIGITS) if digits == "persian" else more)
    page.locator("#amount").press("Enter")
    expect(page.locator(".left--change")).to_be_visible()
    till.finish()
    expect(page.locator("#done")).to_be_visible()
    change = read(page.locator(".done__change").inner_text(), unit)

    with shop_scope(shop.pk):
        sale = Sale.objects.get()
        assert [line.total for line in sale.lines.order_by("-position")] == sums
        assert sale.total == due == sum(sums) + sale.round_off
        card, cash = sale.tenders.order_by("position")
        assert (card.kind, card.amount) == ("card", by_card)
        assert (cash.kind, cash.given, cash.amount) == ("cash", rest + 1_000_000, rest)
        assert sale.change == change == 1_000_000


@pytest.mark.parametrize(("digits", "name", "unit"), [one.values[:3] for one in READERS[:2]])
def test_a_drawer_adds_up_in_it(shop, signed_in, page, live_server, digits, name, unit):
    """Sums that the browser makes while notes are counted."""
    page.set_default_timeout(4000)
    prefer(page, live_server.url, digits, name)
    page.goto(f"{live_server.url}/till/open/")
    count = page.locator("[data-worth]").first
    count.press("Control+A")
    page.keyboard.type("۱۲" if digits == "persian" else "12")

    worth = Decimal(count.get_attribute("data-worth"))
    total = page.locator("[data-drawer-total]").first
    expect(total).to_have_text(re.compile("^1.200.000$|^۱.۲۰۰.۰۰۰$"))
    assert read(total.inner_text(), unit) == 12 * worth * unit
    with page.expect_navigation():
        page.locator("main button.btn--primary").click()

    with shop_scope(shop.pk):
        floated = CashMove.objects.get()
        assert floated.amount == 12 * worth * unit == 12_000_000
