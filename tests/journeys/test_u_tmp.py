from apps.inventory.services.places import add_place
from apps.shops.scope import shop_scope
from apps.shops.selectors import branch_named
from tests.journeys.conftest import PHONE
from tests.journeys.test_accessibility import look


def test_pic(till, shop, page, context, live_server):
    with shop_scope(shop.pk):
        for name, kind in (("Safe", "safe"), ("Tray 7", "tray")):
            add_place(name=name, kind=kind, branch=branch_named())
    for n, (lang, size) in enumerate((("en", {"width": 1280, "height": 844}), ("fa", PHONE))):
        look(context, live_server.url, language=lang, theme="light")
        page.set_viewport_size(size)
        page.goto(f"{live_server.url}/stock/places/")
        page.screenshot(path=f"/tmp/u_j/places{n}.png")
    page.goto(f"{live_server.url}/rates/")
    page.get_by_text("نمودارهای دیگر").first.click()
    page.screenshot(path="/tmp/u_j/rates.png", full_page=True)
