"""Two customers become one: with dues, credit, papers and open documents; once, or not at all."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from apps.credit.accounts import account_page
from apps.credit.ageing import who_owes
from apps.credit.balances import dues_of, store_credit_of
from apps.customers.cash import cash_taken
from apps.customers.models import CashKept, Customer, IdentityPaper, Profile
from apps.customers.profiles import Wishes, write_profile
from apps.customers.selectors import customer_by_id, find
from apps.customers.services import CustomerImpossible, add_customer, add_paper
from apps.dossiers.details import goes
from apps.dossiers.merging import MergedAlready, MergeImpossible, MergeOfOne, lies_in, merge
from apps.ledger import chart
from apps.ledger.models import Posting
from apps.ledger.services import Amount, post
from apps.sales.claim_reads import ClaimOfAnother
from apps.shops.approvals import NotAllowed, ReasonMissing
from apps.shops.models import Approval, Role
from apps.shops.scope import shop_scope
from tests import make
from tests.credit import books
from tests.deposits import made
from tests.make import NOON
from tests.purchasing import gold
from tests.sales.paying import bought, pay

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


def profile(by, customer, *numbers, **wishes):
    wishes = {"phones": [("", number) for number in numbers], **wishes}
    return write_profile(pk=customer.pk, wishes=Wishes(**wishes), by=by, at=NOON)


def test_every_phone_of_both_is_kept_once(owner, two):
    keep, gone = two
    profile(owner, keep, "04 1", "04 2", "04 3", "04 4", "۰۴ ۵۵۵")
    profile(owner, gone, "04-555", "04 6", "04 7", "04 8", "050 1234567")

    make_one(owner, keep, gone)

    kept = Profile.objects.get()
    assert kept.customer == keep
    assert [one["number"] for one in kept.phones] == [
        *("04 1", "04 2", "04 3", "04 4", "۰۴ ۵۵۵"),
        "+971501234567",
        *("04 6", "04 7", "04 8"),
    ]
    assert find("047") == [keep]
    # What is more than five can be saved again, and not made more.
    numbers = [one["number"] for one in kept.phones]
    profile(owner, keep, *numbers)
    with pytest.raises(CustomerImpossible, match="These are 10 phones, and 9 is the most"):
        profile(owner, keep, *numbers, "04 9")


def test_the_first_phone_is_taken_over_and_stands_once(owner, scope):
    keep, gone = add(owner), add(owner, "Zahra K.", phone="050 1")
    profile(owner, gone, "05 01", "04 2")

    kept = make_one(owner, keep, gone)

    assert kept.phone == "050 1"
    assert [one["number"] for one in Profile.objects.get().phones] == ["04 2"]


def test_what_is_forgotten_is_told_before(owner, two):
    keep, gone = two
    for who, said in (
        (keep, {"email": "z@example.com", "note": "a" * 300, "birth_date": date(1990, 1, 2)}),
        (gone, {"email": "k@example.com", "note": "b" * 300, "address": "Tower 4"}),
    ):
        Customer.objects.filter(pk=who.pk).update(**said)
        who.refresh_from_db()
    profile(owner, keep, ring_mm=Decimal("54.4"), likes="Rubies")
    agreed = {"consents": True, "consent_how": "on paper"}
    profile(owner, gone, ring_mm=Decimal("56.0"), colours="Rose", language="fa", **agreed)

    told = {each.what: (each.kept, each.lost) for each in goes(keep, gone)}

    assert told == {
        "E-mail": ("z@example.com", "k@example.com"),
        "Note": ("a" * 300, "b" * 300),
        "Ring, mm around inside": ("54.4", "56.0"),
        "Agreed to be written to": ("", "on paper"),
    }
    kept = make_one(owner, keep, gone)
    assert (kept.email, kept.address, kept.birth_date) == (
        "z@example.com",
        "Tower 4",
        date(1990, 1, 2),
    )
    wishes = Profile.objects.get()
    assert (wishes.ring_mm, wishes.likes, wishes.colours) == (Decimal("54.4"), "Rubies", "Rose")
    assert wishes.consent_at is None


def test_two_notes_become_one_where_they_fit(owner, two):
    keep, gone = two
    Customer.objects.filter(pk=keep.pk).update(note="Pays late")
    Customer.objects.filter(pk=gone.pk).update(note="Likes tea")
    keep.refresh_from_db(), gone.refresh_from_db()

    assert goes(keep, gone) == []
    assert make_one(owner, keep, gone).note == "Pays late · Likes tea"


@pytest.mark.parametrize("kind", ["old_gold", "deposit", "scheme"])
def test_a_claim_is_followed_from_the_old_name(owner, two, shop, kind):
    """A till that still knows them by the row that went pays with what is the survivor's now."""
    keep, gone = two
    make.rate(of=shop)
    make.rate(of=shop, side="buy")
    make.piece(by=owner)
    add_paper(customer=gone, kind="national_id", number="784-1", by=owner, at=NOON)
    number = {
        "old_gold": lambda: gold.slip(of=gone, by=owner, purpose="exchange").code,
        "deposit": lambda: made.deposit(by=owner, of=gone, tags=(), paid=made.card("100")).number,
        "scheme": lambda: ripe_passbook(owner, gone),
    }[kind]()
    make_one(owner, keep, gone)
    paid = [pay(kind, 0, number), *([] if kind == "scheme" else [pay("cash", 1200)])]
    at = NOON + timedelta(days=400) if kind == "scheme" else NOON
    if kind == "scheme":
        make.rate(of=shop, at=at)

    with pytest.raises(ClaimOfAnother), transaction.atomic():
        bought(*paid, by=owner, customer=add(owner, "Another").pk, at=at)
    done = bought(*paid, by=owner, customer=gone.pk, at=at)

    assert done.sale.customer == keep
    assert done.tenders[0].instrument == number


def ripe_passbook(by, who):
    made.plan(by=by)
    return made.passbook(by=by, of=who, paid="5000").number


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
