"""Savings schemes: plans, instalments, the bonus, the bill, closing early."""

from datetime import date, timedelta

import pytest

from apps.core.units import permille
from apps.deposits import rules
from apps.deposits.models import MembershipState, SchemeKind, SchemeMove, SchemePlan
from apps.deposits.refusals import (
    AmountImpossible,
    ClockBehind,
    IdentityMissing,
    InstalmentIsFixed,
    InstalmentsDone,
    KeyUsed,
    MembershipNotFound,
    MembershipNotOpen,
    MoreThanPaid,
    NotRipe,
    PlanImpossible,
    PlanNotFound,
)
from apps.deposits.selectors.schemes import benefit_of, membership_by_number, saved_in
from apps.deposits.services.closing import close_early
from apps.deposits.services.ending import Ending
from apps.deposits.services.redeem import making_discount, redeem, reopen
from apps.deposits.services.saving import pay_instalment
from apps.ledger import chart
from apps.pricing.selectors import RateMissing
from apps.shops.scope import shop_scope
from apps.till.models import Direction, Payment
from tests import make
from tests.deposits import made
from tests.deposits.made import D, later

START = make.NOON.date()


def on(day):
    """Noon of a day."""
    return later(days=(day - START).days)


def instalment(book, *, by, amount="5000", at=make.NOON, key=None):
    return pay_instalment(
        number=book.number, tenders=made.cash(amount), key=key or made.key(), by=by, at=at
    )


def saved(book, *, by, upto=11, late=()):
    """Instalments 2 to `upto`, on the day each is due; those in `late` a day after."""
    for number in range(2, upto + 1):
        day = on(rules.months_after(START, number - 1))
        instalment(book, by=by, at=day + timedelta(days=int(number in late)))


@pytest.fixture
def book(owner, scope):
    made.plan(by=owner)
    return made.passbook(by=owner)


def test_eleven_instalments_and_the_bonus(book, owner, shop):
    """Vector SC-01, through the passbook."""
    saved(book, by=owner)
    ripe = on(book.ripe_on)
    benefit = benefit_of(book, shop=shop, at=ripe)
    assert book.ripe_on == date(2026, 12, 15)
    assert benefit.paid == D("55000.00")
    assert benefit.bonus == D("3750.00")
    assert benefit.spend == D("58750.00")
    assert made.balance(chart.SCHEMES, party=book.customer) == -55000
    assert made.balance(chart.SCHEME_BONUS) == 0  # nobody owes it before it is used

    amounts = redeem(
        number=book.number, amount=D(58750), sale_reference="1-000001", by=owner, at=ripe
    )
    made.bill(amounts, "58750", by=owner, at=ripe)

    book.refresh_from_db()
    assert book.state == MembershipState.REDEEMED
    assert made.balance(chart.SCHEME_BONUS) == 3750
    assert made.balance(chart.SCHEMES, party=book.customer) == 0
    assert made.books_agree(book.customer)
    with pytest.raises(MembershipNotOpen, match="redeemed"):
        redeem(number=book.number, amount=D(1), sale_reference="1-000002", by=owner, at=ripe)


def test_a_bill_takes_money_and_bonus_in_proportion(book, owner, shop):
    saved(book, by=owner)
    ripe = on(book.ripe_on)
    redeem(number=book.number, amount=D(29375), sale_reference="1-000001", by=owner, at=ripe)
    left = benefit_of(book, shop=shop, at=ripe)
    assert (left.paid, left.bonus) == (D(27500), D(1875))
    with pytest.raises(MoreThanPaid):
        redeem(number=book.number, amount=D("29375.01"), sale_reference="2", by=owner, at=ripe)


def test_a_void_bill_gives_money_and_bonus_back(book, owner, shop):
    saved(book, by=owner)
    ripe = on(book.ripe_on)
    taken = redeem(
        number=book.number, amount=D(58750), sale_reference="1-000001", by=owner, at=ripe
    )
    made.bill(taken, "58750", by=owner, at=ripe)
    back = reopen(sale_reference="1-000001", by=owner, at=ripe)
    made.bill(back, "-58750", by=owner, reference="1-V000001", at=ripe)
    book.refresh_from_db()
    assert book.state == MembershipState.OPEN
    assert benefit_of(book, shop=shop, at=ripe).spend == D(58750)
    assert made.balance(chart.SCHEME_BONUS) == 0
    assert made.books_agree(book.customer)
    assert reopen(sale_reference="1-000001", by=owner, at=ripe) == []


@pytest.mark.parametrize(
    ("allowed", "late", "bonus"), [(2, (3,), "3409.09"), (1, (3, 4), "0"), (0, (), "3750")]
)
def test_late_instalments_lessen_the_bonus(owner, shop, scope, allowed, late, bonus):
    made.plan(by=owner, late_allowed=allowed)
    book = made.passbook(by=owner)
    saved(book, by=owner, late=late)
    assert benefit_of(book, shop=shop, at=on(book.ripe_on)).bonus == D(bonus)


def test_missed_instalments_lessen_it_too(owner, shop, scope):
    made.plan(by=owner, late_allowed=3)
    book = made.passbook(by=owner)
    saved(book, by=owner, upto=9)
    benefit = benefit_of(book, shop=shop, at=on(book.ripe_on))
    assert (benefit.paid, benefit.bonus) == (D(45000), D("3068.18"))
    with pytest.raises(InstalmentsDone):
        instalment(book, by=owner, at=on(book.ripe_on))


def test_after_the_window_the_money_stays_and_the_bonus_is_gone(book, owner, shop):
    saved(book, by=owner)
    last = benefit_of(book, shop=shop, at=on(book.redeem_by))
    after = benefit_of(book, shop=shop, at=on(book.redeem_by) + timedelta(days=1))
    assert (last.in_window, last.bonus) == (True, D(3750))
    assert (after.in_window, after.paid, after.bonus) == (False, D(55000), D(0))


def test_it_is_not_used_before_it_is_ripe(book, owner):
    with pytest.raises(NotRipe, match="15 December 2026"):
        redeem(
            number=book.number,
            amount=D(5000),
            sale_reference="1-000001",
            by=owner,
            at=later(days=1),
        )


def test_the_law_may_end_the_window_sooner(owner, scope):
    made.plan(by=owner, redeem_days=60, longest_days=365)
    book = made.passbook(by=owner)
    assert book.redeem_by == date(2027, 1, 15)
    with pytest.raises(PlanImpossible, match="Plan fewer"):
        made.plan(by=owner, instalments=12, longest_days=365)


@pytest.fixture
def grams_book(owner, shop, scope):
    make.rate(of=shop)
    made.plan(
        by=owner,
        code="GRAM3",
        kind=SchemeKind.GRAMS,
        amount=D(1000),
        instalments=3,
        metal="gold",
        fineness=permille("916"),
        gram_step=D("0.01"),
    )
    return made.passbook(by=owner, plan="GRAM3", paid="1000")


def test_each_instalment_buys_grams_at_its_own_rate(grams_book, owner, shop):
    book = grams_book
    assert saved_in(book).grams == D("10.91")  # 1000 ÷ 91.60 = 10.917, cut to 0.01
    second = on(date(2026, 2, 15))
    with pytest.raises(RateMissing):
        instalment(book, by=owner, amount="1000", at=second)
    make.rate(of=shop, amount="120", at=second)
    instalment(book, by=owner, amount="1000", at=second)
    assert saved_in(book).grams == D("10.91") + D("9.09")
    assert made.balance(chart.METAL_PROMISED, "gold") == saved_in(book).fine_g
    assert made.books_agree(book.customer)


def test_grams_are_worth_the_rate_of_the_day_and_carry_no_making(grams_book, owner, shop):
    book = grams_book
    ripe = on(book.ripe_on)
    make.rate(of=shop, amount="130", at=ripe)
    benefit = benefit_of(book, shop=shop, at=ripe)
    assert benefit.spend == D("1299.16")  # 10.91 × 119.08, cut
    discount = making_discount(benefit, grams=D(20))
    assert (discount.on, discount.percent) == ("making", D("54.5500"))
    assert making_discount(benefit, grams=D(5)).percent == 100

    amounts = redeem(
        number=book.number, amount=benefit.spend, sale_reference="1-000001", by=owner, at=ripe
    )
    made.bill(amounts, benefit.spend, by=owner, at=ripe)

    assert made.balance(chart.SCHEME_BONUS) == D("299.16")  # what the rate rose
    assert made.balance(chart.METAL_PROMISED, "gold") == 0
    assert made.books_agree(book.customer)


def test_a_rate_that_fell_is_the_members_loss_and_the_books_balance(grams_book, owner, shop):
    book = grams_book
    ripe = on(book.ripe_on)
    make.rate(of=shop, amount="80", at=ripe)
    benefit = benefit_of(book, shop=shop, at=ripe)
    assert benefit.bonus < 0
    amounts = redeem(
        number=book.number, amount=benefit.spend, sale_reference="1-000001", by=owner, at=ripe
    )
    made.bill(amounts, benefit.spend, by=owner, at=ripe)
    assert made.balance(chart.SCHEME_BONUS) == benefit.bonus
    assert made.books_agree(book.customer)


def test_closing_early_keeps_what_the_plan_says(owner, scope):
    made.plan(by=owner, early_kept_percent=D(10))
    book = made.passbook(by=owner)
    ending = Ending(by=owner, at=later(days=1), reason="Moves away")

    number = close_early(number=book.number, ending=ending)

    assert close_early(number=book.number, ending=ending) == number
    out = Payment.objects.get(direction=Direction.OUT)
    assert (out.kind, out.amount, out.reference) == ("cash", D(4500), number)
    assert made.balance(chart.FORFEITS) == -500
    assert made.books_agree(book.customer)
    with pytest.raises(MembershipNotOpen, match="closed early"):
        instalment(book, by=owner, at=later(days=2))


def test_a_repeated_request_is_taken_once(owner, scope):
    made.plan(by=owner)
    who = made.customer(by=owner)
    first = made.passbook(by=owner, of=who, key="join")
    assert made.passbook(by=owner, of=who, key="join").pk == first.pk
    second = instalment(first, by=owner, key="second")
    assert instalment(first, by=owner, key="second") == second
    assert SchemeMove.objects.count() == 2
    with pytest.raises(KeyUsed):
        made.passbook(by=owner, key="join")


def test_a_plan_that_asks_for_identity_gets_it(owner, scope):
    made.plan(by=owner, needs_identity=True)
    with pytest.raises(IdentityMissing, match="Asha"):
        made.passbook(by=owner)


def test_members_keep_the_version_they_joined(book, owner, shop):
    made.plan(by=owner, bonus_percent=D(10), at=later(days=1))
    assert SchemePlan.objects.count() == 2
    saved(book, by=owner)
    assert benefit_of(book, shop=shop, at=on(book.ripe_on)).bonus == 3750
    made.plan(by=owner, offered=False, at=later(days=2))
    with pytest.raises(PlanNotFound):
        made.passbook(by=owner)


@pytest.mark.parametrize("amount", ["4999", "0", "-5000", "NaN"])
def test_an_instalment_is_exactly_the_plans(book, owner, amount):
    with pytest.raises((InstalmentIsFixed, AmountImpossible), match=r"5,000|no amount"):
        instalment(book, by=owner, amount=amount)
    assert saved_in(book).amount == 5000


def test_a_clock_that_went_backwards_is_refused(book, owner):
    with pytest.raises(ClockBehind):
        instalment(book, by=owner, at=later(hours=-1))


@pytest.mark.parametrize(
    "terms",
    [
        {"code": "gold 11"},
        {"name": " "},
        {"instalments": 0},
        {"bonus_percent": D("NaN")},
        {"early_kept_percent": D(101)},
        {"kind": SchemeKind.GRAMS},
        {"kind": SchemeKind.GRAMS, "metal": "gold", "fineness": 9160, "gram_step": D("0.5")},
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(owner, scope, terms):
    with pytest.raises(PlanImpossible):
        made.plan(by=owner, **terms)


def test_a_passbook_of_another_shop_is_not_there(book, owner):
    other = make.shop(name="Other")
    with shop_scope(other.pk), pytest.raises(MembershipNotFound):
        membership_by_number(book.number)


def test_months_end_where_the_month_does():
    assert rules.months_after(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert rules.months_after(date(2026, 11, 30), 3) == date(2027, 2, 28)
