"""Opening a drawer with a float, and cash that goes in and out of it."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from apps.ledger import chart
from apps.ledger.models import Entry
from apps.shops.approvals import (
    ApprovalNeeded,
    Approver,
    NotAllowed,
    PinRefused,
    ReasonMissing,
    set_pin,
)
from apps.shops.models import Approval, Branch, Register, Series, Shift
from apps.shops.policies import set_policy
from apps.shops.shifts import TillNotOpen, TillOpenAlready
from apps.till.drawer import NotInDrawer
from apps.till.models import CashMove, MovePlace, TillCount
from apps.till.policy import CurrencyNotTaken, TooManyCurrencies, set_till_rules, till_rules
from apps.till.services.demands import AmountImpossible, CountImpossible
from tests import make
from tests.till import days
from tests.till.days import balance, moved, opened, paid

pytestmark = pytest.mark.django_db


@pytest.fixture
def dollars(owner, scope):
    set_till_rules(currencies=["USD"], open_first=False, by=owner, at=make.NOON)


class TestOpen:
    def test_the_float_comes_out_of_the_safe_in_each_currency(self, owner, scope, dollars):
        shift = opened(by=owner, total="500.25", USD="40")

        assert shift.by_hand
        assert shift.opened_by == owner
        for code, amount in (("AED", "500.25"), ("USD", "40")):
            assert balance(chart.CASH, code, shift=shift) == Decimal(amount)
            assert balance(chart.SAFE, code) == -Decimal(amount)
        assert set(Entry.objects.values_list("what", flat=True)) == {"float"}
        assert sorted(CashMove.objects.values_list("code", flat=True)) == [
            "1-M000001",
            "1-M000002",
        ]

    def test_an_empty_drawer_is_opened_without_an_entry(self, owner, scope):
        shift = opened(by=owner, total="0")

        assert shift.by_hand
        assert not Entry.objects.exists()

    def test_the_form_sent_twice_opens_once(self, owner, scope):
        first, second = (opened(by=owner, send="the key") for _ in range(2))

        assert first == second
        assert TillCount.objects.count() == CashMove.objects.count() == Entry.objects.count() == 1

    def test_an_open_till_is_refused(self, owner, scope):
        opened(by=owner)
        with days.nothing_done(CashMove, TillCount), pytest.raises(TillOpenAlready):
            opened(by=owner)

    def test_a_shift_that_began_unasked_must_be_closed_first(self, owner, scope):
        paid(by=owner)
        with pytest.raises(TillOpenAlready, match="Close it before you open it again"):
            opened(by=owner)

    def test_a_shop_that_opens_first_takes_no_document_before(self, owner, scope):
        set_till_rules(currencies=[], open_first=True, by=owner, at=make.NOON)
        with pytest.raises(TillNotOpen):
            paid(by=owner)

        opened(by=owner)
        assert paid(by=owner) == "1-000001"

    def test_a_currency_that_the_shop_does_not_take_is_refused(self, owner, scope):
        with days.nothing_done(Shift, CashMove), pytest.raises(CurrencyNotTaken, match="USD"):
            opened(by=owner, USD="10")

    @pytest.mark.parametrize("amount", ["-1", "NaN", "Infinity", "0.001", "1e30"])
    def test_what_no_drawer_holds_is_refused(self, owner, scope, amount):
        with days.nothing_done(Shift, CashMove), pytest.raises(CountImpossible):
            opened(by=owner, total=amount)

    def test_two_drawers_are_open_at_once(self, owner, scope, shop):
        second_till(shop)
        one, two = opened(by=owner), opened(by=owner, code="2")

        assert one.register_id != two.register_id
        assert balance(chart.SAFE) == -1000


def second_till(shop):
    return Register.objects.create(branch=Branch.objects.get(), code="2", name="Till 2")


class TestMove:
    @pytest.mark.parametrize(
        ("place", "account"),
        [
            (MovePlace.SAFE, chart.SAFE),
            (MovePlace.BANK, chart.BANK),
            (MovePlace.OWNER, chart.OWNER),
            (MovePlace.EXPENSE, chart.EXPENSES),
        ],
    )
    def test_out_goes_where_it_is_said(self, owner, scope, place, account):
        shift = opened(by=owner)
        before = balance(account)
        move = moved("120", by=owner, out=True, place=place, reason="tea")

        assert balance(chart.CASH, shift=shift) == 380
        assert balance(account) - before == 120
        assert Entry.objects.get(reference=move.code).what == "cash-out"
        approval = Approval.objects.get(reference=move.code)
        assert (approval.action, approval.reason, approval.amount) == ("cash_out", "tea", 120)

    def test_in_comes_from_where_it_is_said(self, owner, scope):
        shift = opened(by=owner)
        moved("50", by=owner, place=MovePlace.OWNER)

        assert balance(chart.CASH, shift=shift) == 550
        assert balance(chart.OWNER) == -50

    def test_not_more_goes_out_than_should_be_there_and_how_much_is_not_said(self, owner, scope):
        opened(by=owner)
        paid("99.75", by=owner)
        with days.nothing_done(CashMove, Approval), pytest.raises(NotInDrawer) as refused:
            moved("599.76", by=owner, out=True)

        assert "599" not in str(refused.value)
        assert refused.value.facts() == {"till": "Till 1", "currency": "AED"}
        moved("599.75", by=owner, out=True)
        assert balance(chart.CASH) == 0

    def test_other_currencies_are_held_apart(self, owner, scope, dollars):
        opened(by=owner, USD="10")
        with pytest.raises(NotInDrawer):
            moved("11", by=owner, out=True, currency="USD")
        moved("10", by=owner, out=True, currency="USD")
        assert balance(chart.CASH, "USD") == 0

    def test_the_form_sent_twice_moves_once(self, owner, scope):
        opened(by=owner)
        first, second = (moved("10", by=owner, send="the key") for _ in range(2))

        assert first == second
        assert balance(chart.CASH) == 510

    @pytest.mark.parametrize("amount", ["0", "-5", "NaN", "0.005", "1e40"])
    def test_an_amount_that_is_none_is_refused(self, owner, scope, amount):
        opened(by=owner)
        with days.nothing_done(CashMove, Entry, Series), pytest.raises(AmountImpossible):
            moved(amount, by=owner)

    def test_a_reason_is_wanted(self, owner, scope):
        opened(by=owner)
        with days.nothing_done(CashMove, Entry, Approval), pytest.raises(ReasonMissing):
            moved("5", by=owner, reason="  ")

    def test_a_clerk_needs_a_second_person(self, owner, clerk):
        opened(by=owner)
        set_pin(member=owner, pin="4812")
        with pytest.raises(ApprovalNeeded), transaction.atomic():
            moved("5", by=clerk, out=True)
        with pytest.raises(PinRefused), transaction.atomic():
            moved("5", by=clerk, out=True, approver=Approver(username=str(owner.user), pin="4813"))
        assert balance(chart.CASH) == 500

        move = moved(
            "5", by=clerk, out=True, approver=Approver(username=str(owner.user), pin="4812")
        )
        assert Approval.objects.get(reference=move.code).approved_by == owner

    def test_the_limit_is_in_the_shops_money_and_no_other(self, owner, clerk):
        set_till_rules(currencies=["USD"], open_first=False, by=owner, at=make.NOON)
        set_policy("approvals", {"cash_in": {"limit": "100"}}, by=owner, at=make.NOON)
        opened(by=owner, USD="10")

        moved("100", by=clerk)
        with pytest.raises(ApprovalNeeded), transaction.atomic():
            moved("100.01", by=clerk)
        with pytest.raises(ApprovalNeeded), transaction.atomic():
            moved("1", by=clerk, currency="USD")

    def test_a_shop_may_keep_it_from_clerks_altogether(self, owner, clerk):
        rule = {"cash_out": {"roles": ["owner"], "limit": None}}
        set_policy("approvals", rule, by=owner, at=make.NOON)
        opened(by=owner)
        with pytest.raises(NotAllowed):
            moved("1", by=clerk, out=True)

    def test_a_slip_is_never_changed(self, owner, scope):
        opened(by=owner)
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            CashMove.objects.update(amount=1)
        with connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute("DELETE FROM till_tillcount")


class TestRules:
    def test_the_shops_own_currency_is_first_and_always_taken(self, owner, scope, shop):
        assert till_rules(shop, at=make.NOON).currencies == ("AED",)
        set_till_rules(currencies=["USD", "AED", "EUR"], open_first=True, by=owner, at=make.NOON)

        rules = till_rules(shop, at=make.NOON)
        assert rules.currencies == ("AED", "USD", "EUR")
        assert rules.open_first

    def test_words_of_the_section_that_others_set_stay(self, owner, scope):
        set_policy("till", {"other": 1}, by=owner, at=make.NOON)
        version = set_till_rules(currencies=[], open_first=False, by=owner, at=make.NOON)
        assert version.values["other"] == 1

    def test_what_is_no_currency_is_refused(self, owner, scope):
        with pytest.raises(CurrencyNotTaken, match="XAU"):
            set_till_rules(currencies=["XAU"], open_first=False, by=owner, at=make.NOON)

    def test_a_drawer_has_so_many_compartments(self, owner, scope):
        many = ["USD", "EUR", "GBP", "INR", "SAR", "KWD", "CHF", "JPY"]
        with pytest.raises(TooManyCurrencies):
            set_till_rules(currencies=many, open_first=False, by=owner, at=make.NOON)
