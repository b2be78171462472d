"""A shop on whose every page is something, and the way to all of its pages.

A day's documents of every kind are made by our services; the pages are found as people find them,
by following the links.
"""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.urls import Resolver404, resolve

from apps.consignment.services.coming_back import come_back, give_back
from apps.consignment.services.owners import pay_owner
from apps.core.units import permille
from apps.counts.services.approving import approve
from apps.counts.services.weighing import weigh
from apps.credit.exchange import set_cash_rate
from apps.credit.tendered import Tendered
from apps.customers.profiles import Wishes, add_day, write_profile
from apps.customers.services import add_customer
from apps.deposits.models import DepositKind
from apps.inventory.models import Place
from apps.inventory.selectors import piece_by_tag
from apps.inventory.services.editing import edit, terms_of, version_of
from apps.inventory.services.losing import lose
from apps.inventory.services.moving import move
from apps.inventory.services.places import entrust
from apps.inventory.services.reservations import reserve_for
from apps.inventory.services.retag import Part, split
from apps.inventory.services.transfers import begin, pack, receive, send
from apps.lots.services import draw
from apps.purchasing.models import OldGoldItem
from apps.purchasing.services.bags import open_bag, put_in, seal_bag
from apps.purchasing.services.melt import assay_bag, melt_bag
from apps.purchasing.services.metal import fix, receive_metal
from apps.purchasing.services.refining import send_bar
from apps.returns.services.take_back import take_back
from apps.returns.services.void import void
from apps.sales.open_sales import working_sale
from apps.sales.orders import Order
from apps.sales.pricing import Wanted
from apps.sales.rules import Payment
from apps.sales.services.counter import put_on
from apps.sales.services.favourites import add_favourite
from apps.sales.services.hold import hold
from apps.sales.services.sell import sell
from apps.shops.scope import shop_scope
from apps.till.kinds import TenderKind
from apps.till.policy import set_till_rules
from tests import make
from tests.consignment import memos
from tests.counts import counts
from tests.credit import books
from tests.deposits import made
from tests.inventory import stock
from tests.lots import lots
from tests.purchasing import gold
from tests.returns.days import asked, back
from tests.till import days

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
    "/returns/find/",
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


def fill(*, shop, owner, at):
    """A day in which everything happens once. `at`: now."""
    with shop_scope(shop.pk), transaction.atomic():
        _the_morning(shop, owner, at)
        _lots_and_counts(owner, at)
        _stock_at_hand(owner, at)
        _bills(owner, at)
        _old_gold(owner, at)
        _promises(owner, at)
        _the_counter(owner, at)
        _on_approval(owner, at)


def _on_approval(owner, at):
    """Pieces lent, one kept and one back; an owner's pieces, one sold, one back, one paid for."""
    due = (at + timedelta(days=14)).date()
    for number in (1, 2, 3):
        make.piece(by=owner, at=at, tag=f"Q700{number}", name="Pendant, lent")
    sara = add_customer(name="Sara Haddad", phone="050 555 3344", by=owner, at=at)
    memo = memos.lent("Q7001", "Q7002", "Q7003", to=sara, by=owner, at=at, due=due)
    come_back(code=memo.code, tags=["Q7001"], place=None, key="back", by=owner, at=at)
    _sold("Q7002", Payment("cash", Decimal(6000)), by=owner, at=at, customer=sara.pk)
    khalid = memos.dealer("Khalid Gems", by=owner)
    goods = [memos.goods(f"Q710{number}", name="Brooch of an owner") for number in (1, 2, 3)]
    theirs = memos.taken(*goods, of=khalid, by=owner, at=at, due=due)
    _sold("Q7101", Payment("cash", Decimal(6000)), by=owner, at=at)
    give_back(code=theirs.code, tags=["Q7102"], key="gave", by=owner, at=at)
    paid = Tendered(kind=TenderKind.TRANSFER, amount=Decimal(300))
    pay_owner(owner=khalid.pk, tenders=[paid], reason="A part", key="paid", by=owner, at=at)


def _stock_at_hand(owner, at):
    """A parcel on its way, half received; a split, a write-off, a reservation, a changed piece."""
    tray, safe = stock.place("Tray 11, hands"), stock.place("Safe 2", kind="safe")
    there = stock.second_branch("Marina", "9")
    window = stock.place("Window 9", kind="window", branch=there)
    for number in range(1, 9):
        make.piece(by=owner, at=at, tag=f"Q600{number}", name="Band ring", place=tray)
    move(tags=["Q6001"], place=safe, by=owner, at=at)
    entrust(place=tray.pk, to=owner, by=owner, at=at)
    way = {"source": tray.branch, "target": there, "by": owner, "at": at}
    pack(transfer=begin(key="draft", **way).pk, tags=["Q6008"])
    parcel = begin(key="sent", **way).pk
    pack(transfer=parcel, tags=["Q6002", "Q6003"])
    send(transfer=parcel, reason="For the window", by=owner, at=at)
    receive(transfer=parcel, tags=["Q6002"], place=window, by=owner, at=at, key="came")
    halves = [Part(net_g=(Decimal(grams),)) for grams in (4, 6)]
    split(tag="Q6004", parts=halves, by=owner, at=at, key="split")
    lose(tags=["Q6005"], reason="Not in the tray", by=owner, at=at, key="lost")
    kept = add_customer(name="Nadia Rahman", phone="050 555 7788", by=owner, at=at)
    add_customer(name="N. Rahman", phone="+971505557788", by=owner, at=at)  # the same person
    wishes = Wishes(ring_mm=Decimal("54.4"), likes="Rubies", phones=[("Work", "04 555 1000")])
    write_profile(pk=kept.pk, wishes=wishes, by=owner, at=at)
    add_day(pk=kept.pk, kind="wedding", day=at.date().replace(year=2015), by=owner, at=at)
    until = at.date() + timedelta(days=5)
    reserve_for(tag="Q6006", customer=kept.pk, until=until, by=owner, at=at)
    whole = piece_by_tag(tag="Q6007")
    edit(
        tag="Q6007",
        terms=replace(terms_of(whole), name="Band ring, brushed"),
        version=version_of(whole.piece),
        by=owner,
        at=at,
    )


def _lots_and_counts(owner, at):
    """Two lots, a part of one; a count that is approved, one that waits, one being counted."""
    tray = counts.tray(name="Tray 8, counted")
    counts.pieces("K7001", "K7002", "K7003", by=owner, place=tray)
    chain = lots.filled(lots.chain(by=owner, place=tray), by=owner, grams="120", cost="3000")
    lots.filled(lots.melee(by=owner), by=owner, pieces=300, carats="4.5", cost="900")
    drawn = {"grams": Decimal("7.35"), "pieces": 0, "carats": Decimal(0)}
    draw(lot=chain, by=owner, at=at, **drawn)
    for note in ("approved", "waiting", "open"):
        count = counts.count(tray, by=owner, note=note)
        sheet = counts.begun(count, by=owner, at=at)
        counts.read(sheet, "K7001", "Z9999", by=owner)
        weigh(sheet=sheet, lot=chain, pieces=None, weight=Decimal("112"), by=owner, at=at)
        if note == "open":
            continue
        counts.finish(sheet=sheet, by=owner, at=at)
        if note == "approved":
            approve(count=count, choices={}, reason="Counted anew.", by=owner, at=at)
            tray = counts.tray(name="Tray 9, waiting")
            counts.pieces("K7004", "K7005", by=owner, place=tray)
            chain = lots.filled(
                lots.chain(by=owner, code="CH2", place=tray), by=owner, grams="120", cost="3000"
            )
        else:
            tray = counts.tray(name="Tray 10, open")
            chain = lots.filled(
                lots.chain(by=owner, code="CH3", place=tray), by=owner, grams="120", cost="3000"
            )


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
    # Yesterday's drawer, a dirham short.
    days.opened(by=owner, total="20000", at=at)
    days.sent(days.counted("19999", USD="0"), by=owner, at=at)
    days.signed(by=owner, reason="A coin fell behind the safe", at=at)
    days.opened(by=owner, total="50000", at=at)
    days.moved("20", by=owner, at=at, out=True, reason="Cleaning cloths for the window")


def _sold(tag, *payments, by, at, **more):
    order = Order(lines=(Wanted(tag),), payments=payments, key=f"sold-{tag}", **more)
    return sell(order=order, by=by, at=at).sale


def _bills(owner, at):
    debtor = add_customer(
        name="Omar Saleh",
        phone="050 555 0123",
        address="Al Sabkha Road 12",
        credit_limit=Decimal(20000),
        by=owner,
        at=at,
    )
    cash = Payment("cash", Decimal(5000))
    first = _sold("K4001", cash, by=owner, at=at)
    take_back(
        asked=asked(first, reason="Too small"),
        backs=[back("K4001", weighed="4.250")],
        by=owner,
        at=at,
    )
    void(asked=asked(_sold("K4002", cash, by=owner, at=at), key="void"), by=owner, at=at)
    owed = Payment("on_account", Decimal(800))
    _sold("K4003", owed, cash, by=owner, at=at, customer=debtor.pk)
    _sold("K4004", cash, by=owner, at=at, customer=debtor.pk)
    books.has_credit(debtor, "150", by=owner, at=at)
    books.card(500, by=owner, at=at)


def _the_counter(owner, at):
    """A sale that is held, and a favourite."""
    till = days.till()
    make.piece(by=owner, tag="H5001", name="Band ring", at=at)
    put_on(tag="H5001", register=till, by=owner, at=at)
    hold(key=working_sale(till).get().key, register=till, by=owner, at=at)
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
        name = _name(path)
        if name is None or name in found:
            continue
        answer = client.get(path)
        if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
            continue
        found[name] = path
        todo += LINK.findall(answer.content.decode().replace("&amp;", "&"))
    return list(found.values())


def _name(path):
    """What a page is called: one of each is enough, but every report is a page of its own."""
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
