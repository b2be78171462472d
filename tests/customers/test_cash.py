"""Cash and the law: what one person pays in it is added up, and held against each limit."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection, transaction

from apps.customers.cash import SECTION, Cash, cash_taken, demand_bill, keep_cash, undo_cash
from apps.customers.cash_refusals import (
    CashLimitReached,
    CashLimitWarning,
    NameNeeded,
    PaperNeeded,
)
from apps.customers.models import CashKept
from apps.customers.rules.places import Way, places, retention_of, rules_of
from apps.customers.selectors import customer_by_id
from apps.customers.services import add_customer, add_paper
from apps.shops.models import Approval
from apps.shops.policies import set_policy
from apps.shops.scope import shop_scope
from tests import make
from tests.make import NOON


def somebody(by, name="Zahra"):
    return add_customer(name=name, by=by, at=NOON)


def pass_by(by, customer, amount, *, at=NOON, way=Way.IN, reference="1-1", **more):
    cash = Cash(amount=Decimal(amount), way=way, what="sale", reference=reference)
    keep_cash(cash, customer=customer, by=by, at=at, **more)


def take(by, customer, amount, *, at=NOON, way=Way.IN, reference="1-1", **more):
    with transaction.atomic():  # as a document does: what is refused leaves nothing
        pass_by(by, customer, amount, at=at, way=way, reference=reference, **more)


@pytest.fixture
def indian():
    shop = make.shop(currency="INR", tax_pack="IN")
    owner = make.member(of=shop)
    with shop_scope(shop.pk):
        yield owner


@pytest.fixture
def american():
    shop = make.shop(currency="USD", tax_pack="US-CA")
    owner = make.member(of=shop)
    with shop_scope(shop.pk):
        yield owner


@pytest.mark.django_db
class TestBlock:
    def test_the_days_cash_stays_below_the_limit(self, indian):
        customer = somebody(indian)
        take(indian, customer, "120000")
        take(indian, customer, "79999.99")

        with pytest.raises(CashLimitReached) as refused:
            take(indian, customer, "0.01")

        assert refused.value.total == Decimal("200000.00")
        assert "bank transfer" in str(refused.value)

    def test_the_next_day_begins_anew(self, indian):
        customer = somebody(indian)
        take(indian, customer, "199999")

        take(indian, customer, "199999", at=NOON + timedelta(days=1))

        assert cash_taken(customer, since=NOON.date(), until=NOON.date()) == 199999

    def test_nobody_unnamed_pays_it_either(self, indian):
        with pytest.raises(CashLimitReached):
            take(indian, None, "200000")
        take(indian, None, "199999")
        assert not CashKept.objects.exists()

    def test_what_was_undone_counts_no_more(self, indian):
        customer = somebody(indian)
        take(indian, customer, "150000", reference="1-7")
        undo_cash(reference="1-7", what="void", by=indian, at=NOON)
        undo_cash(reference="1-7", what="void", by=indian, at=NOON)

        take(indian, customer, "150000", reference="1-8")

        assert cash_taken(customer, since=NOON.date(), until=NOON.date()) == 150000

    def test_another_persons_cash_is_theirs(self, indian):
        take(indian, somebody(indian), "199999")
        take(indian, somebody(indian, "Ali"), "199999")


@pytest.mark.django_db
class TestWarning:
    def test_a_year_is_added_up_and_a_reason_goes_on(self, american):
        customer = somebody(american)
        take(american, customer, "6000", at=NOON - timedelta(days=364))
        take(american, customer, "4000")

        with pytest.raises(CashLimitWarning) as warned:
            take(american, customer, "1")
        take(american, customer, "1", reason="Form 8300 is filled in")

        assert (warned.value.total, warned.value.days) == (10001, 365)
        approval = Approval.objects.get()
        assert (approval.action, approval.amount) == ("cash_limit", 10001)

    def test_what_is_older_than_the_window_counts_no_more(self, american):
        customer = somebody(american)
        take(american, customer, "9000", at=NOON - timedelta(days=365))

        take(american, customer, "9000")


@pytest.mark.django_db
class TestPapers:
    def test_a_valid_paper_lets_it_pass(self, owner, scope):
        customer = somebody(owner)
        with pytest.raises(PaperNeeded):
            take(owner, customer, "55000")

        add_paper(customer=customer, kind="passport", number="A1234567", by=owner, at=NOON)

        take(owner, customer, "55000")

    def test_a_paper_that_ran_out_is_none(self, owner, scope):
        customer = somebody(owner)
        add_paper(
            customer=customer,
            kind="passport",
            number="A1234567",
            expires_on=NOON.date(),
            by=owner,
            at=NOON,
        )

        with pytest.raises(PaperNeeded):
            take(owner, customer, "55000", at=NOON + timedelta(days=1))

    def test_without_a_name_the_name_is_asked(self, owner, scope):
        with pytest.raises(NameNeeded):
            take(owner, None, "55000")

    def test_a_large_bill_asks_the_tax_card_however_it_is_paid(self, indian):
        customer = somebody(indian)
        add_paper(customer=customer, kind="passport", number="A1234567", by=indian, at=NOON)
        demand_bill(total=Decimal(200000), customer=None, by=indian, at=NOON)
        with pytest.raises(NameNeeded):
            demand_bill(total=Decimal(200001), customer=None, by=indian, at=NOON)
        with pytest.raises(PaperNeeded) as refused:
            demand_bill(total=Decimal(200001), customer=customer, by=indian, at=NOON)

        add_paper(customer=customer, kind="tax_card", number="ABCDE1234F", by=indian, at=NOON)
        demand_bill(total=Decimal(200001), customer=customer, by=indian, at=NOON)

        assert "Tax card (PAN)" in str(refused.value)


@pytest.mark.django_db
class TestOwnLimit:
    def test_the_stricter_one_counts(self, owner, scope):
        set_policy(
            SECTION,
            {"in": {"threshold": "10000", "days": 7, "effect": "block"}},
            by=owner,
            at=NOON - timedelta(days=10),
        )
        customer = somebody(owner)
        take(owner, customer, "9999", at=NOON - timedelta(days=6))

        with pytest.raises(CashLimitReached):
            take(owner, customer, "1")
        with pytest.raises(CashLimitReached):
            take(owner, None, "10000")

    def test_cash_paid_out_has_a_limit_of_its_own(self, owner, scope):
        set_policy(
            SECTION,
            {"out": {"threshold": "5000", "days": 1, "effect": "warn"}},
            by=owner,
            at=NOON,
        )
        customer = somebody(owner)
        take(owner, customer, "50000")

        with pytest.raises(CashLimitWarning) as warned:
            take(owner, customer, "5000", way=Way.OUT)

        assert "was paid 5,000.00" in str(warned.value)


@pytest.mark.django_db
class TestCost:
    def test_a_small_sum_of_nobody_asks_nothing(self, owner, scope, django_assert_num_queries):
        with django_assert_num_queries(0):
            pass_by(owner, None, "5499")

    def test_a_named_customer_costs_one_statement(self, owner, scope, django_assert_num_queries):
        customer = somebody(owner)
        with django_assert_num_queries(1):
            pass_by(owner, customer, "100")


@pytest.mark.django_db(transaction=True)
def test_two_tills_at_once_do_not_pass_the_limit_together():
    shop = make.shop(currency="INR", tax_pack="IN")
    member = make.member(of=shop)
    with shop_scope(shop.pk):
        customer = somebody(member)
    both = Barrier(2, timeout=10)

    def pay(number):
        try:
            with shop_scope(shop.pk), transaction.atomic():
                both.wait()
                known = customer_by_id(customer.pk, to_change=True)
                take(member, known, "150000", reference=f"1-{number}")
                return "taken"
        except CashLimitReached:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(pay, range(2))) == ["refused", "taken"]


class TestPlaces:
    def test_every_file_names_its_source(self):
        for place in places():
            for rule in (*place.rules, *place.retention):
                assert len(rule.source) > 40, place.code
                assert rule.confirm

    def test_the_union_changes_on_its_day(self):
        def codes(day):
            found = rules_of("DE", day=day, currency="EUR", way=Way.IN)
            return {rule.code for rule in found}

        assert codes(date(2027, 7, 9)) == {"EU-4AMLD"}
        assert codes(date(2027, 7, 10)) == {"EU-10000", "EU-3000"}

    def test_another_currency_has_no_limit_of_the_place(self):
        assert rules_of("AE", day=NOON.date(), currency="USD", way=Way.IN) == ()
        assert rules_of("IR", day=NOON.date(), currency="IRR", way=Way.IN) == ()

    def test_papers_are_kept_for_years(self):
        kept = retention_of("AE", day=NOON.date())
        assert kept is not None
        assert kept.years == 5
        assert retention_of("IR", day=NOON.date()) is None
