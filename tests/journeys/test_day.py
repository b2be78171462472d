"""A whole day in three shops, by the pages alone: open, sell, old gold, deposit, return, close.

Fields are found by what they are called in the form and buttons by what they do, since a page of
the Tehran shop speaks Persian.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from apps.inventory.models import Piece
from apps.ledger.models import Entry, Posting
from apps.shops.scope import shop_scope
from tests import make
from tests.journeys.conftest import PASSWORD, Till


@dataclass(frozen=True)
class Place:
    """A shop in one of the world's towns. `fine_rate`: money for a gram of pure gold."""

    pack: str
    currency: str
    zone: str
    language: str
    fine_rate: int
    making: dict
    paper: str
    unit: int = 1  # what one of the shown unit of money is in the books

    def __str__(self):
        return self.pack


MUMBAI = Place(
    "IN",
    "INR",
    "Asia/Kolkata",
    "en",
    9000,
    {"making_mode": "percent_of_metal", "making_value": Decimal(12)},
    "passport",
)
TEHRAN = Place(
    "IR",
    "IRR",
    "Asia/Tehran",
    "fa",
    100_000_000,
    {"making_mode": "percent_of_metal", "making_value": Decimal(18)},
    "passport",
    10,
)
LONDON = Place(
    "GB",
    "GBP",
    "Europe/London",
    "en",
    80,
    {"making_mode": "per_piece", "making_value": Decimal(60)},
    "passport",
)
TAGS = ("R10001", "R10002", "R10003", "R10004")


@pytest.fixture(params=[MUMBAI, TEHRAN, LONDON], ids=str)
def place(request):
    return request.param


@pytest.fixture
def shop(place, transactional_db):
    shop = make.shop(
        name="Noor", currency=place.currency, tax_pack=place.pack, time_zone=place.zone
    )
    owner = make.member(of=shop, username="leila", password=PASSWORD)
    now = timezone.now()
    with shop_scope(shop.pk):
        make.rate(of=shop, amount=place.fine_rate, at=now)
        make.rate(of=shop, amount=place.fine_rate * Decimal("0.97"), side="buy", at=now)
        for number, tag in enumerate(TAGS):
            grams = Decimal("4.250") + number
            make.piece(
                by=owner,
                at=now,
                tag=tag,
                name=f"Ring {number}",
                metals=(make.gold(net_weight_g=grams, fineness="750"),),
                gross_weight_g=grams,
                cost=grams * place.fine_rate / 2,
                **place.making,
            )
    return shop


@pytest.fixture
def day(shop, place, page, context, live_server):
    client = Client()
    client.force_login(shop.members.get().user)
    cookies = {
        settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value,
        settings.LANGUAGE_COOKIE_NAME: place.language,
    }
    context.add_cookies(
        [{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()]
    )
    page.set_default_timeout(8000)
    return Day(page, live_server.url, place)


class Day:
    """What the people of a shop do from morning to evening."""

    def __init__(self, page, url, place):
        self.page, self.url, self.place = page, url, place
        self.till = Till(page, url)

    def go(self, path):
        answer = self.page.goto(self.url + path)
        assert answer.ok, (path, answer.status)

    def fill(self, **fields):
        for name, text in fields.items():
            self.page.locator(f"main [name='{name}']").first.fill(text)

    def choose(self, **fields):
        for name, value in fields.items():
            self.page.locator(f"main [name='{name}']").first.select_option(value)

    def press(self, selector="main button.btn--primary"):
        """Send the page's own form, and be on the page it leads to."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()
        assert not self.page.locator(".field__error:visible").count(), self.said()

    def said(self):
        return self.page.locator("main").inner_text()[:2000]

    def path(self):
        return self.page.url.removeprefix(self.url)

    # -- the morning -----------------------------------------------------------------------

    def open_the_till(self):
        self.go("/till/open/")
        self.page.locator("[data-worth]").first.fill("10")
        self.press()

    def write_down_a_customer(self):
        self.go("/customers/new/")
        self.fill(name="Nadia Rahman", phone="0912 000 1234", address="12 High Street")
        self.fill(birth_date="1980-05-17")
        self.press()
        self.customer = re.search(r"/customers/(\d+)/", self.path()).group(1)
        self.go(f"/customers/{self.customer}/papers/")
        self.choose(kind=self.place.paper)
        self.fill(number="P1234567")
        self.press("main form button[type=submit]")
        assert "4567" in self.said()
        assert "P1234567" not in self.page.content()

    # -- the counter -----------------------------------------------------------------------

    def scan(self, tag):
        self.till.scan(tag)
        expect(self.till.lines.filter(has_text=tag)).to_have_count(1)

    def choose_the_customer(self):
        self.go("/counter/customer/?find=Nadia")
        self.page.locator(f"form[action$='/customer/{self.customer}/'] button").click()
        expect(self.page.locator("main")).to_contain_text("Nadia Rahman")

    def pay_by(self, kind, instrument=""):
        self.go(f"/counter/?pay={kind}")
        taken = self.page.locator(".tender")
        before = taken.count()
        form = self.page.locator("#pay-form form").first
        if instrument:
            form.locator("[name=instrument]").fill(instrument)
        form.locator("button[type=submit]").click()
        expect(taken).to_have_count(before + 1)

    def finish(self):
        """Press Finish, and read the number of the bill that was made."""
        with self.page.expect_response(lambda answer: answer.url.endswith("/counter/finish/")):
            self.till.finish()
        link = self.page.locator("main a[href*='/receipt']").first
        expect(link).to_be_visible()
        return re.search(r"\d-\d{6}", link.get_attribute("href")).group()

    def sell(self, tag, kind="cash"):
        self.go("/counter/")
        self.scan(tag)
        self.pay_by(kind)
        return self.finish()

    # -- old gold --------------------------------------------------------------------------

    def take_old_gold(self, grams):
        """In exchange: the seller has a claim that a sale takes."""
        self.go(f"/old-gold/new/?customer={self.customer}")
        self.fill(**{"item-0-description": "Broken bangle", "item-0-gross_weight_g": grams})
        self.fill(**{"item-0-tested_fineness": "750"})
        self.choose(**{"item-0-metal": "gold", "item-0-method": "xrf", "purpose": "exchange"})
        self.page.locator("[name='item-0-photos']").set_input_files(
            {"name": "bangle.jpg", "mimeType": "image/jpeg", "buffer": photo()}
        )
        self.press("#work-out")
        reason = self.page.locator("[name=reason]")
        if reason.count():
            reason.first.fill("for a new ring")
        self.page.locator("[name='item-0-photos']").set_input_files(
            {"name": "bangle.jpg", "mimeType": "image/jpeg", "buffer": photo()}
        )
        self.press("button[name=do][value=buy]")
        return re.search(r"/old-gold/(\w+-G\d+)/", self.path()).group(1)

    def sell_for_old_gold(self, tag, slip):
        self.go("/counter/")
        self.choose_the_customer()
        self.go("/counter/")
        self.scan(tag)
        self.pay_by("old_gold", slip)
        self.pay_by("card")
        return self.finish()

    # -- a deposit -------------------------------------------------------------------------

    def take_a_deposit(self, tag, amount):
        self.go(f"/deposits/new/?customer={self.customer}")
        self.page.locator("[name=kind][value=full_lock], [name=kind]").first.evaluate(
            "(field) => { if (field.type === 'radio') field.click();"
            " else { field.value = 'full_lock'; } }"
        )
        self.fill(tags=tag, cash=amount)
        self.press()
        return re.search(r"/deposits/(\w+-D\d+)/", self.path()).group(1)

    def deliver(self, deposit):
        self.go(f"/deposits/{deposit}/")
        self.press(f"form[action$='/counter/deposits/{deposit}/'] button")
        expect(self.page.locator(".tender")).to_have_count(1)
        self.pay_by("card")
        return self.finish()

    # -- a return --------------------------------------------------------------------------

    def take_back(self, bill, tag, grams):
        self.go(f"/returns/bills/{bill}/")
        self.page.locator(f"a[href$='/{bill}/return/']").click()
        self.page.locator("[name^=take_]").first.check()
        self.page.locator("[name^=weighed_]").first.fill(grams)
        self.press("main form[method=get] button[type=submit]")
        self.fill(reason="too small")
        self.press("main form[method=post] button[type=submit]")
        return re.search(r"/documents/(\w+-R\d+)/", self.path()).group(1)

    # -- the evening -----------------------------------------------------------------------

    def close(self, off=0):
        """Count what should be there and a little less, say why, and sign."""
        with shop_scope(self.shop.pk):
            cash = drawer(self.place.currency)
        self.go("/till/close/")
        other = self.page.locator("[data-drawer] .panel__body input[name]").first
        other.fill(plain(cash - off))
        for field in self.page.locator("main [name^=slip]").all():
            field.fill("0")
        self.press()
        expect(self.page.locator("main")).to_contain_text(re.compile(r"\S"))
        self.fill(reason="a coin fell behind the safe")
        self.press("form[action$='/till/close/compare/'] button[type=submit]")
        return re.search(r"/till/z/(\w+-Z\d+)/", self.path()).group(1)


def photo():
    """A small picture, as a telephone makes one."""
    file = BytesIO()
    Image.new("RGB", (64, 48), (190, 150, 60)).save(file, "JPEG")
    return file.getvalue()


def plain(amount):
    return f"{amount.normalize():f}"


def drawer(currency):
    """What the books say lies in the drawer of the shop in scope."""
    rows = Posting.objects.filter(account="cash", commodity=currency)
    return sum(rows.values_list("amount", flat=True), Decimal(0))


def test_a_day(day, shop, place):
    day.shop = shop
    day.open_the_till()
    day.write_down_a_customer()

    first = day.sell(TAGS[0])
    slip = day.take_old_gold("1.500")
    second = day.sell_for_old_gold(TAGS[1], slip)
    deposit = day.take_a_deposit(TAGS[2], plain(Decimal(place.fine_rate) / place.unit))
    third = day.deliver(deposit)
    note = day.take_back(first, TAGS[0], "4.250")
    z = day.close(off=1)

    with shop_scope(shop.pk):
        assert drawer(place.currency) == 0
        assert balances() == {}
        states = dict(Piece.objects.values_list("tag", "state"))
        documents = set(Entry.objects.values_list("reference", flat=True))
    assert states == {
        TAGS[0]: "in_stock",
        TAGS[1]: "sold",
        TAGS[2]: "sold",
        TAGS[3]: "in_stock",
    }
    made = {first, slip, second, deposit, third, note, z}
    # A deposit's money is in the books under its receipt or its contract.
    assert made - documents <= {deposit}
    every_document_is_found_from_the_books(day, documents)
    papers_print(day)


def balances():
    """What does not sum to zero, by commodity."""
    sums = {}
    for commodity, amount in Posting.objects.values_list("commodity", "amount"):
        sums[commodity] = sums.get(commodity, Decimal(0)) + amount
    return {commodity: amount for commodity, amount in sums.items() if amount}


def every_document_is_found_from_the_books(day, documents):
    """From the day book to the document, and from a bill to its piece."""
    day.go("/reports/day-book/")
    shown = day.page.locator("main").inner_html()
    links = {link.get_attribute("href") for link in day.page.locator("main table a[href]").all()}
    for document in documents:
        if document.startswith("import") or document in TAGS:
            continue
        assert document in shown or any(document in link for link in links), document
    for link in sorted(links):
        answer = day.page.request.get(day.url + link if link.startswith("/") else link)
        assert answer.ok, (link, answer.status)
    day.go("/reports/trial-balance/")


def papers_print(day):
    """Each paper of the day opens as a PDF."""
    day.go("/returns/")
