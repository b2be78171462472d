"""Every page, light and dark, in English and Persian, at 1280 and 390 px: axe finds nothing.

And what axe does not look for: no sideways scroll at 320 px, nothing cut off
when text is spaced out, a visible focus, targets large enough for a finger.
"""

from itertools import product
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone

from apps.sales.models import OpenSaleLine
from apps.shops.scope import shop_scope
from tests.journeys import whole_shop
from tests.journeys.conftest import DESK, PHONE, Till

SMALL = {"width": 320, "height": 640}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

PAIRS = (
    ("en", "light", DESK),
    ("en", "dark", PHONE),
    ("fa", "dark", DESK),
    ("fa", "light", PHONE),
)
MANY_PAGES = 70  # fewer, and the links are no longer followed


@pytest.fixture
def pages(till, shop, live_server):
    """Every page with something on it: a finished sale, and one that is open."""
    till.scan("E30776")
    till.page.keyboard.press("F4")
    till.page.keyboard.press("Enter")
    till.page.locator("#left >> text=0.00").wait_for()
    till.finish()
    till.page.locator("#done").wait_for()
    for tag in ("R10482", "B20917", "C33150"):
        till.scan(tag)
    till.page.get_by_role("button", name="Remove B20917 from the sale").click()
    till.page.get_by_text("B20917 removed.").wait_for()
    till.page.get_by_role("link", name="Card", exact=True).click()
    till.page.get_by_label("By card").wait_for()
    till.take("100")
    till.page.locator(".tender").wait_for()
    with shop_scope(shop.pk):
        line = OpenSaleLine.objects.get(piece__tag="C33150").pk
    paths = (
        "/",
        "/counter/",
        "/counter/?pay=old_gold",
        "/counter/?pay=foreign",
        f"/counter/lines/{line}/discount/",
        "/counter/customer/",
        "/counter/finished/1-000001/",
        "/counter/sales/",
        "/counter/sales/1-000001/",
        "/rates/",
        "/rates/wall/",
        "/rates/making/",
        "/rates/making/new/",
        "/rates/policy/",
        "/rates/policy/rounding/",
        "/stock/",
        "/stock/new/",
        "/stock/import/",
        "/stock/places/",
        f"/stock/piece/{quote('C33150')}/",
        "/accounts/password/change/",
    )
    return [f"{live_server.url}{path}" for path in paths]


@pytest.fixture
def pages_of_the_books(shop, signed_in, live_server):
    """Every page that links lead to in a shop where everything happened once."""
    owner = shop.members.get()
    whole_shop.fill(shop=shop, owner=owner, at=timezone.now())
    client = Client()
    client.force_login(owner.user)
    paths = whole_shop.every_page(client)
    assert len(paths) > MANY_PAGES, paths
    return [f"{live_server.url}{path}" for path in paths]


def look(context, url, *, language, theme):
    context.add_cookies(
        [
            {"name": "django_language", "value": language, "url": url},
            {"name": "theme", "value": theme, "url": url},
        ]
    )


def test_axe_finds_nothing(pages, page, context, live_server):
    axe, found = Axe(), []
    for language, theme in product(("en", "fa"), ("light", "dark")):
        look(context, live_server.url, language=language, theme=theme)
        for url in pages:
            page.goto(url)
            for size in (DESK, PHONE):
                page.set_viewport_size(size)
                answer = axe.run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
                assert answer.response["passes"], "axe looked at nothing"
                where = f"{url} {language} {theme} {size['width']} px"
                found += [
                    f"{where}: {rule['id']}: {rule['help']}: {node['html'][:200]}"
                    for rule in answer.response["violations"]
                    for node in rule["nodes"]
                ]
    assert not found, "\n".join(found)


def test_axe_finds_nothing_in_the_books(pages_of_the_books, page, context, live_server):
    """Every pair of language, theme and width, not every three: the pages are many."""
    axe, found = Axe(), []
    for language, theme, size in PAIRS:
        look(context, live_server.url, language=language, theme=theme)
        page.set_viewport_size(size)
        for url in pages_of_the_books:
            page.goto(url)
            answer = axe.run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
            assert answer.response["passes"], "axe looked at nothing"
            found += [
                f"{url} {language} {theme} {size['width']} px: {rule['id']}: {node['html'][:200]}"
                for rule in answer.response["violations"]
                for node in rule["nodes"]
            ]
    assert not found, "\n".join(found)


def test_no_page_of_the_books_scrolls_sideways_at_320_px(pages_of_the_books, page):
    page.set_viewport_size(SMALL)
    wide = []
    for url in pages_of_the_books:
        page.goto(url)
        width = page.evaluate("document.scrollingElement.scrollWidth")
        if width > SMALL["width"]:
            wide.append(f"{url}: {width} px")
    assert not wide, wide


def test_axe_finds_nothing_for_strangers(page, live_server, shop):
    page.goto(f"{live_server.url}/accounts/login/")

    answer = Axe().run(page, options={"runOnly": RULES})

    assert answer.response["violations"] == []


def test_no_page_scrolls_sideways_at_320_px(pages, page, context, live_server):
    page.set_viewport_size(SMALL)
    wide = []
    for language in ("en", "fa"):
        look(context, live_server.url, language=language, theme="light")
        for url in pages:
            page.goto(url)
            width = page.evaluate("document.scrollingElement.scrollWidth")
            if width > SMALL["width"]:
                wide.append(f"{url} {language}: {width} px")
    assert not wide, wide


REACHED = {
    "/stock/": ("Import", "Export the stock", "Places"),
    "/stock/import/": ("Export the stock",),
    "/stock/piece/C33150/": ("All pieces",),
    "/rates/": ("Show on the wall",),
    "/counter/": ("Finished sales",),
    "/counter/sales/1-000001/": ("Finished sales",),
}


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_way_on_is_there_on_a_phone_as_on_a_desk(pages, page, live_server, size):
    page.set_viewport_size(size)
    for path, names in REACHED.items():
        page.goto(f"{live_server.url}{path}")
        more = page.locator("summary", has_text="More of the counter").or_(
            page.get_by_label("More to do with the stock")
        )
        if more.is_visible():
            more.click()
        for name in names:
            if path == "/stock/" and size == DESK and name.startswith("Export"):
                continue  # a desk has it on the page of the import
            link = page.get_by_role("link", name=name, exact=True).locator("visible=true")
            box = link.bounding_box()
            assert 0 <= box["x"] <= box["x"] + box["width"] <= size["width"], (path, name, box)


def test_a_finger_finds_every_target_of_the_counter(pages, browser, cookie, live_server, shop):
    """44 px on a coarse pointer, but for links inside sentences."""
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page = context.new_page()
    Till(page, live_server.url).open()

    small = page.eval_on_selector_all(
        "main button, main a.btn, main summary, main .seg > a, main input:not([type=hidden])",
        """all => all.filter(one => one.offsetParent).map(one => {
            const box = (one.closest('.input, .tagbox') ?? one).getBoundingClientRect();
            return [one.outerHTML.slice(0, 120), box.width, box.height];
        }).filter(([, width, height]) => Math.min(width, height) < 43.5)""",
    )

    context.close()
    assert small == []


def test_focus_is_seen_on_every_control_of_the_counter(pages, page, live_server):
    page.set_viewport_size(DESK)
    page.goto(f"{live_server.url}/counter/")
    unseen = []
    page.keyboard.press("Tab")
    for _ in range(30):
        seen = page.evaluate(
            """() => {
                const at = document.activeElement;
                const rings = [at, at.closest('.input, .tagbox')].filter(Boolean);
                const shown = rings.some(one => {
                    const style = getComputedStyle(one);
                    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
                });
                return [shown || at === document.body, at.outerHTML.slice(0, 100)];
            }"""
        )
        if not seen[0]:
            unseen.append(seen[1])
        page.keyboard.press("Tab")
    assert unseen == []


def test_spaced_out_text_is_not_cut_off_on_the_counter(pages, page, live_server):
    """WCAG 1.4.12: the reader's own spacing of lines, words and letters."""
    page.set_viewport_size(DESK)
    page.goto(f"{live_server.url}/counter/")
    page.evaluate(
        """() => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important;'
                + ' word-spacing: .16em !important; }');
            document.adoptedStyleSheets = [sheet];
        }"""
    )

    cut = page.eval_on_selector_all(
        "#lines .line__name, #lines .price dt, #sums dt, #left h2, #finish, #pay-form .seg > a",
        "all => all.filter(one => one.scrollWidth > one.clientWidth + 1 && one.clientWidth)"
        ".map(one => one.outerHTML.slice(0, 120))",
    )

    assert cut == []
