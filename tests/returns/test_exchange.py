"""The exchange: a return, a new bill and the difference, or nothing of it."""

from decimal import Decimal

import pytest
from django.db import transaction

from apps.credit.balances import store_credit_of
from apps.customers.services import add_customer
from apps.inventory.models import Piece
from apps.inventory.services.sell import PieceNotForSale
from apps.returns.models import Document
from apps.returns.refusals import CustomerMissing, KeyUsed, ResultChanged
from apps.returns.services.exchange import exchange
from apps.sales.models import Sale
from apps.sales.orders import TendersDoNotMatch
from apps.sales.pricing import Wanted
from apps.sales.rules import Payment
from apps.shops.approvals import ApprovalNeeded
from apps.shops.models import Role, Shift
from apps.shops.policies import set_policy
from apps.till.drawer import NotInDrawer
from apps.till.models import MoveKind, MovePlace
from apps.till.models import Payment as Paid
from apps.till.report import cash_in_drawer
from apps.till.services.moves import Wanted as CashWanted
from apps.till.services.moves import move_cash
from tests import make
from tests.returns.days import LATER, TOTAL, asked, back, books, demand_balance, sold

pytestmark = pytest.mark.django_db


@pytest.fixture
def mona(owner, scope):
    return add_customer(name="Mona", by=owner, at=make.NOON)


@pytest.fixture
def bill(shop, owner, mona):
    """A ring that Mona bought for cash; a lighter and a heavier one lie in the tray."""
    make.rate(of=shop)
    make.piece(by=owner)
    for tag, grams in (("LIGHT", "5"), ("HEAVY", "12")):
        make.piece(
            by=owner,
            tag=tag,
            metals=(make.gold(net_weight_g=grams),),
            gross_weight_g=Decimal(grams),
            cost=Decimal(300),
        )
    return sold("R-1", by=owner, customer=mona.pk)


def exchanged(bill, tag, *payments, by, key="key-1", **more):
    with transaction.atomic():
        document = exchange(
            asked=asked(bill, key=key, **more.pop("asked", {})),
            backs=[back()],
            taken=[Wanted(tag)],
            payments=payments,
            by=by,
            at=LATER,
            **more,
        )
    demand_balance()
    return document


def test_the_difference_is_paid(bill, owner, mona):
    document = exchanged(bill, "HEAVY", Payment("cash", Decimal("211.60")), by=owner)

    assert (document.code, document.total, document.claim) == ("1-X000001", TOTAL, TOTAL)
    new = document.new_sale
    assert (new.code, new.total, new.customer) == ("1-000002", Decimal("1269.58"), mona)
    assert list(new.tenders.order_by("position").values_list("kind", "amount")) == [
        ("store_credit", TOTAL),
        ("cash", Decimal("211.60")),
    ]
    assert store_credit_of(mona, currency="AED") == 0
    assert books()["cash", "AED"] == new.total
    assert books()["cost-of-sales", "gold"] == Decimal("10.992")
    assert dict(Piece.objects.values_list("tag", "state")) == {
        "R-1": "in_stock",
        "LIGHT": "in_stock",
        "HEAVY": "sold",
    }


def test_what_is_left_goes_back_as_it_was_paid(bill, owner, mona):
    document = exchanged(bill, "LIGHT", by=owner)

    assert document.claim == document.new_sale.total == Decimal("528.99")
    assert list(Paid.objects.order_by("position").values_list("kind", "amount")) == [
        ("store_credit", Decimal("528.99")),
        ("cash", Decimal("528.99")),
    ]
    assert store_credit_of(mona, currency="AED") == 0
    assert books()["cash", "AED"] == Decimal("528.99")


def test_what_is_left_stays_as_credit_where_the_policy_says_so(bill, owner, mona):
    set_policy("returns", {"default": {"refund_to": "store_credit"}}, by=owner, at=make.NOON)
    exchanged(bill, "LIGHT", by=owner)
    assert store_credit_of(mona, currency="AED") == Decimal("528.99")


def test_too_little_paid_undoes_all_of_it(bill, owner):
    before = books()
    with pytest.raises(TendersDoNotMatch):
        exchanged(bill, "HEAVY", Payment("cash", Decimal("211.59")), by=owner)
    assert books() == before
    assert not Document.objects.exists()
    assert Sale.objects.count() == 1
    assert not Paid.objects.exists()


def test_the_piece_that_comes_back_cannot_be_what_is_taken(bill, owner):
    with pytest.raises(PieceNotForSale):
        exchanged(bill, "R-1", by=owner)


def test_the_same_request_is_answered_with_the_first_document(bill, owner):
    payment = Payment("cash", Decimal("211.60"))
    first = exchanged(bill, "HEAVY", payment, by=owner)
    assert exchanged(bill, "HEAVY", payment, by=owner) == first
    assert Sale.objects.count() == 2


def test_another_difference_than_the_one_on_the_screen(shop, bill, owner):
    make.rate(of=shop, amount="110", at=LATER)
    with pytest.raises(ResultChanged, match=r"211\.60"):
        exchanged(
            bill,
            "HEAVY",
            Payment("cash", Decimal(1000)),
            by=owner,
            asked={"seen": Decimal("211.60")},
        )


def test_it_belongs_to_a_customer(shop, owner, mona):
    make.rate(of=shop)
    make.piece(by=owner)
    make.piece(by=owner, tag="R-2")
    bill = sold("R-1", by=owner)
    with pytest.raises(CustomerMissing):
        exchanged(bill, "R-2", by=owner)
    document = exchanged(bill, "R-2", by=owner, customer=mona.pk)
    assert document.new_sale.customer == mona


def test_whoever_may_not_do_it_does_not_learn_what_the_drawer_holds(shop, bill, owner):
    """The drawer is empty; a clerk is told about the second person, and of no cash."""
    clerk = make.member(of=shop, role=Role.SALESPERSON)
    shift = Shift.objects.get(closed_at__isnull=True)
    move_cash(
        register=shift.register_id,
        wanted=CashWanted(
            kind=MoveKind.OUT,
            place=MovePlace.SAFE,
            currency="AED",
            amount=cash_in_drawer(shift, "AED"),
            reason="to the safe",
        ),
        by=owner,
        at=LATER,
        key="out",
    )
    with pytest.raises(ApprovalNeeded):
        exchanged(bill, "LIGHT", by=clerk)
    with pytest.raises(NotInDrawer):
        exchanged(bill, "LIGHT", by=owner)


def test_a_key_that_comes_with_another_customer_is_another_request(shop, owner, mona):
    make.rate(of=shop)
    make.piece(by=owner)
    make.piece(by=owner, tag="R-2")
    bill = sold("R-1", by=owner)
    omar = add_customer(name="Omar", by=owner, at=make.NOON)
    exchanged(bill, "R-2", by=owner, customer=mona.pk)
    with pytest.raises(KeyUsed):
        exchanged(bill, "R-2", by=owner, customer=omar.pk)
