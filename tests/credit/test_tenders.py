"""What each tender may pay, and what it posts."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from apps.core.errors import Refusal
from apps.credit.exchange import (
    CashRateChanged,
    CashRateImpossible,
    CashRateMissing,
    CashRatesNotYours,
    set_cash_rate,
)
from apps.credit.payments import pay_out, receive
from apps.credit.tendered import (
    AmountImpossible,
    CreditLimitReached,
    CustomerNeeded,
    HandedOverTooLittle,
    NoCredit,
    OwesLess,
    StoreCreditShort,
    TenderNotHere,
    TenderTwice,
)
from apps.credit.tenders import Counter, amounts_in, give_all, hold, take_all
from apps.ledger import chart
from apps.ledger.services import Amount, post
from apps.shops.approvals import ApprovalNeeded, Approver, set_pin
from apps.shops.models import Approval
from apps.shops.scope import shop_scope
from apps.shops.services import next_number
from apps.till.drawer import NotInDrawer
from apps.till.kinds import TenderKind
from apps.till.models import Payment
from tests import make
from tests.credit import books
from tests.credit.books import cash, tender
from tests.make import NOON

DOLLARS = {"currency": "USD", "foreign": Decimal(100)}


def take(*tenders, by, customer=None, **details):
    return take_all(
        tenders, Counter(by=by, at=NOON, reference="1-000009", customer=customer, **details)
    )


def give(*tenders, by, customer=None):
    return give_all(tenders, Counter(by=by, at=NOON, reference="1-R000009", customer=customer))


def amounts(taken):
    return books.moved(amount for one in taken for amount in one.amounts)


def test_money_goes_where_it_lies(clerk):
    taken = take(cash(10), tender("card", "20.50"), tender("transfer", 30), by=clerk)

    assert amounts(taken) == {
        ("cash", "AED"): 10,
        ("card", "AED"): Decimal("20.50"),
        ("bank", "AED"): 30,
    }


@pytest.mark.parametrize("amount", ["0", "-1", "NaN", "Infinity", "-Infinity", "1e16", "0.001"])
@pytest.mark.parametrize("kind", TenderKind.values)
@pytest.mark.parametrize("way", [take, give])
def test_an_amount_that_is_none_is_refused(clerk, way, kind, amount):
    with pytest.raises(AmountImpossible) as refused:
        way(tender(kind, amount), by=clerk)

    assert str(refused.value)


@pytest.mark.parametrize("kind", ["old_gold", "deposit", "scheme"])
def test_what_other_apps_know_is_not_taken_here(clerk, kind):
    for way in (take, give):
        with pytest.raises(TenderNotHere):
            way(tender(kind, 1), by=clerk)


@pytest.mark.parametrize("kind", ["store_credit", "on_account"])
def test_a_balance_needs_its_customer_and_is_named_once(clerk, kind):
    customer = books.customer(by=clerk, limit=1000)
    books.has_credit(customer, 100, by=clerk)
    for way in (take, give):
        with pytest.raises(CustomerNeeded):
            way(tender(kind, 1), by=clerk)
        with pytest.raises(TenderTwice):
            way(tender(kind, 60), tender(kind, 60), by=clerk, customer=customer)


def test_too_little_cash_is_refused(clerk):
    with pytest.raises(HandedOverTooLittle):
        take(tender("cash", 10, given=Decimal(9)), by=clerk)


# Store credit


def test_store_credit_pays_down_to_nothing(clerk):
    customer = books.customer(by=clerk)
    books.has_credit(customer, 100, by=clerk)

    taken = take(tender("store_credit", 100), by=clerk, customer=customer)
    with pytest.raises(StoreCreditShort) as refused:
        take(tender("store_credit", "100.01"), by=clerk, customer=customer)

    assert amounts(taken) == {("store-credit", "AED"): 100}
    assert refused.value.left == 100
    assert {one.party for one in taken[0].amounts} == {customer.pk}


def test_store_credit_is_given(clerk):
    given = give(tender("store_credit", 70), by=clerk, customer=books.customer(by=clerk))

    assert amounts(given) == {("store-credit", "AED"): -70}


def test_the_database_keeps_store_credit_from_going_below_zero(clerk):
    """A document that spends without looking cannot commit."""
    customer = books.customer(by=clerk)
    books.has_credit(customer, 100, by=clerk)
    overspent = [
        Amount(account=chart.STORE_CREDIT, commodity="AED", amount=Decimal(101), party=customer.pk),
        Amount(account=chart.CASH, commodity="AED", amount=Decimal(-101)),
    ]

    def spend():
        with transaction.atomic():
            post(
                what="broken",
                reference="1-000009",
                at=NOON,
                day=NOON.date(),
                by=clerk,
                amounts=overspent,
            )
            books.check_now()

    with pytest.raises(IntegrityError, match="below zero"):
        spend()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["store_credit", "gift_card"])
def test_two_tills_cannot_spend_the_same_money(kind):
    shop = make.shop()
    member = make.member(of=shop)
    with shop_scope(shop.pk):
        customer = books.customer(by=member)
        books.has_credit(customer, 100, by=member)
        code = books.card(100, by=member)[1] if kind == "gift_card" else ""
    both = Barrier(2, timeout=10)
    spent = tender(kind, 80, instrument=code)

    def spend(_):
        try:
            with shop_scope(shop.pk):
                both.wait()
                hold([spent], customer=customer)
                number = next_number(by=member, at=NOON, kind="T")
                received = receive(
                    [spent], what="test", number=number, by=member, at=NOON, customer=customer
                )
                sold = Amount(account=chart.SALES_METAL, commodity="AED", amount=Decimal(-80))
                post(
                    what="test",
                    reference=str(number),
                    at=NOON,
                    day=NOON.date(),
                    by=member,
                    amounts=[*received, sold],
                    shift=number.shift_id,
                )
        except Refusal as refusal:
            return type(refusal).__name__
        finally:
            connection.close()
        return "spent"

    with ThreadPoolExecutor(2) as pool:
        results = sorted(pool.map(spend, range(2)))

    assert results in (["StoreCreditShort", "spent"], ["GiftCardShort", "spent"])
    with shop_scope(shop.pk):
        account = chart.GIFT_CARDS if kind == "gift_card" else chart.STORE_CREDIT
        assert books.balance(account) == -20
        assert Payment.objects.filter(what="test").count() == 1
        books.demand_agreement()


# On account


def test_dues_grow_up_to_the_limit(clerk):
    customer = books.customer(by=clerk, limit=100)
    books.owes(customer, 60, by=clerk)

    taken = take(tender("on_account", 40), by=clerk, customer=customer)
    with pytest.raises(CreditLimitReached) as refused:
        take(tender("on_account", "40.01"), by=clerk, customer=customer)

    assert amounts(taken) == {("dues", "AED"): 40}
    assert refused.value.facts() == {"owed": "60.0000", "limit": "100.0000", "currency": "AED"}
    assert not Approval.objects.exists()


def test_nothing_goes_on_account_without_a_limit(clerk):
    with pytest.raises(NoCredit):
        take(
            tender("on_account", 1), by=clerk, customer=books.customer(by=clerk), reason="a friend"
        )


def test_above_the_limit_a_second_person_says_yes(clerk, owner):
    customer = books.customer(by=clerk, limit=0)
    set_pin(member=owner, pin="2580")
    more = {"by": clerk, "customer": customer, "reason": "pays on Monday"}

    with pytest.raises(ApprovalNeeded):
        take(tender("on_account", 40), **more)
    approver = Approver(username=owner.user.username, pin="2580")
    take(tender("on_account", 40), **more, approver=approver)

    approval = Approval.objects.get()
    assert (approval.amount, approval.approved_by, approval.reference) == (40, owner, "1-000009")


def test_dues_are_lowered_by_no_more_than_is_owed(clerk):
    customer = books.customer(by=clerk)
    books.owes(customer, 60, by=clerk)

    given = give(tender("on_account", 60), by=clerk, customer=customer)
    with pytest.raises(OwesLess):
        give(tender("on_account", 61), by=clerk, customer=customer)

    assert amounts(given) == {("dues", "AED"): -60}


# Cash of another currency


def test_dollars_pay_a_bill_in_dirhams(owner, scope):
    set_cash_rate(code="USD", rate=Decimal("3.65"), by=owner, at=NOON)

    (taken,) = take(tender("cash", 300, **DOLLARS), by=owner)

    assert amounts([taken]) == {
        ("cash", "USD"): 100,
        ("exchange", "USD"): -100,
        ("exchange", "AED"): 365,
        ("cash", "AED"): -65,
    }
    assert (taken.tender.given, taken.tender.rate) == (365, Decimal("3.65"))


def test_dollars_are_handed_out_when_asked(owner, scope):
    set_cash_rate(code="USD", rate=Decimal("3.65"), by=owner, at=NOON)

    given = give(tender("cash", 365, **DOLLARS), by=owner)

    assert amounts(given) == {
        ("cash", "USD"): -100,
        ("exchange", "USD"): 100,
        ("exchange", "AED"): -365,
    }


def test_the_worth_is_rounded_to_the_smallest_coin(db):
    shop = make.shop(cash_step=Decimal("0.25"))
    owner = make.member(of=shop)
    with shop_scope(shop.pk):
        set_cash_rate(code="EUR", rate=Decimal("4.0131"), by=owner, at=NOON)

        (taken,) = take(tender("cash", 40, currency="EUR", foreign=Decimal(10)), by=owner)

    assert taken.tender.given == Decimal("40.25")


@pytest.mark.parametrize(
    ("details", "refusal"),
    [
        ({"currency": "USD", "foreign": Decimal(10)}, HandedOverTooLittle),
        ({"currency": "USD", "foreign": Decimal(0)}, AmountImpossible),
        ({"currency": "USD", "foreign": Decimal("NaN")}, AmountImpossible),
        ({"currency": "USD"}, AmountImpossible),
        ({"currency": "EUR", "foreign": Decimal(100)}, CashRateMissing),
        ({"currency": "XXX", "foreign": Decimal(100)}, CashRateMissing),
        ({"currency": "AED", "foreign": Decimal(100)}, CashRateMissing),
        ({**DOLLARS, "rate": Decimal("3.70")}, CashRateChanged),
        ({**DOLLARS, "rate": Decimal(0)}, CashRateChanged),
    ],
)
def test_foreign_cash_that_cannot_be_taken(owner, scope, details, refusal):
    set_cash_rate(code="USD", rate=Decimal("3.65"), by=owner, at=NOON)

    with pytest.raises(refusal):
        take(tender("cash", 300, **details), by=owner)


def test_a_rate_of_yesterday_is_none(owner, scope):
    set_cash_rate(code="USD", rate=Decimal("3.65"), by=owner, at=NOON.replace(day=14))

    with pytest.raises(CashRateMissing):
        take(tender("cash", 300, **DOLLARS), by=owner)


@pytest.mark.parametrize("rate", ["0", "-1", "NaN", "Infinity", "1e9", "0.0000001"])
def test_a_rate_that_is_none_is_refused(owner, scope, rate):
    with pytest.raises(CashRateImpossible) as refused:
        set_cash_rate(code="USD", rate=Decimal(rate), by=owner, at=NOON)
    assert refused.value.field == "rate"


def test_rates_are_of_foreign_currencies_and_not_for_clerks(owner, clerk):
    for code in ("AED", "ZZZ", ""):
        with pytest.raises(CashRateImpossible):
            set_cash_rate(code=code, rate=Decimal(1), by=owner, at=NOON)
    with pytest.raises(CashRatesNotYours):
        set_cash_rate(code="USD", rate=Decimal(1), by=clerk, at=NOON)


# Documents


def test_no_more_cash_leaves_a_drawer_than_is_in_it(clerk):
    books.card(50, by=clerk)
    number = next_number(by=clerk, at=NOON, kind="T")

    with pytest.raises(NotInDrawer):
        pay_out([cash("50.01")], what="test", number=number, by=clerk, at=NOON)

    paid = pay_out([cash(50)], what="test", number=number, by=clerk, at=NOON)
    assert books.moved(paid) == {("cash", "AED"): -50}


def test_a_document_writes_down_what_it_took_and_paid(clerk, owner):
    set_cash_rate(code="USD", rate=Decimal("3.65"), by=owner, at=NOON)
    card, code = books.card(50, by=clerk)
    number = next_number(by=clerk, at=NOON, kind="T")
    inward = [tender("cash", 300, **DOLLARS), tender("gift_card", 50, instrument=code)]
    # 65.00 of change, and the drawer has 50.00
    with pytest.raises(NotInDrawer), transaction.atomic():
        receive(inward, what="test", number=number, by=clerk, at=NOON)
    books.card(15, by=clerk)
    inward = [tender("cash", 300, **DOLLARS), tender("gift_card", 50, instrument=code)]

    received = receive(inward, what="test", number=number, by=clerk, at=NOON)
    paid = pay_out([tender("transfer", 350)], what="test", number=number, by=clerk, at=NOON)
    post(
        what="test",
        reference=str(number),
        at=NOON,
        day=NOON.date(),
        by=clerk,
        amounts=[*received, *paid],
        shift=number.shift_id,
    )

    dollars, by_card, out = Payment.objects.filter(what="test").order_by("direction", "position")
    assert (dollars.currency, dollars.foreign, dollars.given) == ("USD", 100, 365)
    assert by_card.instrument == card.number
    assert (out.direction, out.amount, out.given) == ("out", 350, 350)
    assert not Payment.objects.filter(instrument__contains=code).exists()
    books.demand_agreement()


def test_one_tender_by_itself(clerk):
    customer = books.customer(by=clerk, limit=10)

    found = amounts_in(
        tender("on_account", 10), customer=customer, by=clerk, at=NOON, reference="1-000009"
    )

    assert books.moved(found) == {("dues", "AED"): 10}
