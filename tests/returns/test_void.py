"""The void: the whole bill, on its day, at its till, before the close."""

from datetime import timedelta

import pytest
from django.db import transaction

from apps.credit.balances import dues_of, store_credit_of
from apps.credit.dues import receive_payment
from apps.inventory.models import Movement, Piece
from apps.ledger import chart
from apps.ledger.services import Amount, post
from apps.returns.models import Document, Fate
from apps.returns.refusals import (
    DrawerClosed,
    KeyUsed,
    NeverSold,
    NotOfToday,
    OtherTill,
    ResultChanged,
    VoidsNoPart,
)
from apps.returns.services.take_back import take_back
from apps.returns.services.void import void
from apps.sales.models import SaleLine
from apps.sales.rules import Payment
from apps.shops.approvals import ApprovalNeeded, Approver, NotAllowed, ReasonMissing, set_pin
from apps.shops.models import Approval, Branch, Register
from apps.shops.policies import set_policy
from apps.shops.scope import shop_scope
from apps.shops.shifts import end, locked_register
from apps.till.drawer import NotInDrawer
from tests import make
from tests.credit import books as accounts
from tests.returns.days import LATER, TOTAL, asked, back, books, demand_balance, sold

pytestmark = pytest.mark.django_db


@pytest.fixture
def bill(shop, owner, scope):
    """Two rings for cash."""
    make.rate(of=shop)
    for tag in ("R-1", "R-2"):
        make.piece(by=owner, tag=tag)
    return sold("R-1", "R-2", by=owner)


def test_a_void_leaves_the_books_the_stock_and_the_drawer_as_they_were(shop, owner, scope):
    make.rate(of=shop)
    make.piece(by=owner)
    before = books()
    bill = sold("R-1", by=owner)
    assert books() != before

    document = void(asked=asked(bill), by=owner, at=LATER)

    assert books() == before
    assert (document.code, document.total, document.kept) == ("1-V000001", TOTAL, 0)
    assert Piece.objects.get().state == "in_stock"
    assert Movement.objects.order_by("-pk").first().reference == "1-V000001"
    line = document.lines.get()
    assert (line.refunded, line.tax, line.fate) == (bill.total, bill.tax, Fate.STOCK)
    assert not SaleLine.objects.get().live
    assert Approval.objects.get().reference == "1-V000001"


def test_the_piece_can_be_sold_and_voided_again(bill, owner):
    void(asked=asked(bill), by=owner, at=LATER)
    again = sold("R-1", by=owner, key="sale-2", at=LATER)
    assert void(asked=asked(again, key="key-2"), by=owner, at=LATER).number == 2
    demand_balance()


def test_the_same_request_is_answered_with_the_first_document(bill, owner):
    first = void(asked=asked(bill), by=owner, at=LATER)
    assert void(asked=asked(bill), by=owner, at=LATER) == first
    with pytest.raises(KeyUsed, match="1-V000001"):
        void(asked=asked(bill, reason="another"), by=owner, at=LATER)
    assert Document.objects.count() == 1


def test_a_bill_is_voided_once(bill, owner):
    void(asked=asked(bill), by=owner, at=LATER)
    with pytest.raises(VoidsNoPart, match="1-V000001"), transaction.atomic():
        void(asked=asked(bill, key="key-2"), by=owner, at=LATER)


def test_not_the_next_day_nor_before_it_was_sold(bill, owner):
    for at in (make.NOON + timedelta(days=1), make.NOON - timedelta(minutes=1)):
        with pytest.raises(NotOfToday), transaction.atomic():
            void(asked=asked(bill), by=owner, at=at)


def test_the_day_is_the_shops_and_not_utcs(owner, shop, scope):
    shop.time_zone = "Asia/Tehran"  # 15:30 at NOON; the next day from 20:30 UTC
    shop.save()
    make.rate(of=shop)
    make.piece(by=owner)
    owner.shop.refresh_from_db()
    bill = sold("R-1", by=owner)
    with pytest.raises(NotOfToday), transaction.atomic():
        void(asked=asked(bill), by=owner, at=make.NOON.replace(hour=20, minute=45))
    void(asked=asked(bill), by=owner, at=make.NOON.replace(hour=20, minute=15))


def test_not_at_another_till(bill, owner):
    Register.objects.create(branch=Branch.objects.get(), code="2", name="Till 2")
    with pytest.raises(OtherTill, match="Till 1"), transaction.atomic():
        void(asked=asked(bill, till="2"), by=owner, at=LATER)
    void(asked=asked(bill, till="1"), by=owner, at=LATER)


@pytest.mark.parametrize("opened_again", [False, True])
def test_not_after_the_close_of_its_drawer(bill, owner, opened_again):
    with transaction.atomic():
        end(register=locked_register(code="1"), by=owner, at=LATER)
    if opened_again:
        make.shift(by=owner, at=LATER)
    with pytest.raises(DrawerClosed), transaction.atomic():
        void(asked=asked(bill), by=owner, at=LATER)
    assert not Document.objects.exists()


def test_not_when_a_piece_of_it_came_back_before(bill, owner):
    returned = take_back(asked=asked(bill), backs=[back()], by=owner, at=LATER)
    with pytest.raises(VoidsNoPart, match=returned.code), transaction.atomic():
        void(asked=asked(bill, key="key-2"), by=owner, at=LATER)


def test_not_when_the_drawer_has_not_the_cash_any_more(bill, owner):
    post(
        what="cash-out",
        reference="1-M000001",
        at=LATER,
        day=LATER.date(),
        by=owner,
        shift=bill.shift_id,
        amounts=[
            Amount(account=chart.CASH, commodity="AED", amount=-1),
            Amount(account=chart.SAFE, commodity="AED", amount=1),
        ],
    )
    with pytest.raises(NotInDrawer, match="should not hold that much"), transaction.atomic():
        void(asked=asked(bill), by=owner, at=LATER)
    assert Piece.objects.filter(state="sold").count() == 2


def test_what_was_never_sold(bill, owner):
    for text in ("1-000099", "", "\x00", "R-1"):
        with pytest.raises(NeverSold), transaction.atomic():
            void(asked=asked(text), by=owner, at=LATER)


def test_a_bill_of_another_shop_is_never_found(bill, db):
    elsewhere = make.shop(name="Other")
    stranger = make.member(of=elsewhere)
    with shop_scope(elsewhere.pk), pytest.raises(NeverSold), transaction.atomic():
        void(asked=asked(bill), by=stranger, at=LATER)


def test_it_needs_a_reason_a_role_and_a_second_person(bill, shop, owner):
    clerk = make.member(of=shop, role="salesperson")
    set_pin(member=owner, pin="4821")
    with pytest.raises(ReasonMissing), transaction.atomic():
        void(asked=asked(bill, reason=" "), by=owner, at=LATER)
    with pytest.raises(ApprovalNeeded), transaction.atomic():
        void(asked=asked(bill), by=clerk, at=LATER)
    set_policy("approvals", {"void": {"roles": ["owner"]}}, by=owner, at=LATER)
    with pytest.raises(NotAllowed), transaction.atomic():
        void(asked=asked(bill), by=clerk, at=LATER)
    set_policy("approvals", {}, by=owner, at=LATER)
    approver = Approver(username=owner.user.username, pin="4821")
    document = void(asked=asked(bill, approver=approver), by=clerk, at=LATER)
    assert (document.approval.asked_by, document.approval.approved_by) == (clerk, owner)


def test_another_total_than_the_one_on_the_screen_is_refused(bill, owner):
    with pytest.raises(ResultChanged), transaction.atomic():
        void(asked=asked(bill, seen=TOTAL), by=owner, at=LATER)
    void(asked=asked(bill, seen=bill.total), by=owner, at=LATER)


def test_what_was_paid_of_a_bill_on_account_becomes_store_credit(shop, owner, scope):
    """Nobody owes less than nothing: money that lay in the dues could never be spent."""
    make.rate(of=shop)
    make.piece(by=owner)
    zahra = accounts.customer(by=owner, limit=5000)
    accounts.owes(zahra, 100, by=owner, reference="1-000777")
    bill = sold("R-1", by=owner, customer=zahra.pk, payments=[Payment("on_account", TOTAL)])
    receive_payment(customer=zahra, tenders=[accounts.cash(TOTAL)], key="paid", by=owner, at=LATER)

    void(asked=asked(bill), by=owner, at=LATER)

    assert dues_of(zahra, currency="AED") == 0
    assert store_credit_of(zahra, currency="AED") == TOTAL - 100
    demand_balance()
