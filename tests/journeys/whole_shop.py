"""A shop on whose every page is something, and the way to all of its pages.

A day's documents of every kind are made by our services; the pages are found as people find them,
by following the links.
"""

import re
from decimal import Decimal
from uuid import uuid4

from django.db import transaction
from django.urls import Resolver404, resolve

from apps.core.units import permille
from apps.credit.dues import receive_payment
from apps.credit.exchange import set_cash_rate
from apps.customers.services import add_customer
from apps.deposits.models import DepositKind
from apps.inventory.models import Place
from apps.inventory.services.intake.uploads import upload
from apps.pricing.making import set_table
from apps.pricing.rules import MakingMode, Slab
from apps.purchasing.models import OldGoldItem
from apps.purchasing.services.bags import open_bag, put_in, seal_bag
from apps.purchasing.services.melt import assay_bag, melt_bag
from apps.purchasing.services.metal import fix, receive_metal
from apps.purchasing.services.refining import send_bar
from apps.returns.services.take_back import take_back
from apps.returns.services.void import void
from apps.sales.open_sales import working_sale
from apps.sales.rules import Payment
from apps.sales.services.counter import put_on
from apps.sales.services.favourites import add_favourite
from apps.sales.services.hold import hold
from apps.shops.scope import shop_scope
from apps.till.policy import set_till_rules
from tests import make
from tests.credit import books
from tests.deposits import made
from tests.inventory.files import HEADER, csv_file, ring, rings
from tests.journeys.whole_stock import lots_and_counts, on_approval, sold, stock_at_hand
from tests.purchasing import gold
from tests.returns.days import asked, back
from tests.till import days

# The one piece of a bill, weighed anew.
COMES_BACK = "take_0=on&weighed_0=4.25"
# Lists and forms that no link leads to before something else was done.
DOORS = (
    "/",
    "/counter/sales/",
    "/counter/held/",
    "/counter/favourites/",
    "/counter/from-lot/",
    "/counter/display/",
    "/rates/",
    "/rates/wall/",
    "/rates/making/",
    "/stock/",
    "/stock/move/",
    "/stock/places/",
    "/stock/transfers/",
    "/stock/write-off/",
    "/stock/found/",
    "/stock/join/",
    "/stock/lots/",
    "/stock/counts/",
    "/stock/labels/?untagged",
    "/till/printers/",
    "/memo/",
    "/memo/?direction=in",
    "/memo/in/new/",
    "/counter/lend/",
    "/customers/",
    "/credit/dues/",
    "/credit/gift-cards/",
    "/credit/cash-rates/",
    "/credit/policy/",
    "/till/",
    "/till/z/",
    "/old-gold/",
    "/old-gold/bags/",
    "/old-gold/metal/",
    "/deposits/",
    "/deposits/schemes/",
    "/returns/",
    "/returns/find/?text=K4001",  # sold twice
    "/returns/find/?text=Q7002",  # to a bill that is whole
    f"/returns/bills/1-000005/return/?{COMES_BACK}",
    f"/returns/bills/1-000005/exchange/?{COMES_BACK}&taken=C8001",
    f"/returns/bills/1-000005/buy-back/?{COMES_BACK}",
    "/reports/",
    "/shops/approvals/",
    "/shops/people/",
    "/shops/permissions/",
    "/shops/changes/",
    "/shops/pin/",
    "/accounts/password/change/",
    "/users/preferences/",
)
# Files, parts of pages, and what stands apart from the shop.
NO_PAGE = re.compile(r"\.(pdf|csv|xlsx|json)$|/(photos|photo|static|media|api|status|design|home)/")
LINK = re.compile(r'href="(/[^"#]*)"')
# One page of each kind is enough, but for these, which show different things.
FACES = {
    "consignment:list": 2,
    "consignment:memo": 2,
    "returns:bill": 4,
    "returns:return": 2,
    "returns:exchange": 2,
    "returns:buy-back": 2,
}


def fill(*, shop, owner, at):
    """A day in which everything happens once. `at`: now."""
    with shop_scope(shop.pk), transaction.atomic():
        _the_morning(shop, owner, at)
        lots_and_counts(owner, at)
        stock_at_hand(owner, at)
        _bills(owner, at)
        _old_gold(owner, at)
        _promises(owner, at)
        _the_counter(owner, at)
        on_approval(owner, at)


def _the_morning(shop, owner, at):
    set_till_rules(currencies=["USD"], open_first=False, by=owner, at=at)
    set_cash_rate(code="USD", rate=Decimal("3.65"), by=owner, at=at)
    make.rate(of=shop, amount="478.25", side="buy", at=at)
    Place.objects.create(branch=days.till().branch, name="Tray 1, rings", kind="tray")
    for number in range(6):
        make.piece(
            by=owner,
            at=at,
            tag=f"K{4001 + number}",
            name="Band ring, brushed",
            metals=(make.gold(net_weight_g="4.250", fineness="750"),),
            gross_weight_g=Decimal("4.25"),
            cost=Decimal(1200),
        )
    slabs = [Slab(start=Decimal(0), mode=MakingMode.PER_GRAM, value=Decimal(28))]
    terms = {"by_what": "weight", "fineness": None, "slabs": slabs, "key": uuid4()}
    set_table(code="bands", name="Plain bands", by=owner, at=at, **terms)
    file = csv_file([*rings(2), ring(tag="R-3", metal="tin")], header=[*HEADER[:-1], "shelf"])
    upload(file_name="tray 4.csv", content=file, by=owner, at=at)
    # Yesterday's drawer, a dirham short.
    days.opened(by=owner, total="20000", at=at)
    days.sent(days.counted("19999", USD="0"), by=owner, at=at)
    days.signed(by=owner, reason="A coin fell behind the safe", at=at)
    days.opened(by=owner, total="50000", at=at)
    days.moved("20", by=owner, at=at, out=True, reason="Cleaning cloths for the window")


def _bills(owner, at):
    """One returned and sold again, one voided, one on account and partly paid, one as it was."""
    make.piece(by=owner, at=at, tag="C8001", name="Rope chain, for an exchange")
    debtor = add_customer(
        name="Omar Saleh",
        phone="050 555 0123",
        address="Al Sabkha Road 12",
        credit_limit=Decimal(20000),
        by=owner,
        at=at,
    )
    cash = Payment("cash", Decimal(5000))
    first = sold("K4001", cash, by=owner, at=at)
    take_back(
        asked=asked(first, reason="Too small"),
        backs=[back("K4001", weighed="4.250")],
        by=owner,
        at=at,
    )
    sold("K4001", cash, by=owner, at=at, key="sold-again")
    void(asked=asked(sold("K4002", cash, by=owner, at=at), key="void"), by=owner, at=at)
    owed = Payment("on_account", Decimal(800))
    sold("K4003", owed, cash, by=owner, at=at, customer=debtor.pk)
    sold("K4004", cash, by=owner, at=at, customer=debtor.pk)
    receive_payment(customer=debtor, tenders=[books.cash("300")], key="part", by=owner, at=at)
    books.has_credit(debtor, "150", by=owner, at=at)
    books.card(500, by=owner, at=at)


def _the_counter(owner, at):
    """A sale that is held, one with a piece on it, and a favourite."""
    till = days.till()
    make.piece(by=owner, tag="H5001", name="Band ring", at=at)
    put_on(tag="H5001", register=till, by=owner, at=at)
    hold(key=working_sale(till).get().key, register=till, by=owner, at=at)
    make.piece(by=owner, tag="H5002", name="Band ring", at=at)
    put_on(tag="H5002", register=till, by=owner, at=at)
    add_favourite(label="Band ring", category="ring")


def _old_gold(owner, at):
    seller = gold.seller(by=owner)
    for number in range(4):
        gold.slip(
            gold.item(gross="12.400", stones_g="0.400", cut_percent="2"),
            of=seller,
            by=owner,
            at=at,
            key=f"slip-of-{number}",
        )
    gold.slip(of=seller, by=owner, at=at, purpose="exchange")
    items = list(OldGoldItem.objects.order_by("pk").values_list("pk", flat=True))
    refiner = add_customer(name="Gulf Refinery", kind="refiner", by=owner, at=at)
    for number in (1, 2):
        bag = open_bag(metal="gold", key=f"bag-{number}", by=owner, at=at).number
        put_in(bag=bag, items=[items[number - 1]], by=owner, at=at)
        seal_bag(bag=bag, seal=f"A-{number}", by=owner, at=at)
        melt_bag(
            bag=bag,
            before_g=Decimal("12"),
            after_g=Decimal("11.9"),
            reason="The week's melt",
            key=f"melt-{number}",
            by=owner,
            at=at,
        )
        bar = assay_bag(
            bag=bag,
            fineness=permille("910"),
            method="fire_assay",
            sample_g=Decimal("0.1"),
            reason="Report 77",
            key=f"assay-{number}",
            by=owner,
            at=at,
        )
    send_bar(bar=bar.code, refiner=refiner.pk, by=owner, at=at)
    bag = open_bag(metal="gold", key="bag-3", by=owner, at=at).number
    put_in(bag=bag, items=[items[2]], by=owner, at=at)
    _metal(owner, at)


def _metal(owner, at):
    supplier = add_customer(name="Gold House", kind="supplier", by=owner, at=at)
    metal = {"supplier": supplier.pk, "metal": "gold", "by": owner, "at": at}
    receive_metal(
        gross_g=Decimal(100),
        fineness=permille("995"),
        rate_per_fine_g=Decimal(480),
        key="in",
        **metal,
    )
    fix(fine_g=Decimal(40), rate_per_fine_g=Decimal(482), key="fix", **metal)


def _promises(owner, at):
    asha = add_customer(name="Asha Mehta", phone="050 555 0144", by=owner, at=at)
    deposit = made.deposit(by=owner, of=asha, tags=("K4005",), paid="600", at=at)
    made.pay(deposit.number, "250", by=owner, at=at)
    made.deposit(by=owner, of=asha, kind=DepositKind.FULL_LOCK, tags=("K4006",), at=at)
    made.plan(by=owner, at=at, amount=Decimal(500))
    made.passbook(by=owner, of=asha, paid="500", at=at)


def every_page(client):
    """A path of every page that links lead to from DOORS, asked as `client` is signed in."""
    found, todo = {}, list(DOORS)
    while todo:
        path = todo.pop(0)
        if _is_enough(found, path):
            continue
        answer = client.get(path, follow=True)
        if answer.redirect_chain:
            path = answer.redirect_chain[-1][0]
            if _is_enough(found, path):
                continue
        if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
            continue
        found.setdefault(_name(path), []).append(path)
        todo += LINK.findall(answer.content.decode().replace("&amp;", "&"))
    return [path for paths in found.values() for path in paths]


def _is_enough(found, path):
    """No page, or one that was seen, or enough of its kind were."""
    name = _name(path)
    seen = found.get(name, ())
    return name is None or path in seen or len(seen) >= FACES.get(name, 1)


def _name(path):
    """What a page is called: every report and state of the counter is a page of its own."""
    bare = path.partition("?")[0]
    if NO_PAGE.search(bare):
        return None
    try:
        match = resolve(bare)
    except Resolver404:
        return None
    if match.view_name == "reports:report":
        return bare
    if match.view_name == "sales:counter":
        return path
    return match.view_name
