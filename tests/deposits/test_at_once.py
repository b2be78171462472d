"""Two clerks on one contract at the same moment. Real transactions, real locks."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from apps.core.errors import Refusal
from apps.credit.gift_cards import lock_named
from apps.deposits.models import Deposit, DepositMove
from apps.deposits.selectors.contracts import balance_of, deposit_by_number
from apps.deposits.services.closing import close_early
from apps.deposits.services.ending import Ending, cancel
from apps.deposits.services.saving import join
from apps.deposits.services.use import use
from apps.shops.models import Branch, Register
from apps.shops.scope import shop_scope
from apps.shops.services import next_number
from tests import make
from tests.credit import books as accounts
from tests.deposits import made
from tests.deposits.made import D, later
from tests.waiting import until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop_of_two():
    shop = make.shop()
    clerk = make.member(of=shop)
    with shop_scope(shop.pk):
        make.rate(of=shop)
        for tag in ("R-1", "R-2"):
            make.piece(by=clerk, tag=tag)
        Register.objects.create(branch=Branch.objects.get(), code="2", name="Till 2")
        who = made.customer(by=clerk)
    return shop, clerk, who


def at_once(shop, *doings):
    """What each answers, or the name of its refusal; both begin at the same moment."""
    together = Barrier(len(doings))

    def run(do):
        together.wait()
        try:
            with shop_scope(shop.pk):
                return do()
        except Refusal as refusal:
            return type(refusal).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(doings)) as clerks:
        return list(clerks.map(run, doings))


def test_one_piece_lies_aside_for_one_contract(shop_of_two):
    shop, clerk, who = shop_of_two
    with shop_scope(shop.pk):
        other = made.customer(by=clerk, name="Bela")
    outcomes = at_once(
        shop,
        lambda: made.deposit(by=clerk, of=who, tags=("R-1", "R-2"), paid="500").number,
        lambda: (
            made.deposit(by=clerk, of=other, tags=("R-2", "R-1"), paid="500", register="2").number
        ),
    )
    assert sorted(outcomes)[-1] == "PieceAsideElsewhere"
    with shop_scope(shop.pk):
        deposit = Deposit.objects.get()
        assert deposit.number in outcomes
        assert made.books_agree(who)
        assert made.books_agree(other)


def test_the_same_contract_sent_twice_at_once_is_one(shop_of_two):
    shop, clerk, who = shop_of_two

    def send():
        return made.deposit(by=clerk, of=who, key="same").number

    assert at_once(shop, send, send) == ["1-D000001", "1-D000001"]
    with shop_scope(shop.pk):
        assert DepositMove.objects.count() == 1


def test_the_money_of_a_contract_pays_one_of_two_bills(shop_of_two):
    shop, clerk, who = shop_of_two
    with shop_scope(shop.pk):
        number = made.deposit(by=clerk, of=who, tags=()).number

    def bill(reference):
        amounts = use(
            number=number, amount=D(150), sale_reference=reference, by=clerk, at=make.NOON
        )
        made.bill(amounts, "150", by=clerk, reference=reference)
        return reference

    outcomes = at_once(shop, lambda: bill("1-000001"), lambda: bill("2-000001"))
    assert sorted(outcomes)[-1] == "MoreThanPaid"
    with shop_scope(shop.pk):
        assert balance_of(deposit_by_number(number)).amount == 50
        assert made.books_agree(who)


def test_a_payment_and_a_cancellation_do_not_lose_money(shop_of_two):
    shop, clerk, who = shop_of_two
    with shop_scope(shop.pk):
        number = made.deposit(by=clerk, of=who).number
    ending = Ending(by=clerk, at=later(hours=1), reason="Changed their mind")
    outcomes = at_once(
        shop,
        lambda: made.pay(number, "100", by=clerk, at=later(hours=1)).reference,
        lambda: cancel(number=number, ending=ending).number,
    )
    assert "1-O000001" in outcomes, outcomes
    with shop_scope(shop.pk):
        deposit = deposit_by_number(number)
        assert deposit.state == "cancelled"
        assert balance_of(deposit).amount == 0
        assert made.balance("cash") == 0
        assert made.books_agree(who)


def test_two_payments_at_once_are_both_written(shop_of_two):
    shop, clerk, who = shop_of_two
    with shop_scope(shop.pk):
        number = made.deposit(by=clerk, of=who).number
    at_once(shop, *(lambda: made.pay(number, "100", by=clerk) for _ in range(2)))
    with shop_scope(shop.pk):
        assert balance_of(deposit_by_number(number)).amount == 400
        assert made.books_agree(who)


@pytest.mark.parametrize("contract", ["deposit", "passbook"])
def test_money_goes_back_on_a_gift_card_that_pays_a_bill_meanwhile(shop_of_two, contract):
    """Both want the card and the till; whoever has the card is first, and nobody deadlocks."""
    shop, clerk, who = shop_of_two
    with shop_scope(shop.pk):
        card, code = accounts.card(900, by=clerk)
        paid = (accounts.tender("gift_card", 500, instrument=code),)
        if contract == "deposit":
            number = made.deposit(by=clerk, of=who, tags=("R-1",), paid=paid).number
        else:
            plan = made.plan(by=clerk, amount=D(500))
            number = join(
                plan=plan.code, customer=who.pk, tenders=paid, key="join", by=clerk, at=make.NOON
            ).membership.number

    def give_up():
        try:
            with shop_scope(shop.pk):
                ending = Ending(by=clerk, at=later(hours=1), reason="changed her mind")
                end = cancel if contract == "deposit" else close_early
                end(number=number, ending=ending)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as other:
        with shop_scope(shop.pk):
            # As far as a bill that the card pays has come before it takes its number.
            lock_named([code])
            ended = other.submit(give_up)
            until_somebody_waits()
            next_number(by=clerk, at=later(hours=1))
        ended.result(timeout=30)
    with shop_scope(shop.pk):
        card.refresh_from_db()
        assert card.balance == 900 if contract == "deposit" else card.balance > 400
        accounts.demand_agreement()
        assert made.books_agree(who)
