"""The README's pictures, taken of the demo shop.

    python -m local.suite tests/journeys/pictures.py

No test of its own accord: it writes `docs/pictures/` again when the look has changed. The receipt
is drawn from its PDF by pdftoppm (Debian's poppler-utils).
"""

import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from apps.inventory.models import Piece, PieceState
from apps.sales.demo.load import SLUG, load
from apps.shops.models import Member, Role
from apps.shops.scope import shop_scope
from tests.journeys.conftest import PASSWORD

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
PAPER_DPI = 110
KINDS = ("ring", "bangle", "chain")  # one of each lies on the counter


@pytest.fixture
def shop(transactional_db):
    load(password=PASSWORD, at=timezone.now())
    return Member.objects.get(shop__slug=SLUG, role=Role.OWNER).shop


@pytest.fixture
def cookie(shop):
    client = Client()
    client.force_login(Member.objects.get(shop=shop, role=Role.OWNER).user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def for_sale(shop):
    """A tag of each kind, in stock."""
    with shop_scope(shop.pk):
        pieces = Piece.objects.filter(state=PieceState.IN_STOCK, fixed_price=None).order_by("tag")
        return [pieces.filter(category__istartswith=kind).first().tag for kind in KINDS]


def test_take_the_pictures(till, page, shop):
    PICTURES.mkdir(exist_ok=True)
    for tag in for_sale(shop):
        till.scan(tag)
    expect(till.lines).to_have_count(len(KINDS))
    page.get_by_role("link", name="Add a customer").click()
    page.locator("#id_name").fill("Nadia Rahman")
    page.get_by_role("button", name="Keep the customer").click()
    page.get_by_role("link", name="Card", exact=True).click()
    expect(page.get_by_label("By card")).to_be_focused()
    till.take("5,000")
    expect(page.locator(".tender")).to_have_count(1)
    till.scan("R1O482")
    page.locator("#tag").focus()
    _picture(page, "counter")

    page.locator("#refused [data-dismiss]").click()
    page.keyboard.press("F4")
    page.keyboard.press("Enter")
    expect(till.left).to_contain_text(re.compile(r"Left to pay\s+0\.00"))
    till.finish()
    page.get_by_role("link", name="Show the receipt").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bill")
    _paper(page, "receipt")

    page.goto(f"{till.url}/rates/")
    expect(page.get_by_role("img").first).to_be_visible()
    _picture(page, "rates")


def _picture(page, name):
    page.mouse.move(0, 0)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / f"{name}.png", animations="disabled", caret="hide")


def _paper(page, name):
    """The A4 bill as it comes out of the printer."""
    address = page.get_by_role("link", name="Print A4").get_attribute("href")
    printed = page.request.get(f"{page.url.partition('/counter')[0]}{address}").body()
    subprocess.run(
        ["pdftoppm", "-png", "-r", str(PAPER_DPI), "-f", "1", "-singlefile", "-", PICTURES / name],
        input=printed,
        check=True,
    )
