"""Gift cards: sold, spent, paid back on, run out."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from apps.credit import codes
from apps.credit.breakage import post_breakage
from apps.credit.gift_cards import (
    GiftCardExpired,
    GiftCardFull,
    GiftCardNotFound,
    GiftCardShort,
    card_by_code,
)
from apps.credit.models import GiftCard, GiftCardMove
from apps.credit.once import KeyUsed, PaymentsDoNotAdd
from apps.credit.policy import (
    CreditRules,
    CreditRulesImpossible,
    CreditRulesNotYours,
    credit_rules,
    set_credit_rules,
)
from apps.credit.selling import GiftCardTooLarge, code_of, sell_gift_card
from apps.credit.tendered import AmountImpossible, TenderNotHere
from apps.credit.tenders import Counter, give_all, take_all
from apps.ledger import chart
from apps.ledger.models import Entry
from apps.ledger.services import Amount, post
from apps.shops.scope import shop_scope
from apps.till.models import Payment
from tests import make
from tests.credit import books
from tests.credit.books import cash, tender
from tests.make import NOON

KEY = "a-key-of-a-form"
LATER = NOON + timedelta(days=31)


def use(way, named, amount, *, by, at=NOON):
    """A document that is paid by a card, or pays back on it."""
    counter = Counter(by=by, at=at, reference="1-000009")
    (taken,) = way([tender("gift_card", amount, instrument=named)], counter)
    sold = Amount(
        account=chart.SALES_METAL, commodity="AED", amount=-sum(a.amount for a in taken.amounts)
    )
    post(
        what="sale",
        reference=counter.reference,
        at=at,
        day=at.date(),
        by=by,
        amounts=[*taken.amounts, sold],
    )
    return taken


def sell(amount, *tenders, by, key=KEY):
    return sell_gift_card(amount=Decimal(amount), tenders=tenders, key=key, by=by, at=NOON)


# Selling


def test_a_card_is_a_promise_and_no_sale(clerk):
    card = sell(100, cash(60), tender("card", 40), by=clerk)

    assert re.fullmatch(r"1-C0*1", card.number)
    assert books.balance(chart.GIFT_CARDS) == -100
    assert books.balance(chart.CASH) == 60
    entry = Entry.objects.get(reference=card.number)
    assert (entry.what, entry.shift_id) == ("gift-card", card.shift_id)
    assert Payment.objects.filter(reference=card.number).count() == 2
    books.demand_agreement()


def test_a_form_sent_twice_sells_one_card_with_one_code(clerk):
    first, second = (sell(100, cash(100), by=clerk) for _ in range(2))

    assert (second.pk, code_of(second)) == (first.pk, code_of(first))
    assert books.balance(chart.CASH) == 100
    with pytest.raises(KeyUsed):
        sell(200, cash(200), by=clerk)


@pytest.mark.parametrize(
    ("amount", "tenders", "refusal"),
    [
        (100, [cash(99)], PaymentsDoNotAdd),
        (100, [], PaymentsDoNotAdd),
        (100, [cash(60), cash(60)], PaymentsDoNotAdd),
        (0, [], AmountImpossible),
        (-5, [cash(5)], AmountImpossible),
        ("NaN", [cash(5)], AmountImpossible),
        ("1e17", [cash(5)], AmountImpossible),
        (100, [tender("card", 200), tender("card", -100)], AmountImpossible),
        (100, [tender("on_account", 100)], TenderNotHere),
        (100, [tender("gift_card", 100)], TenderNotHere),
        (100, [tender("old_gold", 100)], TenderNotHere),
    ],
)
def test_what_cannot_be_sold_leaves_nothing(clerk, amount, tenders, refusal):
    with pytest.raises(refusal):
        sell(amount, *tenders, by=clerk)

    assert not GiftCard.objects.exists()
    assert not Entry.objects.exists()
    assert books.card(10, by=clerk)[0].number.endswith("C000001")  # no number was lost


def test_the_database_holds_no_code(clerk):
    card, code = books.card(by=clerk)

    stored = str(GiftCard.objects.filter(pk=card.pk).values().get())

    assert code not in stored
    assert card.last4 == code[-4:]


def test_a_code_can_be_told_again_while_its_key_is_known(clerk, settings):
    card, code = books.card(by=clerk)
    old = settings.IDENTITY_KEYS

    settings.IDENTITY_KEYS = ["n" * 50, *old]
    assert code_of(card) == code
    settings.IDENTITY_KEYS = ["n" * 50]
    assert code_of(card) is None
    assert card_by_code(code) == card


# Codes


@given(st.uuids())
def test_a_code_is_read_as_it_is_shown_and_as_it_is_mistyped(key):
    (code, *_older) = codes.codes_for(shop_id=1, key=str(key))

    for typed in (codes.shown(code), code.lower(), f" {code[:8]} {code[8:]} ", _misread(code)):
        assert codes.read(typed) == code


def _misread(code):
    return code.replace("0", "O").replace("1", "l")


@given(st.uuids(), st.integers(0, 15), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_sign_is_noticed(key, at, sign):
    (code, *_older) = codes.codes_for(shop_id=1, key=str(key))
    wrong = code[:at] + sign + code[at + 1 :]

    assert codes.read(wrong) == (code if wrong == code else None)


@given(st.text(max_size=40))
def test_any_text_is_read_or_not(text):
    code = codes.read(text)
    assert code is None or codes.read(code) == code


def test_codes_of_shops_and_requests_differ():
    made = {codes.codes_for(shop_id=s, key=k)[0] for s in (1, 2) for k in ("a", "b", "1:a")}
    assert len(made) == 6


# Spending


def test_a_card_pays_in_parts(clerk):
    card, code = books.card(100, by=clerk)

    taken = use(take_all, codes.shown(code).lower(), 30, by=clerk)
    use(take_all, code, 70, by=clerk)

    assert taken.tender.instrument == card.number
    with pytest.raises(GiftCardShort) as refused:
        use(take_all, code, "0.01", by=clerk)
    assert refused.value.left == 0
    books.demand_agreement()


@pytest.mark.parametrize("typed", ["", "nothing", "1-C000001", "0000-0000-0000-0000", "\x00"])
def test_what_is_no_code_finds_no_card(clerk, typed):
    books.card(by=clerk)

    with pytest.raises(GiftCardNotFound):
        use(take_all, typed, 1, by=clerk)


def test_another_shops_card_is_none(clerk):
    _card, code = books.card(by=clerk)
    other = make.shop()
    stranger = make.member(of=other)

    with shop_scope(other.pk), pytest.raises(GiftCardNotFound):
        use(take_all, code, 1, by=stranger)


def test_money_goes_back_on_the_card_up_to_what_was_on_it(clerk):
    card, code = books.card(100, by=clerk)
    use(take_all, code, 80, by=clerk)

    use(give_all, card.number, 50, by=clerk)
    with pytest.raises(GiftCardFull) as refused:
        use(give_all, code, "30.01", by=clerk)

    assert refused.value.room == 30
    assert GiftCard.objects.get().balance == 70
    books.demand_agreement()


def test_the_same_card_twice_in_one_document(clerk):
    _card, code = books.card(100, by=clerk)
    both = [tender("gift_card", 60, instrument=code)] * 2

    with pytest.raises(GiftCardShort):
        take_all(both, Counter(by=clerk, at=NOON, reference="1-000009"))


@pytest.mark.parametrize("balance", [-1, 101])
def test_the_database_bounds_a_balance(clerk, balance):
    books.card(100, by=clerk)

    with pytest.raises(IntegrityError, match="credit_giftcard_balance"), transaction.atomic():
        GiftCard.objects.update(balance=balance)


# Running out


def rules(owner, **of):
    set_credit_rules(CreditRules(**of), by=owner, at=NOON)


def test_a_card_runs_out_by_the_rules_of_the_day_it_was_sold(owner, clerk):
    rules(owner, gift_card_days=30)
    card, code = books.card(100, by=clerk)
    rules(owner)

    use(take_all, code, 1, by=clerk, at=NOON + timedelta(days=30))
    with pytest.raises(GiftCardExpired):
        use(take_all, code, 1, by=clerk, at=LATER)
    with pytest.raises(GiftCardExpired) as refused:
        use(give_all, card.number, 1, by=clerk, at=LATER)
    assert "as store credit" in str(refused.value)


def test_what_is_left_becomes_income_once(owner, clerk, shop):
    rules(owner, gift_card_days=30, breakage_days=0)
    _, code = books.card(100, by=clerk)
    books.card(50, by=clerk)
    use(take_all, code, 30, by=clerk)

    assert post_breakage(shop=shop, at=NOON + timedelta(days=30)) == []
    assert len(post_breakage(shop=shop, at=LATER)) == 2
    assert post_breakage(shop=shop, at=LATER) == []

    assert books.balance(chart.BREAKAGE) == -120
    assert books.balance(chart.GIFT_CARDS) == 0
    books.demand_agreement()


def test_without_a_rule_it_stays_owed(owner, clerk, shop):
    rules(owner, gift_card_days=30)
    books.card(100, by=clerk)

    assert post_breakage(shop=shop, at=LATER) == []
    assert not GiftCardMove.objects.filter(kind="expired").exists()


def test_the_command_says_what_it_did(owner, clerk, shop, capsys):
    rules(owner, gift_card_days=1, breakage_days=0)
    card, _code = books.card(100, by=clerk)
    assert card.expires_on == NOON.date() + timedelta(days=1)

    for _again in range(2):
        call_command("break_gift_cards", shop=shop.slug)

    assert capsys.readouterr().out.splitlines() == [
        "Gift cards that ran out: 1.",
        "Gift cards that ran out: 0.",
    ]


# Rules


def test_rules_are_dated(owner, scope):
    rules(owner, gift_card_days=30, breakage_days=7, most=Decimal("500.50"))

    assert credit_rules(at=NOON) == CreditRules(
        gift_card_days=30, breakage_days=7, most=Decimal("500.50")
    )
    assert credit_rules(at=NOON - timedelta(seconds=1)) == CreditRules()


def test_a_card_is_no_larger_than_the_rules_let_it(owner, clerk):
    rules(owner, most=Decimal(100))

    books.card(100, by=clerk)
    with pytest.raises(GiftCardTooLarge):
        books.card("100.01", by=clerk)


@pytest.mark.parametrize(
    "of",
    [
        {"gift_card_days": 0},
        {"gift_card_days": 3651},
        {"breakage_days": -1},
        {"most": Decimal(0)},
        {"most": Decimal("NaN")},
        {"most": Decimal("0.001")},
    ],
)
def test_rules_that_cannot_be(owner, scope, of):
    with pytest.raises(CreditRulesImpossible) as refused:
        rules(owner, **of)
    assert refused.value.field in of


def test_rules_are_not_for_clerks(clerk):
    with pytest.raises(CreditRulesNotYours):
        rules(clerk, gift_card_days=30)
