"""Limits of cash at the pages: a warning asks for a reason, a block and a nameless one end it."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from apps.credit.models import DuesPayment, GiftCard
from apps.customers.cash import SECTION
from apps.customers.models import CashKept
from apps.customers.services import add_paper
from apps.deposits.models import Deposit, DepositMove, Membership, SchemeMove
from apps.deposits.services.saving import join
from apps.ledger.models import Posting
from apps.purchasing.models import OldGoldSlip
from apps.returns.models import Document
from apps.sales.models import OpenSale, Sale
from apps.shops.approvals import set_pin
from apps.shops.models import Approval
from apps.shops.policies import set_policy
from apps.shops.scope import shop_scope
from apps.till.models import Payment
from tests import make
from tests.consignment import memos
from tests.credit import books
from tests.deposits import made
from tests.purchasing import gold
from tests.returns.days import sold
from tests.sales.test_counter_pages import Page

pytestmark = pytest.mark.django_db
D = Decimal
PIN = "8042"
WRITTEN = (
    CashKept,
    Payment,
    Posting,
    Approval,
    DuesPayment,
    GiftCard,
    Deposit,
    DepositMove,
    Membership,
    SchemeMove,
    OldGoldSlip,
    Document,
    Sale,
)


def at_work(*, currency="AED", pack="AE"):
    """A shop with a customer, money in the drawer, its owner with a PIN, and a clerk."""
    now = timezone.now()
    shop = make.shop(currency=currency, tax_pack=pack)
    owner = make.member(of=shop, username="leila")
    set_pin(member=owner, pin=PIN)
    clerk = make.member(of=shop, role="salesperson")
    with shop_scope(shop.pk):
        make.rate(of=shop, at=now)
        make.rate(of=shop, at=now, side="buy")
        gold.float_of(by=owner, at=now)
        who = gold.seller(by=owner, paper="" if pack == "AE" else "784-1990-1234567-1")
    return SimpleNamespace(shop=shop, owner=owner, clerk=clerk, who=who, now=now)


def signed_in(member):
    client = Client()
    client.force_login(member.user)
    return client


def limited(here, way, threshold, effect="warn"):
    with shop_scope(here.shop.pk):
        rule = {"threshold": threshold, "days": 1, "effect": effect}
        set_policy(SECTION, {way: rule}, by=here.owner, at=here.now)


def rows(here):
    with shop_scope(here.shop.pk):
        return [model.objects.count() for model in WRITTEN]


def inside(here, do):
    with shop_scope(here.shop.pk):
        return do()


# What is taken: each door prepares what it needs and answers the address and the fields.


def dues(here, amount):
    inside(here, lambda: books.owes(here.who, amount, by=here.owner, at=here.now))
    return f"/credit/customers/{here.who.pk}/pay/", {"cash": amount}


def new_deposit(here, amount):
    return f"/deposits/new/?customer={here.who.pk}", {"kind": "value", "cash": amount}


def deposit(here, amount):
    tenders = made.card("10")
    opened = inside(
        here,
        lambda: made.deposit(by=here.owner, of=here.who, tags=(), paid=tenders, at=here.now),
    )
    return f"/deposits/{opened.number}/pay/", {"cash": amount}


def joining(here, amount):
    inside(here, lambda: made.plan(by=here.owner, at=here.now, amount=D(amount)))
    return f"/deposits/schemes/join/?customer={here.who.pk}", {"plan": "GOLD11", "cash": amount}


def instalment(here, amount):
    def begun():
        made.plan(by=here.owner, at=here.now, amount=D(amount))
        paid = made.card(amount)
        given = {"plan": "GOLD11", "customer": here.who.pk, "tenders": paid, "key": "first"}
        return join(**given, by=here.owner, at=here.now).membership

    return f"/deposits/schemes/{inside(here, begun).number}/pay/", {"cash": amount}


def gift_card(here, amount):
    return "/credit/gift-cards/sell/", {"amount": amount, "cash": amount, "customer": here.who.name}


TAKING = [dues, new_deposit, deposit, joining, instalment, gift_card]


# What is paid out.


def cancelled(here):
    opened = inside(
        here,
        lambda: made.deposit(by=here.owner, of=here.who, tags=(), paid="2000", at=here.now),
    )
    return f"/deposits/{opened.number}/end/cancel/", {"back_to": "source", **why(here)}


def closed(here):
    def begun():
        made.plan(by=here.owner, at=here.now, amount=D(2000))
        return made.passbook(by=here.owner, of=here.who, paid="2000", at=here.now)

    number = inside(here, begun).number
    return f"/deposits/schemes/{number}/close/", {"back_to": "source", **why(here)}


def bought(here):
    def sale():
        make.piece(by=here.owner, tag="R-1", at=here.now)
        return sold("R-1", by=here.owner, at=here.now, customer=here.who.pk)

    return inside(here, sale).code


def chosen(here, seen):
    return {"take_0": "on", "weighed_0": "10.000", "seen": seen, **why(here)}


def returned(here):
    return f"/returns/bills/{bought(here)}/return/", chosen(here, "1057.98")


def bought_back(here):
    address = f"/returns/bills/{bought(here)}/buy-back/"
    page = signed_in(here.owner).get(address, {"take_0": "on", "weighed_0": "10.000"}).text
    seen = page.split('name="seen" value="')[1].split('"')[0]
    return address, {"paid_by": "cash", **chosen(here, seen)}


def exchanged(here):
    address = f"/returns/bills/{bought(here)}/exchange/"
    inside(
        here,
        lambda: make.piece(
            by=here.owner,
            tag="R-2",
            at=here.now,
            metals=(make.gold(net_weight_g="1"),),
            gross_weight_g=D(1),
        ),
    )
    asked = {"take_0": "on", "weighed_0": "10.000", "taken": "R-2"}
    page = signed_in(here.owner).get(address, asked).text
    seen = page.split('name="seen" value="')[1].split('"')[0]
    return address, {"taken": "R-2", **chosen(here, seen)}


def old_gold(here):
    inside(
        here,
        lambda: add_paper(
            customer=here.who, kind="national_id", number="784-1", by=here.owner, at=here.now
        ),
    )
    fields = {
        "customer": here.who.pk,
        "do": "buy",
        "purpose": "cash",
        "pay_by": "cash",
        "seen_total": "916.00",
        "item-0-description": "Bangle",
        "item-0-metal": "gold",
        "item-0-gross_weight_g": "10",
        "item-0-tested_fineness": "22K",
        "item-0-method": "xrf",
    }
    return "/old-gold/new/", fields


def claim(here):
    def taken():
        add_paper(customer=here.who, kind="national_id", number="784-1", by=here.owner, at=here.now)
        return gold.slip(of=here.who, by=here.owner, at=here.now, purpose="exchange")

    return f"/old-gold/{inside(here, taken).code}/pay/", {"pay_by": "cash", "reason": "Moves away"}


def owner_of_a_memo(here):
    """Asked of those in charge alone, whatever the sum is."""

    def sale():
        due = here.now.date() + timedelta(days=9)
        khalid = memos.dealer(by=here.owner)
        memos.taken(memos.goods("M-1"), of=khalid, by=here.owner, at=here.now, due=due)
        sold("M-1", by=here.owner, at=here.now, given=D(2000))
        return khalid.pk

    return f"/memo/owners/{inside(here, sale)}/pay/", {"cash": "700", "reason": "settled"}


def why(here):
    """What the document itself asks of a clerk; the limit of cash asks besides."""
    return {"reason": "Asked for it", "approver": "leila", "pin": PIN}


PAYING = [cancelled, closed, returned, bought_back, exchanged, old_gold, claim]


def send(client, address, fields, **more):
    return client.post(address, {**fields, **more})


def passes_after_the_warning(here, address, fields):
    """Warned, without a PIN, with a wrong one, with the right one."""
    desk, before = signed_in(here.clerk), rows(here)
    fields = {**fields, "key": str(uuid4())}

    warned = send(desk, address, fields)
    assert warned.status_code == 409, warned.text
    assert "Write a reason to go on" in warned.text
    assert 'name="cash-reason"' in warned.text
    assert 'name="cash-pin"' in warned.text

    alone = send(desk, address, fields, **{"cash-reason": "The report is filed"})
    assert alone.status_code == 409
    assert "a second person must approve this" in alone.text
    assert 'value="The report is filed"' in alone.text
    assert 'name="cash-pin"' in alone.text

    said = {"cash-reason": "The report is filed", "cash-approver": "leila"}
    wrong = send(desk, address, fields, **said, **{"cash-pin": "1111"})
    assert wrong.status_code == 403
    assert "1111" not in wrong.text
    assert 'name="cash-pin"' in wrong.text
    assert rows(here) == before

    done = send(desk, address, fields, **said, **{"cash-pin": PIN})
    assert done.status_code == 302, done.text
    approval = inside(here, lambda: Approval.objects.get(action="cash_limit"))
    assert (approval.asked_by_id, approval.approved_by_id) == (here.clerk.pk, here.owner.pk)
    assert approval.reason == "The report is filed"


@pytest.mark.parametrize("door", TAKING)
def test_cash_that_is_taken_goes_on_with_a_reason_and_a_second_person(door):
    here = at_work()
    limited(here, "in", "1000")

    passes_after_the_warning(here, *door(here, "2000"))


@pytest.mark.parametrize("door", PAYING)
def test_cash_that_is_paid_out_goes_on_with_a_reason_and_a_second_person(door):
    here = at_work()
    address, fields = door(here)
    limited(here, "out", "500")

    passes_after_the_warning(here, address, fields)


@pytest.mark.parametrize("door", [dues, gift_card, cancelled, returned, claim, owner_of_a_memo])
def test_whoever_is_in_charge_writes_only_the_reason(door):
    here = at_work()
    taken = door in TAKING
    address, fields = door(here, "2000") if taken else door(here)
    limited(here, "in" if taken else "out", "500")
    desk = signed_in(here.owner)
    fields = {name: said for name, said in fields.items() if name not in ("approver", "pin")}
    fields["key"] = str(uuid4())

    warned = send(desk, address, fields)
    done = send(desk, address, fields, **{"cash-reason": "The report is filed"})

    assert 'name="cash-reason"' in warned.text
    assert 'name="cash-pin"' not in warned.text
    assert done.status_code == 302, done.text


@pytest.mark.parametrize("door", TAKING)
def test_in_the_emirates_a_paper_is_asked_for_and_then_it_passes(door):
    here = at_work()
    address, fields = door(here, "55000")
    desk, before = signed_in(here.clerk), rows(here)
    fields["key"] = str(uuid4())

    refused = send(desk, address, fields)

    assert refused.status_code == 409, refused.text
    assert "shows an identity paper" in refused.text
    assert 'name="cash-reason"' not in refused.text
    assert rows(here) == before
    inside(
        here,
        lambda: add_paper(
            customer=here.who, kind="passport", number="X1234", by=here.owner, at=here.now
        ),
    )
    assert send(desk, address, fields).status_code == 302


@pytest.mark.parametrize("door", TAKING)
def test_in_india_it_is_blocked_whatever_is_written(door):
    here = at_work(currency="INR", pack="IN")
    address, fields = door(here, "200000")
    desk, before = signed_in(here.owner), rows(here)

    said = {"key": str(uuid4()), "cash-reason": "Wants it so"}
    refused = send(desk, address, fields, **said)

    assert refused.status_code == 409, refused.text
    assert "Use a card or a bank transfer for the rest." in refused.text
    assert rows(here) == before


@pytest.mark.parametrize("door", PAYING)
def test_a_block_of_the_shop_stops_what_is_paid_out(door):
    here = at_work()
    address, fields = door(here)
    limited(here, "out", "500", effect="block")
    desk, before = signed_in(here.owner), rows(here)

    said = {"key": str(uuid4()), "cash-reason": "Wants it so"}
    refused = send(desk, address, fields, **said)

    assert refused.status_code == 409, refused.text
    assert "Use a card or a bank transfer for the rest." in refused.text
    assert rows(here) == before


def test_a_gift_card_for_nobody_in_particular():
    here = at_work()
    address, fields = gift_card(here, "55000")
    desk, before = signed_in(here.owner), rows(here)
    del fields["customer"]

    refused = send(desk, address, fields, key=str(uuid4()))

    assert refused.status_code == 409
    assert "the customer must be known" in refused.text
    assert rows(here) == before
    assert send(desk, address, fields, key=str(uuid4()), customer="nobody").status_code == 422
    small = {**fields, "amount": "5000", "cash": "5000", "key": str(uuid4())}
    assert send(desk, address, small).status_code == 302


def test_a_return_of_nobody_in_particular():
    here = at_work()

    def sale():
        make.piece(by=here.owner, tag="R-1", at=here.now)
        return sold("R-1", by=here.owner, at=here.now).code

    address = f"/returns/bills/{inside(here, sale)}/return/"
    limited(here, "out", "500")
    desk, before = signed_in(here.owner), rows(here)

    refused = send(desk, address, chosen(here, "1057.98"), key=str(uuid4()))

    assert refused.status_code == 409
    assert "the customer must be known" in refused.text
    assert rows(here) == before


# The counter


def counter(here, member, weight="10"):
    """R-1 lies on the counter and is paid in cash to the last coin."""
    terms = {"metals": (make.gold(net_weight_g=weight),), "gross_weight_g": D(weight)}
    inside(here, lambda: make.piece(by=here.owner, tag="R-1", at=here.now, **terms))
    page = Page(signed_in(member))
    page.scan("R-1")
    return page


def test_the_counter_asks_for_a_reason_and_a_second_person():
    here = at_work()
    limited(here, "in", "1000")
    page = counter(here, here.clerk)
    page.post("customer-choose", here.who.pk)
    page.pay(str(make.RING_TOTAL))
    assert 'name="credit-reason"' not in page.get().text
    before = rows(here)

    warned = page.finish()
    assert warned.status_code == 409
    assert "Write a reason to go on" in warned.text
    assert 'name="credit-reason"' in warned.text
    assert 'name="credit-pin"' in warned.text
    assert "There is no reason" not in warned.text

    said = {"credit-reason": "The report is filed", "credit-approver": "leila"}
    assert page.finish(**{"credit-reason": "The report is filed"}).status_code == 409
    wrong = page.finish(**said, **{"credit-pin": "1111"})
    assert wrong.status_code == 403
    assert "The report is filed" in wrong.text
    assert rows(here) == before

    assert page.finish(**said, **{"credit-pin": PIN}).status_code == 302
    approval = inside(here, lambda: Approval.objects.get(action="cash_limit"))
    assert (approval.approved_by_id, approval.amount) == (here.owner.pk, make.RING_TOTAL)
    assert inside(here, lambda: CashKept.objects.get().amount) == make.RING_TOTAL


def test_the_counter_asks_the_owner_for_a_reason_alone():
    here = at_work()
    limited(here, "in", "1000")
    page = counter(here, here.owner)
    page.post("customer-choose", here.who.pk)
    page.pay(str(make.RING_TOTAL))

    warned = page.finish()

    assert 'name="credit-reason"' in warned.text
    assert 'name="credit-pin"' not in warned.text
    assert page.finish(**{"credit-reason": "The report is filed"}).status_code == 302


@pytest.mark.parametrize(
    ("currency", "pack", "weight", "says"),
    [
        ("AED", "AE", "600", "From 55,000.00 AED on the customer must be known"),
        ("INR", "IN", "2000", "on the customer must be known"),
    ],
)
def test_the_counter_sells_nothing_to_nobody_above_the_limit(currency, pack, weight, says):
    here = at_work(currency=currency, pack=pack)
    page = counter(here, here.owner, weight)
    page.pay("300000")
    before = rows(here)

    refused = page.finish()

    assert refused.status_code == 409
    assert says in refused.text
    assert 'name="credit-reason"' not in refused.text
    assert rows(here) == before
    assert inside(here, OpenSale.objects.count) == 1


def test_the_counter_blocks_cash_in_india_whatever_is_written():
    here = at_work(currency="INR", pack="IN")
    inside(
        here,
        lambda: add_paper(
            customer=here.who, kind="tax_card", number="ABCDE1234F", by=here.owner, at=here.now
        ),
    )
    page = counter(here, here.owner, "2000")
    page.post("customer-choose", here.who.pk)
    page.pay("300000")
    before = rows(here)

    refused = page.finish(**{"credit-reason": "Wants it so"})

    assert refused.status_code == 409
    assert "Use a card or a bank transfer for the rest." in refused.text
    assert rows(here) == before
