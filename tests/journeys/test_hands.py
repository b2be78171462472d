"""A day at the counter and a day in the stock by keyboard and scanner alone.

In English in a shop that keeps dirhams, in Persian in one that keeps rials and shows tomans, at
the three sizes of the pages. The pages are told apart by what their fields and links are called in
the markup, since half of them speak Persian.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.utils import timezone, translation
from playwright.sync_api import expect

from apps.consignment.models import Memo
from apps.core.formatting import day as written_day
from apps.counts.models import StockCount
from apps.customers.services import add_customer
from apps.inventory.models import Piece, Transfer
from apps.lots.models import Lot
from apps.sales.models import OpenSale, Sale
from apps.shops.approvals import set_pin
from apps.shops.models import Approval, Role
from apps.shops.scope import shop_scope
from apps.till.models import ZReport
from apps.users.models import User
from tests import make
from tests.inventory import stock
from tests.journeys.conftest import DESK, PASSWORD, PHONE
from tests.journeys.hands import LATIN_DIGITS, Hands
from tests.lots import lots

TABLET = {"width": 834, "height": 1112}
SIZES = [
    pytest.param(DESK, id="desk"),
    pytest.param(TABLET, id="tablet"),
    pytest.param(PHONE, id="phone"),
]
PIN = "48213"


@dataclass(frozen=True)
class Town:
    """A shop somewhere. `unit`: what one shown unit of its money is in the books."""

    language: str
    fine_rate: int
    unit: int
    shop: dict

    def __str__(self):
        return self.language


TOWNS = [
    Town("en", 485, 1, {"currency": "AED", "tax_pack": "AE", "time_zone": "Asia/Dubai"}),
    Town("fa", 100_000_000, 10, {"currency": "IRR", "tax_pack": "IR", "time_zone": "Asia/Tehran"}),
]


@pytest.fixture(params=TOWNS, ids=str)
def town(request):
    return request.param


@pytest.fixture(params=SIZES)
def size(request):
    return request.param


@pytest.fixture
def shop(town, transactional_db):
    """An owner who has a PIN, a clerk, two trays, a branch further, a lot and a customer."""
    shop = make.shop(name="Noor", **town.shop)
    owner = make.member(of=shop, username="leila", password=PASSWORD)
    make.member(of=shop, role=Role.SALESPERSON, username="omid", password=PASSWORD)
    User.objects.update(language=town.language)
    now = timezone.now()
    with shop_scope(shop.pk):
        set_pin(member=owner, pin=PIN)
        make.rate(of=shop, amount=town.fine_rate, at=now)
        make.rate(of=shop, amount=town.fine_rate * Decimal("0.97"), side="buy", at=now)
        tray, other = stock.place("Tray 1"), stock.place("Tray 2")
        far = stock.second_branch("Marina", "2")
        stock.place("Window 9", kind="window", branch=far)
        for number in range(1, 7):
            make.piece(
                by=owner,
                at=now,
                tag=f"R1000{number}",
                name=f"Ring {number}",
                metals=(make.gold(net_weight_g="4.250", fineness="750"),),
                gross_weight_g=Decimal("4.25"),
                cost=Decimal(town.fine_rate),
                place=other if number == 4 else tray,
            )
        chain = lots.chain(by=owner, place=other)
        lots.filled(chain, by=owner, grams="120", cost=str(40 * town.fine_rate))
        add_customer(name="Nadia Rahman", phone="0912 000 1234", by=owner, at=now)
        add_customer(name="Sara Haddad", phone="0912 000 5678", by=owner, at=now)
    return shop


@pytest.fixture
def hands(shop, town, size, page, context, live_server):
    page.set_viewport_size(size)
    page.set_default_timeout(8000)
    context.add_cookies(
        [{"name": "django_language", "value": town.language, "url": live_server.url}]
    )
    hands = Hands(page, live_server.url, language=town.language)
    yield hands
    assert not hands.mouse, hands.mouse


def come_in(hands, who):
    hands.page.goto(f"{hands.url}/accounts/login/")
    expect(hands.page.locator("html")).to_have_attribute("lang", hands.language)
    hands.look()
    hands.reach("[name=login]")
    hands.type(who)
    hands.reach("[name=password]")
    hands.type(PASSWORD)
    with hands.page.expect_navigation():
        hands.press("Enter")
    hands.look()


def pieces(shop):
    with shop_scope(shop.pk):
        return dict(Piece.objects.values_list("tag", "state"))


def left(hands):
    """What the counter says is left, in the books' own unit."""
    said = hands.page.locator("#left").inner_text().translate(LATIN_DIGITS).replace(",", "")
    return Decimal(re.search(r"\d+(\.\d+)?", said).group())


def cash(hands, amount=""):
    """F4, an amount or what the box says, Enter."""
    hands.press("F4")
    expect(hands.page.locator("#amount")).to_be_focused()
    if amount:
        hands.press("Control+A")
        hands.type(hands.digits(amount))
    hands.press("Enter")
    expect(hands.page.locator(".tender").last).to_be_visible()


def finish(hands):
    hands.press("F9")
    expect(hands.page.locator("#done")).to_be_visible()
    hands.look()


def test_a_day_at_the_counter(hands, shop, town):
    come_in(hands, "omid")
    open_the_till(hands)
    sell_in_five_keys(hands, shop, town)
    hold_and_resume(hands)
    choose_by_phone(hands)
    lower_the_price(hands, shop)
    close(hands, shop)
    sold = {tag for tag, state in pieces(shop).items() if state == "sold"}
    assert sold == {"R10001", "R10002", "R10003"}
    hands.rest()


def open_the_till(hands):
    hands.to("/till/")
    hands.go("main a[href='/till/open/']")
    hands.reach("[data-worth]")
    hands.type(hands.digits("10"))
    hands.go("main button.btn--primary")
    expect(hands.page.locator("main a[href='/till/close/']")).to_be_visible()


def sell_in_five_keys(hands, shop, town):
    """Scan, F4, an amount that is too much, Enter, F9; the change is told."""
    hands.to("/counter/")
    hands.scan("R10001")
    expect(hands.lines).to_have_count(1)
    due = left(hands)
    if town.language == "fa":
        expect(hands.left).to_contain_text("تومان")
    more = int(due) + 100_000
    cash(hands, str(more))
    finish(hands)
    with shop_scope(shop.pk):
        sale = Sale.objects.get()
        paid = sale.tenders.get()
    assert abs(sale.total - due * town.unit) <= town.unit  # the coins of cash
    assert paid.given == more * town.unit
    assert sale.change == paid.given - paid.amount
    hands.go(".done__acts a:not([target])")


def hold_and_resume(hands):
    """Held with F8, another sold meanwhile, resumed with F8 and Enter."""
    hands.to("/counter/")
    hands.scan("R10002", layout="persian" if hands.language == "fa" else "latin")
    expect(hands.lines).to_have_count(1)
    hands.press("F8")
    expect(hands.lines).to_have_count(0)
    hands.scan("R10003")
    expect(hands.lines).to_have_count(1)
    cash(hands)
    finish(hands)
    hands.to("/counter/")
    with hands.page.expect_navigation():
        hands.press("F8")
    hands.look()
    expect(hands.page.locator("form[action*='/held/'] button").first).to_be_focused()
    hands.press("Enter")
    expect(hands.lines.filter(has_text="R10002")).to_have_count(1)


def choose_by_phone(hands):
    hands.reach("main a[href='/counter/customer/']")
    hands.press("Enter")
    expect(hands.page.locator("#find")).to_be_focused()
    hands.look()
    hands.type(hands.digits("1234"))
    expect(hands.page.locator("#found .pick")).to_have_count(1)
    hands.press("ArrowDown")
    hands.press("Enter")
    expect(hands.page.locator("#sums")).to_contain_text("Nadia Rahman")


def lower_the_price(hands, shop):
    """The clerk may not alone; the owner types a PIN beside them."""
    page = hands.page
    lower = str(int(left(hands) * Decimal("0.98")))
    hands.reach("#lines a[href$='/price/']")
    hands.press("Enter")
    expect(page.locator("[name=value]")).to_be_focused()
    hands.look()
    hands.fill(value=lower, reason="For an old customer")
    hands.press("Enter")
    expect(page.locator("#lines [role=alert]").first).to_be_visible()
    hands.fill(value=lower, reason="For an old customer", approver="leila", pin=PIN)
    hands.press("Enter")
    expect(page.locator("[name=pin]")).to_have_count(0)
    assert left(hands) <= Decimal(lower)
    cash(hands)
    finish(hands)
    with shop_scope(shop.pk):
        assert Approval.objects.filter(approved_by__user__username="leila").exists()
        assert Sale.objects.count() == 3
        assert not OpenSale.objects.filter(lines__isnull=False).exists()


def close(hands, shop):
    """Count the drawer, a little less than there should be, say why, and sign."""
    hands.to("/till/")
    hands.go("main a[href='/till/close/']")
    hands.reach("[data-drawer] .panel__body input[name]")
    hands.type(hands.digits("1"))
    hands.go("form[data-count] button.btn--primary")
    if hands.page.locator("main [name=approver]").count():
        hands.fill(approver="leila", pin=PIN)
    hands.fill(reason="Counted with one eye")
    hands.go("form[action$='/till/close/compare/'] button.btn--primary")
    today = timezone.localtime()
    with shop_scope(shop.pk):
        assert ZReport.objects.count() == 1
    assert hands.language == "en" or jalali_year(hands, today)


def jalali_year(hands, at):
    with translation.override("fa"):
        return "۱۴۰" in hands.said() and written_day(at.date())


def test_a_day_of_the_stock(hands, shop, town, tmp_path):
    page = hands.page
    come_in(hands, "leila")
    count_a_tray(hands, shop)
    print_its_tag(hands)
    sell_from_the_lot(hands, shop)
    send_and_receive(hands, shop)
    lend_and_take_back(hands, shop)
    hands.rest()
    assert page.url.startswith(hands.url)


def count_a_tray(hands, shop):
    """Tray 1: R10006 is missing, R10004 of another tray is in it. Approved, and posted."""
    page = hands.page
    hands.to("/stock/")
    hands.menu("a[href='/stock/counts/']")
    hands.go(".bar a[href='/stock/counts/new/']")
    with shop_scope(shop.pk):
        tray = stock.place_named("Tray 1").pk
    hands.tick(f"main input[name=places][value='{tray}']")
    hands.go("main form button.btn--primary")
    hands.go("main form[action$='/take/'] button")
    for tag in ("R10001", "R10002", "R10003", "R10004", "R10005"):
        hands.scan(tag, wait=False)
    expect(page.locator("[data-seen]")).to_have_text(hands.digits("4"))
    expect(page.locator("[data-aside]")).to_contain_text("R10004")
    hands.go("form[data-finish] button")
    expect(page.locator("main")).to_contain_text("R10006")
    hands.go("main a[href$='/approve/']")
    hands.choose("select[name=all_missing]", "write_off")
    hands.fill(reason="Counted twice")
    hands.go("#approve-go")
    with shop_scope(shop.pk):
        assert StockCount.objects.get().state == "posted"
        assert stock.where("R10004") == ("in_stock", "Tray 1")
    assert pieces(shop)["R10006"] == "lost"


def print_its_tag(hands):
    page = hands.page
    hands.to("/stock/")
    hands.menu("a[href='/stock/labels/']")
    hands.reach("#add-tag")
    with page.expect_navigation():
        hands.scan("R10004", wait=False)
    hands.look()
    picture = page.locator(".labels__picture")
    expect(picture).to_be_visible()
    assert picture.evaluate("(one) => one.decode().then(() => one.naturalWidth)") > 100
    hands.reach("button[name=way][value=file]")
    with page.expect_download() as saved:
        hands.press("Enter")
    assert "^XA" in saved.value.path().read_text()


def sell_from_the_lot(hands, shop):
    hands.to("/counter/")
    hands.menu("a[href='/counter/from-lot/']")
    hands.choose("select[name=lot]", "CH1")
    hands.fill(grams="7.35")
    hands.go("main form button.btn--primary")
    expect(hands.lines).to_have_count(1)
    cash(hands)
    finish(hands)
    with shop_scope(shop.pk):
        assert Lot.objects.get().grams == Decimal("112.65")
        assert Sale.objects.count() == 1


def send_and_receive(hands, shop):
    page = hands.page
    hands.to("/stock/")
    hands.menu("a[href='/stock/transfers/']")
    with shop_scope(shop.pk):
        way = {
            name: str(stock.Branch.objects.get(name=branch).pk)
            for name, branch in (("source", stock.main_branch().name), ("target", "Marina"))
        }
        window = str(stock.place_named("Window 9").pk)
    for name, branch in way.items():
        hands.choose(f"select[name={name}]", branch)
    hands.go("main form button.btn--primary")
    for tag in ("R10001", "R10002"):
        hands.scan(tag)
    expect(page.locator("#lines > li")).to_have_count(2)
    hands.fill(reason="For the window")
    hands.go("form[action$='/send/'] button.btn--primary")
    assert pieces(shop)["R10001"] == "in_transit"
    hands.choose("select#place", window)
    hands.go("form.scanpage__where button")
    for tag in ("R10001", "R10002"):
        hands.scan(tag)
    expect(page.locator("#lines .pill--ok")).to_have_count(2)
    with shop_scope(shop.pk):
        assert Transfer.objects.get().state == "received"
        assert stock.where("R10001") == ("in_stock", "Window 9")


def lend_and_take_back(hands, shop):
    page = hands.page
    hands.to("/stock/")
    hands.menu("a[href='/memo/']")
    hands.go(".bar a[href='/counter/lend/']")
    hands.reach("#search")
    hands.type("sara")
    with page.expect_navigation():
        hands.press("Enter")
    hands.go(".memo-who__one")
    expect(page.locator("textarea[name=tags]")).to_be_visible()
    hands.scan("R10003", wait=False)
    hands.scan("R10005", wait=False)
    expect(page.locator("textarea[name=tags]")).to_have_value("R10003\nR10005\n")
    hands.go("main button[name=look]")
    hands.fill(reason="For her mother to see")
    hands.go("#lend-go")
    assert pieces(shop)["R10003"] == "on_memo"
    for tag in ("R10003", "R10005"):
        hands.scan(tag, wait=False)
    expect(page.locator("#ticked-count")).to_have_text("2 / 2")
    hands.go("#back-go")
    assert pieces(shop)["R10003"] == pieces(shop)["R10005"] == "in_stock"
    with shop_scope(shop.pk):
        assert Memo.objects.count() == 1


def test_a_click_is_noticed(page, live_server):
    """What watches the mouse in the days above does see it."""
    hands = Hands(page, live_server.url)
    page.goto(f"{live_server.url}/accounts/login/")
    assert not hands.mouse

    page.locator("[name=login]").click()

    assert "mousedown" in hands.mouse
    with pytest.raises(AssertionError):
        hands.rest()
