"""The counter's own pages, in both languages and themes, at three widths: axe finds nothing."""

from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from apps.sales.models import OpenSaleLine
from apps.sales.services.favourites import add_favourite
from apps.shops.scope import shop_scope
from tests import make
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.test_accessibility import RULES, look

TABLET = {"width": 834, "height": 1112}
SMALL = {"width": 320, "height": 640}
TOO_SMALL = """
    (least) => [...document.querySelectorAll('main a, main button, main input, main select')]
    .filter((one) => one.offsetParent && one.type !== 'hidden' && !one.closest('.vh'))
    .map((one) => [(one.closest('.input') ?? one).getBoundingClientRect(), one.outerHTML])
    .filter(([box]) => box.height < least || box.width < least - 12)
    .map(([box, html]) => `${html.slice(0, 90)} ${Math.round(box.height)}`)
"""


@pytest.fixture
def pages(till, shop, live_server):
    """A sale with a changed rate, a held one, favourites, and every form that opens."""
    with shop_scope(shop.pk):
        add_favourite(label="Sovereign", category="coin", metal="gold", fineness=9160)
        add_favourite(label="Box", category="box")
    till.scan("R10482")
    till.page.keyboard.press("F8")
    till.page.get_by_text("No piece yet.", exact=True).wait_for()
    till.scan("C33150")
    till.scan("B20917")
    with shop_scope(shop.pk):
        make.rate(of=shop, amount="430", fineness="875", at=timezone.now())
        line = OpenSaleLine.objects.get(piece__tag="C33150").pk
        held = OpenSaleLine.objects.get(piece__tag="R10482").open_sale_id
    paths = (
        "/counter/",
        f"/counter/lines/{line}/price/",
        "/counter/customer/?find=nobody",
        "/counter/held/",
        f"/counter/held/{held}/discard/",
        "/counter/favourites/",
        "/counter/from-lot/",
        "/counter/display/",
    )
    return [f"{live_server.url}{path}" for path in paths]


def test_axe_finds_nothing(pages, page, context, live_server):
    axe, found = Axe(), []
    for language, theme in product(("en", "fa"), ("light", "dark")):
        look(context, live_server.url, language=language, theme=theme)
        for url in pages:
            page.goto(url)
            for size in (DESK, TABLET, PHONE):
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


def test_the_idle_display_too(signed_in, page, live_server, shop):
    page.goto(f"{live_server.url}/counter/display/")

    answer = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})

    assert not answer.response["violations"]


def test_nothing_scrolls_sideways_at_320_px(pages, page):
    page.set_viewport_size(SMALL)
    wide = []
    for url in pages:
        page.goto(url)
        width = page.evaluate("document.scrollingElement.scrollWidth")
        if width > SMALL["width"]:
            wide.append(f"{url}: {width} px")
    assert not wide, wide


@pytest.mark.parametrize("size", [TABLET, PHONE], ids=["tablet", "phone"])
def test_a_finger_hits_every_target(pages, browser, cookie, live_server, size):
    """44 px on a coarse pointer."""
    touch = browser.new_context(viewport=size, has_touch=True, is_mobile=True)
    touch.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page, small = touch.new_page(), []
    for url in pages[:-1]:
        page.goto(url)
        small += [f"{url}: {one}" for one in page.evaluate(TOO_SMALL, 44)]
    touch.close()
    assert not small, "\n".join(small)
