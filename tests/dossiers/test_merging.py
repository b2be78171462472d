"""Two customers become one: with dues, credit, papers and open documents; once, or not at all."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from apps.credit.accounts import account_page
from apps.credit.ageing import who_owes
from apps.credit.balances import dues_of, store_credit_of
from apps.customers.cash import cash_taken
from apps.customers.models import CashKept, Customer, IdentityPaper
from apps.customers.selectors import customer_by_id, find
from apps.customers.services import add_customer, add_paper
from apps.dossiers.merging import MergedAlready, MergeImpossible, MergeOfOne, lies_in, merge
from apps.ledger import chart
from apps.ledger.models import Posting
from apps.ledger.services import Amount, post
from apps.shops.approvals import NotAllowed, ReasonMissing
from apps.shops.models import Approval, Role
from apps.shops.scope import shop_scope
from tests import make
from tests.credit import books
from tests.make import NOON

pytestmark = pytest.mark.django_db


def add(by, name="Zahra Karimi", **details):
    return add_customer(name=name, by=by, at=NOON, **details)


def owes(by, customer, amount, *, days=0, account=chart.DUES, commodity="AED"):
    """An entry of that day: they owe it, or, below zero, it is owed to them."""
    at = NOON - timedelta(days=days)
    post(
        what="sale",
        reference=f"1-{customer.pk}-{days}-{account}",
        at=at,
        day=at.date(),
        by=by,
        amounts=[
            Amount(account=account, commodity=commodity, amount=Decimal(amount), party=customer.pk),
            Amount(account=chart.SALES_METAL, commodity=commodity, amount=-Decimal(amount)),
        ],
    )


def make_one(by, keep, gone, reason="The same person"):
    return merge(keep=keep.pk, gone=gone.pk, reason=reason, by=by, at=NOON)


@pytest.fixture
def two(owner, scope):
    return add(owner, phone="050 123 4567"), add(owner, "Zahra K.", phone="+971501234567")


def test_every_balance_moves_and_the_books_balance(owner, two):
    keep, gone = two
    owes(owner, keep, 100)
    owes(owner, gone, 250, days=40)
    owes(owner, gone, -30, account=chart.STORE_CREDIT)
    owes(owner, gone, -75, account=chart.ADVANCES)
    owes(owner, gone, "-3.2", account=chart.SCHEMES, commodity="gold")

    make_one(owner, keep, gone)

    assert dues_of(keep, currency="AED") == 350
    assert store_credit_of(keep, currency="AED") == 30
    assert lies_in(gone.pk) == []
    assert {(one.account, one.commodity): one.amount for one in lies_in(keep.pk)} == {
        ("advances", "AED"): Decimal(-75),
        ("dues", "AED"): Decimal(350),
        ("schemes", "gold"): Decimal("-3.2"),
        ("store-credit", "AED"): Decimal(-30),
    }
    assert sum(Posting.objects.filter(commodity="AED").values_list("amount", flat=True)) == 0


def test_dues_of_both_ways_keep_their_days(owner, two):
    keep, gone = two
    owes(owner, gone, 500, days=100)
    owes(owner, gone, -200, days=10)  # was paid on the other name
    owes(owner, keep, 80, days=45)
    owes(owner, keep, 20)

    make_one(owner, keep, gone)
    (row,) = who_owes(currency="AED", today=NOON.date()).rows

    assert row.customer_id == keep.pk
    assert (row.owed, row.month, row.second, row.older) == (400, 20, 80, 300)


def test_what_one_had_too_much_pays_what_the_other_owes(owner, two):
    keep, gone = two
    owes(owner, gone, -60)
    owes(owner, keep, 100, days=95)

    make_one(owner, keep, gone)
    (row,) = who_owes(currency="AED", today=NOON.date()).rows

    assert (row.owed, row.older) == (40, 40)


def test_the_account_shows_both_histories(owner, two):
    keep, gone = two
    owes(owner, gone, 250, days=40)
    owes(owner, keep, 10)
    make_one(owner, keep, gone)

    page = account_page(keep)

    assert [balance.amount for balance in page.balances] == [260]
    assert {line.amount for line in page.lines} == {10, 250, -250}


def test_whoever_asks_for_the_one_gets_the_other(owner, two):
    keep, gone = two
    add_paper(customer=gone, kind="passport", number="X9876543", by=owner, at=NOON)

    make_one(owner, keep, gone)

    assert customer_by_id(gone.pk) == keep
    assert customer_by_id(gone.pk, to_change=True) == keep
    assert find("Zahra K.") == [keep]
    assert find("6543") == [keep]
    assert IdentityPaper.objects.get().customer == keep


def test_a_chain_ends_at_the_last(owner, two):
    keep, gone = two
    last = add(owner, "Zahra Karimi-Nouri")
    make_one(owner, keep, gone)

    make_one(owner, last, keep)

    assert customer_by_id(gone.pk) == last
    assert Customer.objects.get(pk=gone.pk).merged_into == last
    assert find("zahra k.") == [last]


def test_what_an_old_document_still_names_is_posted_to_the_survivor(owner, two):
    keep, gone = two
    owes(owner, gone, 250)
    make_one(owner, keep, gone)

    owes(owner, gone, -250, days=-1)  # as the void of a bill of theirs would

    assert lies_in(gone.pk) == []
    assert dues_of(keep, currency="AED") == 0


def test_contracts_gift_cards_and_cash_go_on_with_the_survivor(owner, two):
    keep, gone = two
    card, _code = books.card(by=owner, customer=gone)
    CashKept.objects.create(
        customer=gone, way="in", amount=900, what="sale", reference="1-9", day=NOON.date(),
        at=NOON, by=owner,
    )  # fmt: skip

    make_one(owner, keep, gone)

    card.refresh_from_db()
    assert card.customer == keep
    assert (
        cash_taken(keep, since=NOON.date(), until=NOON.date()) == 1000
    )  # and the card was paid in cash


def test_the_database_hands_nothing_over_without_a_merge(owner, two):
    with (
        pytest.raises(IntegrityError, match="was not merged"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT dossiers_hand_over(%s)", [two[1].pk])


def test_there_is_no_way_back(owner, two):
    keep, gone = two
    make_one(owner, keep, gone)

    for one, other in ((keep, gone), (gone, keep)):
        with pytest.raises(MergedAlready, match="already"):
            make_one(owner, one, other)


def test_the_lower_limit_counts(owner, two):
    keep, gone = two
    Customer.objects.filter(pk=keep.pk).update(credit_limit=5000)
    Customer.objects.filter(pk=gone.pk).update(credit_limit=700)

    assert make_one(owner, keep, gone).credit_limit == 700


def test_it_is_permitted_and_explained(owner, two, shop):
    keep, gone = two
    clerk = make.member(of=shop, role=Role.CASHIER)
    with pytest.raises(NotAllowed):
        make_one(clerk, keep, gone)
    with pytest.raises(ReasonMissing):
        make_one(owner, keep, gone, reason=" ")
    assert customer_by_id(gone.pk) == gone

    make_one(owner, keep, gone)

    assert Approval.objects.get().action == "merge"


def test_what_cannot_be_one_is_refused(owner, two):
    keep, _gone = two
    with pytest.raises(MergeOfOne):
        make_one(owner, keep, keep)
    with pytest.raises(MergeImpossible):
        make_one(owner, keep, add(owner, "Bullion House", kind="supplier"))


@pytest.mark.django_db(transaction=True)
def test_two_merges_at_once_in_opposite_directions_make_one():
    shop = make.shop()
    member = make.member(of=shop)
    with shop_scope(shop.pk):
        one, other = add(member), add(member, "Zahra")
        owes(member, one, 100)
        owes(member, other, 50)
    both = Barrier(2, timeout=10)

    def go(pair):
        try:
            with shop_scope(shop.pk):
                both.wait()
                return make_one(member, *pair).pk
        except MergedAlready:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(go, [(one, other), (other, one)]))

    assert results.count(None) == 1
    with shop_scope(shop.pk):
        survivor = Customer.objects.get(merged_into=None)
        assert survivor.pk in results
        assert dues_of(survivor, currency="AED") == 150
