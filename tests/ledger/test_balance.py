"""The books balance in each commodity, or the transaction does not commit."""

from contextlib import contextmanager
from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from apps.ledger.chart import CARD, CASH, COST_OF_SALES, SALES_METAL, STOCK
from apps.ledger.models import Account, Entry, Posting
from apps.ledger.services import Amount, open_books, post
from apps.shops.scope import shop_scope
from tests import make

pytestmark = pytest.mark.django_db


def amount(account, value, commodity="AED"):
    return Amount(account=account, commodity=commodity, amount=Decimal(value))


def entry(*amounts):
    return post(
        what="sale",
        reference="1-000001",
        at=make.NOON,
        day=date(2026, 1, 15),
        by=None,
        amounts=amounts,
    )


@contextmanager
def committed(shop):
    """The shop's transaction, with the deferred constraints asked at its end as a commit does."""
    with shop_scope(shop.pk):
        yield
        connection.check_constraints()


def test_a_balanced_entry_commits(shop):
    with committed(shop):
        made = entry(
            amount(CASH, "100.00"),
            amount(SALES_METAL, "-100.00"),
            amount(COST_OF_SALES, "9.160", "gold"),
            amount(STOCK, "-9.160", "gold"),
        )
    with committed(shop):
        assert made.postings.count() == 4


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_is_off_does_not_commit():
    shop = make.shop()
    with pytest.raises(IntegrityError, match=r"is off by 0\.01\d* AED"), shop_scope(shop.pk):
        entry(amount(CASH, "100.01"), amount(SALES_METAL, "-100.00"))

    with shop_scope(shop.pk):
        assert not Entry.objects.exists()
        assert not Posting.objects.exists()


def test_money_does_not_balance_metal(shop):
    """Commodities are never added: 5 dirhams against 5 grams is off twice."""
    with pytest.raises(IntegrityError, match="is off by"), committed(shop):
        entry(amount(CASH, "5", "AED"), amount(STOCK, "-5", "gold"))


def test_one_metal_does_not_balance_another(shop):
    with pytest.raises(IntegrityError, match="is off by"), committed(shop):
        entry(
            amount(CASH, "5"),
            amount(SALES_METAL, "-5"),
            amount(STOCK, "1", "gold"),
            amount(STOCK, "-1", "silver"),
        )


def test_the_smallest_amount_counts(shop):
    with pytest.raises(IntegrityError, match="is off by"), committed(shop):
        entry(amount(CASH, "0.0001"), amount(CARD, "1"), amount(SALES_METAL, "-1"))


def test_a_posting_added_later_is_weighed_with_the_rest(shop):
    with committed(shop):
        made = entry(amount(CASH, "5"), amount(SALES_METAL, "-5"))
    with pytest.raises(IntegrityError, match="is off by"), committed(shop):
        Posting.objects.create(entry=made, account=CASH, commodity="AED", amount=Decimal(1))


@pytest.mark.django_db(transaction=True)
def test_changing_the_scope_before_the_commit_hides_nothing():
    shop, other = make.shop(), make.shop(name="Other")

    @transaction.atomic
    def post_and_look_away():
        with shop_scope(shop.pk):
            entry(amount(CASH, "5"), amount(SALES_METAL, "-4"))
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.shop_id', %s, true)", [str(other.pk)])

    with pytest.raises(IntegrityError, match="is off by"):
        post_and_look_away()


def test_an_account_the_shop_has_not_is_refused(shop):
    with (
        pytest.raises(IntegrityError, match="ledger_posting_account_same_shop"),
        committed(shop),
    ):
        entry(amount("no-such", "5"), amount(SALES_METAL, "-5"))


def test_another_shops_account_is_refused(shop):
    other = make.shop(name="Other")
    with shop_scope(other.pk):
        Account.objects.create(code="theirs", name="Theirs", kind="asset")
    with (
        pytest.raises(IntegrityError, match="ledger_posting_account_same_shop"),
        committed(shop),
    ):
        entry(amount("theirs", "5"), amount(SALES_METAL, "-5"))


def test_another_shops_entry_takes_no_posting_of_ours(shop):
    other = make.shop(name="Other")
    with shop_scope(other.pk):
        theirs = entry(amount(CASH, "5"), amount(SALES_METAL, "-5"))
    with (
        pytest.raises(IntegrityError, match="ledger_posting_entry_id_same_shop"),
        committed(shop),
    ):
        Posting.objects.bulk_create(
            Posting(entry_id=theirs.pk, account=CASH, commodity="AED", amount=Decimal(value))
            for value in (1, -1)
        )


def test_a_posting_moves_something(shop):
    with committed(shop):
        made = entry()
    with pytest.raises(IntegrityError, match="ledger_posting_amount_moves"), committed(shop):
        Posting.objects.create(entry=made, account=CASH, commodity="AED", amount=Decimal(0))


def test_amounts_of_one_account_are_added_up_first(shop):
    with committed(shop):
        made = entry(
            amount(CASH, "3"), amount(CASH, "4"), amount(CARD, "1"), amount(CARD, "-1"),
            amount(SALES_METAL, "-7"),
        )  # fmt: skip
        assert dict(made.postings.values_list("account", "amount")) == {
            CASH: Decimal(7),
            SALES_METAL: Decimal(-7),
        }


@pytest.mark.parametrize(
    "change", ["UPDATE ledger_posting SET amount = 1", "DELETE FROM ledger_entry"]
)
def test_what_is_posted_stays(shop, change):
    with committed(shop):
        entry(amount(CASH, "5"), amount(SALES_METAL, "-5"))
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        committed(shop),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)


def test_opening_the_books_twice_changes_nothing(shop):
    with committed(shop):
        before = set(Account.objects.values_list("pk", "code", "name"))
        open_books()
        assert set(Account.objects.values_list("pk", "code", "name")) == before


def test_nothing_is_added_to_a_finished_entry(shop, owner, scope):
    """A pair of postings that balance would pass the sum; the count keeps them out."""
    entry = post(
        what="sale",
        reference="1-000001",
        at=make.NOON,
        day=make.NOON.date(),
        by=owner,
        amounts=[
            Amount(account="cash", commodity="AED", amount=Decimal(5)),
            Amount(account="bank", commodity="AED", amount=Decimal(-5)),
        ],
    )

    @transaction.atomic
    def add():
        for account, moved in (("cash", 7), ("bank", -7)):
            Posting.objects.create(entry=entry, account=account, commodity="AED", amount=moved)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError, match="written with"):
        add()
