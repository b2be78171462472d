"""The pieces of the whole shop: in lots, counted, on their way, changed, lent and taken in."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from apps.consignment.services.coming_back import come_back, give_back
from apps.consignment.services.owners import pay_owner
from apps.counts.services.approving import approve
from apps.counts.services.weighing import weigh
from apps.credit.tendered import Tendered
from apps.customers.profiles import Wishes, add_day, write_profile
from apps.customers.services import add_customer
from apps.inventory.selectors import piece_by_tag
from apps.inventory.services.editing import edit, terms_of, version_of
from apps.inventory.services.losing import lose
from apps.inventory.services.moving import move
from apps.inventory.services.places import entrust
from apps.inventory.services.reservations import reserve_for
from apps.inventory.services.retag import Part, split
from apps.inventory.services.transfers import begin, pack, receive, send
from apps.lots.services import draw
from apps.sales.orders import Order
from apps.sales.pricing import Wanted
from apps.sales.rules import Payment
from apps.sales.services.sell import sell
from apps.till.kinds import TenderKind
from tests import make
from tests.consignment import memos
from tests.counts import counts
from tests.inventory import stock
from tests.lots import lots


def lots_and_counts(owner, at):
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


def stock_at_hand(owner, at):
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


def on_approval(owner, at):
    """Pieces lent, one kept and one back; an owner's pieces, one sold, one back, one paid for."""
    due = (at + timedelta(days=14)).date()
    for number in (1, 2, 3):
        make.piece(by=owner, at=at, tag=f"Q700{number}", name="Pendant, lent")
    sara = add_customer(name="Sara Haddad", phone="050 555 3344", by=owner, at=at)
    memo = memos.lent("Q7001", "Q7002", "Q7003", to=sara, by=owner, at=at, due=due)
    come_back(code=memo.code, tags=["Q7001"], place=None, key="back", by=owner, at=at)
    sold("Q7002", Payment("cash", Decimal(6000)), by=owner, at=at, customer=sara.pk)
    khalid = memos.dealer("Khalid Gems", by=owner)
    goods = [memos.goods(f"Q710{number}", name="Brooch of an owner") for number in (1, 2, 3)]
    theirs = memos.taken(*goods, of=khalid, by=owner, at=at, due=due)
    sold("Q7101", Payment("cash", Decimal(6000)), by=owner, at=at)
    give_back(code=theirs.code, tags=["Q7102"], key="gave", by=owner, at=at)
    paid = Tendered(kind=TenderKind.TRANSFER, amount=Decimal(300))
    pay_owner(owner=khalid.pk, tenders=[paid], reason="A part", key="paid", by=owner, at=at)


def sold(tag, *payments, by, at, key="", **more):
    """The sale of one piece."""
    order = Order(lines=(Wanted(tag),), payments=payments, key=key or f"sold-{tag}", **more)
    return sell(order=order, by=by, at=at).sale
