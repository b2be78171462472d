"""The README's pictures, taken of the demo shops: in both directions, by day and at night.

    python -m local.suite tests/journeys/pictures.py

No test of its own accord: it writes `docs/pictures/` again when the look has changed. The receipt
is drawn from its PDF by pdftoppm (Debian's poppler-utils).
"""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.db.models import Count
from django.test import Client
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from apps.counts.models import CountSheet
from apps.counts.services.sheets import begin
from apps.counts.services.starting import start_count
from apps.inventory.models import Piece, PieceState, Place
from apps.sales.demo import tehran
from apps.sales.demo.load import SLUG, load
from apps.shops.models import Member, Role
from apps.shops.scope import shop_scope
from tests.journeys.conftest import PASSWORD, Till

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
PAPER_DPI = 110
LARGEST_BYTES = 200_000


@dataclass(frozen=True)
class Look:
    """One of the two shops, by day or at night."""

    language: str
    theme: str
    slug: str
    kinds: tuple[str, ...]  # one of each lies on the counter
    customer: str
    card: str  # what is paid by card, in the shown unit

    def __str__(self):
        return f"{self.language}-{self.theme}"


LOOKS = [
    Look(language, theme, *rest)
    for language, *rest in (
        ("en", SLUG, ("ring", "bangle", "chain"), "Nadia Rahman", "5000"),
        ("fa", tehran.SLUG, ("انگشتر", "النگو", "زنجیر"), "نیلوفر احمدی", "۵۰۰۰۰۰۰۰"),
    )
    for theme in ("light", "dark")
]
# Both directions and both themes of each, without showing everything four times.
SHOWN = {
    "counter": {"en-light", "fa-dark"},
    "count": {"fa-light", "en-dark"},
    "labels": {"en-light", "fa-dark"},
    "reports": {"fa-light", "en-dark"},
    "rates": {"en-light"},
}


@pytest.fixture(params=LOOKS, ids=str)
def how(request):
    return request.param


@pytest.fixture
def shop(how, transactional_db):
    load(password=PASSWORD, at=timezone.now())
    return Member.objects.select_related("shop").get(shop__slug=how.slug, pk=_owner(how).pk).shop


def _owner(how):
    owners = Member.objects.filter(shop__slug=how.slug, role=Role.OWNER)
    return owners.select_related("user", "shop").order_by("pk")[0]


@pytest.fixture
def cookie(shop, how):
    client = Client()
    client.force_login(_owner(how).user)
    session = client.session
    session["shop"] = shop.pk
    session.save()
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def dressed(signed_in, live_server, how):
    signed_in.add_cookies(
        [
            {"name": "django_language", "value": how.language, "url": live_server.url},
            {"name": "theme", "value": how.theme, "url": live_server.url},
        ]
    )
    return how


def for_sale(shop, kinds):
    """A tag of each kind, in stock; of any kind where the shop has none of it."""
    with shop_scope(shop.pk):
        pieces = Piece.objects.filter(state=PieceState.IN_STOCK, fixed_price=None).order_by("tag")
        found = [pieces.filter(category__istartswith=kind).first() for kind in kinds]
        rest = iter(pieces.exclude(pk__in=[one.pk for one in found if one]))
        return [(one or next(rest)).tag for one in found]


def test_take_the_pictures(dressed, page, live_server, shop, how):
    PICTURES.mkdir(exist_ok=True)
    wanted = {name for name, looks in SHOWN.items() if str(how) in looks}
    till = Till(page, live_server.url)
    if "counter" in wanted:
        the_counter(till, page, shop, how)
    if how.language == "en" and "counter" in wanted:
        the_receipt(till, page)
    if "count" in wanted:
        the_count(till, page, shop, how)
    if "labels" in wanted:
        tags = "&".join(f"tag={tag}" for tag in for_sale(shop, how.kinds))
        page.goto(f"{till.url}/stock/labels/?{tags}")
        expect(page.locator(".labels__picture").last).to_be_visible()
        _picture(page, "labels", how)
    if "reports" in wanted:
        page.goto(f"{till.url}/reports/stock/")
        _picture(page, "reports", how)
    if "rates" in wanted:
        page.goto(f"{till.url}/rates/")
        expect(page.get_by_role("img").first).to_be_visible()
        _picture(page, "rates", how)


def the_counter(till, page, shop, how):
    """Three pieces, a customer, a part of it paid, and a tag that nobody knows."""
    till.open()
    for tag in for_sale(shop, how.kinds):
        till.scan(tag)
    expect(till.lines).to_have_count(len(how.kinds))
    page.locator("main a[href='/counter/customer/']").click()
    page.locator("#id_name").fill(how.customer)
    page.locator("#id_name").press("Enter")
    expect(page.locator("#sums")).to_contain_text(how.customer)
    page.locator("#pay-form a[data-pay=card]").click()
    expect(page.locator("#pay-form a[data-pay=card][aria-current]")).to_be_visible()
    page.locator("#amount").fill(how.card)
    page.locator("#amount").press("Enter")
    expect(page.locator(".tender")).to_have_count(1)
    till.scan("R1O482")
    expect(till.refused).to_have_count(1)
    page.locator("#tag").focus()
    _picture(page, "counter", how)


def the_receipt(till, page):
    page.locator("#refused [data-dismiss]").click()
    page.keyboard.press("F4")
    page.keyboard.press("Enter")
    expect(till.left).to_contain_text(re.compile(r"Left to pay\s+0\.00"))
    till.finish()
    page.get_by_role("link", name="Show the receipt").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bill")
    _paper(page, "receipt")


def the_count(till, page, shop, how):
    """A tray half scanned, with a piece of another tray and a tag that nobody knows."""
    owner, now = _owner(how), timezone.now()
    with shop_scope(shop.pk):
        counting = CountSheet.objects.filter(count__state="counting").values("place")
        here = Piece.objects.filter(state=PieceState.IN_STOCK).exclude(place=None)
        lying = here.exclude(place__in=counting).order_by("tag")
        fullest = lying.order_by().values("place").annotate(n=Count("pk")).order_by("-n")[0]
        place = Place.objects.get(pk=fullest["place"])
        tags = list(lying.filter(place=place).values_list("tag", flat=True))
        other = lying.exclude(place=place)[0].tag
        count = start_count(places=[place.pk], by=owner, at=now)
        sheet = begin(sheet=count.sheets.get(), by=owner, at=now)
    page.goto(f"{till.url}/stock/counts/{count.code}/trays/{sheet.pk}/")
    for tag in [*tags[: len(tags) * 2 // 3], "R1O482", other]:
        till.scan(tag, wait=False)
    expect(page.locator("[data-aside]")).to_contain_text(other)
    _picture(page, "count", how)


def _picture(page, name, how):
    page.mouse.move(0, 0)
    page.wait_for_load_state("networkidle")
    sole = len(SHOWN[name]) == 1
    path = PICTURES / (f"{name}.png" if sole else f"{name}-{how}.png")
    page.screenshot(path=path, animations="disabled", caret="hide")
    _small(path)


def _paper(page, name):
    """The A4 bill as it comes out of the printer."""
    address = page.locator("a[href*='paper=a4']").first.get_attribute("href")
    printed = page.request.get(f"{page.url.partition('/counter')[0]}{address}").body()
    subprocess.run(
        ["pdftoppm", "-png", "-r", str(PAPER_DPI), "-f", "1", "-singlefile", "-", PICTURES / name],
        input=printed,
        check=True,
    )
    _small(PICTURES / f"{name}.png")


def _small(path):
    """As few bytes as the picture takes; fewer colours only where it would be too large."""
    picture = Image.open(path)
    picture.save(path, optimize=True)
    if path.stat().st_size > LARGEST_BYTES:
        picture.convert("RGB").quantize(256).save(path, optimize=True)
    assert path.stat().st_size <= LARGEST_BYTES, path
