"""A tray is counted with a scanner in a real browser, also while the connection is away."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from apps.counts.models import CountScan
from apps.counts.services.sheets import begin
from apps.counts.services.starting import start_count
from apps.shops.scope import shop_scope
from tests.counts import counts
from tests.journeys.conftest import Till, intercept

TAGS = [f"T{n:04}" for n in range(60)]


class Scanner(Till):
    """The scanner at the page of a tray."""

    def scan_all(self, tags):
        for tag in tags:
            self.scan(tag, wait=False)


@pytest.fixture
def sheet(shop):
    owner = shop.members.get()
    with shop_scope(shop.pk):
        tray = counts.tray()
        counts.pieces(*TAGS, by=owner, place=tray)
        count = start_count(places=[tray.pk], by=owner, at=timezone.now())
        return begin(sheet=count.sheets.get(), by=owner, at=timezone.now())


@pytest.fixture
def scanner(signed_in, page, live_server, sheet):
    intercept(page)
    page.goto(f"{live_server.url}/stock/counts/K000001/trays/{sheet.pk}/")
    return Scanner(page, live_server.url)


def held(shop):
    with shop_scope(shop.pk):
        return sorted(CountScan.objects.values_list("tag", flat=True))


def test_scans_wait_for_the_connection_and_none_is_lost(shop, scanner, context):
    page = scanner.page
    scanner.scan_all(TAGS[:20])
    expect(page.locator("[data-seen]")).to_have_text("20")

    context.set_offline(True)
    scanner.scan_all(TAGS[20:40])
    expect(page.locator("[data-wait]")).to_contain_text("20 scans wait")
    page.get_by_role("button", name="The tray is counted").click()
    expect(page.locator("[data-wait]")).to_contain_text("are not sent yet")
    context.set_offline(False)
    scanner.scan_all([*TAGS[40:], "Z9999", TAGS[0]])

    expect(page.locator("[data-seen]")).to_have_text("60", timeout=20_000)
    expect(page.locator("[data-aside]")).to_contain_text("Z9999")
    assert held(shop) == sorted([*TAGS, "Z9999"])
    page.reload()
    expect(page.locator("[data-seen]")).to_have_text("60")
    expect(page.locator("[data-aside]")).to_contain_text("No tag of this shop")
    page.get_by_role("button", name="The tray is counted").click()
    expect(page.get_by_text("Tray 1 is counted.")).to_be_visible()


def test_scans_outlive_the_page(shop, scanner, context):
    page = scanner.page
    context.route("**/scans/", lambda route: route.abort())
    scanner.scan_all(TAGS[:30])
    expect(page.locator("[data-wait]")).to_contain_text("30 scans wait")
    context.unroute("**/scans/")

    page.goto(page.url)

    expect(page.locator("[data-seen]")).to_have_text("30", timeout=20_000)
    assert held(shop) == TAGS[:30]


def test_a_tray_that_was_taken_over_stops_and_says_who_has_it(shop, scanner, sheet):
    from apps.counts.services.sheets import Way
    from tests import make

    second = make.member(of=shop, username="sara")
    with shop_scope(shop.pk):
        begin(sheet=sheet, by=second, at=timezone.now(), way=Way.OVER)

    scanner.scan_all(TAGS[:2])

    expect(scanner.page.locator("[data-stopped]")).to_contain_text("sara counts Tray 1")
    assert held(shop) == []
