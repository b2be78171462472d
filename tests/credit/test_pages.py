"""Pages of accounts, payments, gift cards and foreign cash."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.credit.exchange import set_cash_rate
from apps.credit.models import CashRate, DuesPayment, GiftCard
from apps.credit.policy import credit_rules
from apps.ledger import chart
from apps.shops.scope import shop_scope
from apps.till.models import Payment
from tests import make
from tests.credit import books
from tests.sales.bills import needs_pdf

KEY = "5a7f3c2e-8d63-4a30-9a5e-0b9f4f0f3a11"


@pytest.fixture
def signed_in(client, owner):
    client.force_login(owner.user)
    return client


@pytest.fixture
def customer(shop, owner):
    """Somebody who owes 500."""
    with shop_scope(shop.pk):
        made = books.customer(by=owner, limit=1000)
        books.owes(made, 500, by=owner, at=timezone.now())
    return made


def at(name, *args):
    return reverse(f"credit:{name}", args=args)


# Accounts


def test_an_account_is_a_page_and_a_part_of_one(signed_in, customer):
    page = signed_in.get(at("account", customer.pk))
    part = signed_in.get(at("account", customer.pk), headers={"HX-Request": "true"})

    assert "owed to the shop" in page.text
    assert "<html" not in part.text
    assert "500.00" in part.text


def test_the_customers_page_asks_for_the_account(signed_in, customer):
    page = signed_in.get(reverse("customers:show", args=[customer.pk]))

    assert f'hx-get="{at("account", customer.pk)}"' in page.text


def test_a_statement_of_a_period(signed_in, customer):
    usual = signed_in.get(at("statement", customer.pk))
    backwards = signed_in.get(
        at("statement", customer.pk), {"since": "2026-02-01", "until": "2026-01-01"}
    )
    none = signed_in.get(at("statement", customer.pk), {"since": "x"})

    assert "Closing balance" in usual.text
    assert backwards.status_code == none.status_code == 422
    assert "ends before it begins" in backwards.text


def test_a_statement_as_a_file(signed_in, shop, owner, customer):
    with shop_scope(shop.pk):
        customer.name = "=HYPERLINK(1)"
        customer.save()

    text = signed_in.get(at("statement-csv", customer.pk)).content.decode("utf-8-sig")
    dues = signed_in.get(at("dues-csv")).content.decode("utf-8-sig")

    assert text.splitlines()[0] == "'=HYPERLINK(1)"
    assert text.splitlines()[-1].endswith("Closing balance,,,AED,,500.00")
    assert "'=HYPERLINK(1),,1000.00,500.00,500.00,0.00,0.00,0.00" in dues


@needs_pdf
def test_a_statement_on_paper(signed_in, customer):
    answer = signed_in.get(at("statement-pdf", customer.pk))

    assert answer.content.startswith(b"%PDF")
    assert signed_in.head(at("statement-pdf", customer.pk)).content == b""


def test_who_owes(signed_in, customer, shop, owner):
    with shop_scope(shop.pk):
        old = books.customer(by=owner, name="Old Debt")
        books.owes(old, 70, by=owner, at=timezone.now() - timedelta(days=100))

    page = signed_in.get(at("dues")).text

    assert page.index("Zahra Karimi") < page.index("Old Debt")
    assert "Above the limit" in page
    assert "570.00" in page


# Payments


def pay(client, customer, **fields):
    return client.post(at("pay", customer.pk), {"key": KEY, **fields})


def test_a_payment_is_taken_once(signed_in, shop, customer):
    answers = [pay(signed_in, customer, cash="100", card="50.50", slip="77") for _ in range(2)]
    receipt = signed_in.get(answers[0].url)

    assert answers[0].url == answers[1].url == at("payment", "1-P000001")
    assert "349.50" in receipt.text
    assert "77" in receipt.text
    with shop_scope(shop.pk):
        assert DuesPayment.objects.get().amount == Decimal("150.50")


def test_more_than_is_owed_asks_before_it_becomes_credit(signed_in, shop, customer):
    refused = pay(signed_in, customer, cash="600")
    taken = pay(signed_in, customer, cash="600", rest_to_credit="on")

    assert refused.status_code == 409
    assert "The customer owes 500.00 AED." in refused.text
    assert taken.status_code == 302
    with shop_scope(shop.pk):
        assert books.balance(chart.STORE_CREDIT, party=customer) == -100


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "There is no payment."),
        ({"cash": "0"}, "There is no payment."),
        ({"cash": "-5"}, "below zero"),
        ({"cash": "NaN"}, "is no number"),
        ({"cash": "1.001"}, "decimals"),
        ({"gift_card": "5"}, "There is no code."),
        ({"gift_card": "5", "code": "0000-0000-0000-0000"}, "No gift card of this shop"),
        ({"cash": "5", "key": "no key"}, ""),
    ],
)
def test_a_payment_that_cannot_be_leaves_nothing(signed_in, shop, customer, fields, says):
    answer = pay(signed_in, customer, **fields)

    assert answer.status_code in (404, 409, 422)
    assert says in answer.text
    with shop_scope(shop.pk):
        assert not DuesPayment.objects.exists()
        assert not Payment.objects.exists()


def test_a_payment_in_dollars(signed_in, shop, owner, customer):
    with shop_scope(shop.pk):
        set_cash_rate(code="USD", rate=Decimal("3.65"), by=owner, at=timezone.now())

    answer = pay(signed_in, customer, currency="USD", foreign="100")

    assert "3.65" in signed_in.get(answer.url).text
    with shop_scope(shop.pk):
        assert books.balance(chart.CASH, "USD") == 100
        assert books.balance(chart.DUES, party=customer) == 135


def test_no_payment_has_that_number(signed_in):
    assert signed_in.get(at("payment", "1-P000009")).status_code == 404


# Gift cards


def sell(client, **fields):
    return client.post(at("gift-card-sell"), {"key": KEY, "amount": "200", **fields})


def test_a_card_is_sold_and_its_paper_shows_the_code(signed_in, shop):
    answers = [sell(signed_in, cash="150", card="50") for _ in range(2)]
    paper = signed_in.get(answers[0].url)

    assert answers[0].url == answers[1].url
    code = paper.context["code"]
    assert code in paper.text
    assert paper["Cache-Control"].count("no-store")
    with shop_scope(shop.pk):
        card = GiftCard.objects.get()
    found = signed_in.post(at("gift-cards"), {"code": code.lower()})
    assert found.url == at("gift-card", card.number)
    for page in (found.url, at("gift-cards"), f"{at('gift-cards')}?search={card.last4}"):
        shown = signed_in.get(page).text
        assert card.number in shown
        assert code not in shown


def test_foreign_cash_pays_a_card_and_the_change_goes_back(signed_in, shop, owner):
    with shop_scope(shop.pk):
        set_cash_rate(code="USD", rate=Decimal("3.65"), by=owner, at=timezone.now())

    assert sell(signed_in, currency="USD", foreign="60").status_code == 409  # no change there
    with shop_scope(shop.pk):
        books.card(20, by=owner, at=timezone.now())
    assert sell(signed_in, currency="USD", foreign="60").status_code == 302
    with shop_scope(shop.pk):
        assert books.balance(chart.CASH, "USD") == 60
        assert books.balance(chart.CASH) == 1
        books.demand_agreement()


def test_a_paper_is_for_who_sold_it_and_who_runs_the_shop(client, shop, owner):
    seller, other = (make.member(of=shop, role="cashier") for _ in range(2))
    now = timezone.now()
    with shop_scope(shop.pk):
        card, _code = books.card(by=seller, at=now)
        old, _code = books.card(by=seller, at=now - timedelta(days=2))

    def status(member, of):
        client.force_login(member.user)
        return client.get(at("gift-card-paper", of.number)).status_code

    assert [status(who, card) for who in (seller, other, owner)] == [200, 403, 200]
    assert [status(who, old) for who in (seller, other, owner)] == [403, 403, 200]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"cash": "100"}, "The payments come to 100.00 AED of 200.00."),
        ({"cash": "200", "amount": ""}, "There is no amount."),
        ({"cash": "0", "amount": "0"}, "A payment is above zero."),
    ],
)
def test_a_card_that_cannot_be_sold(signed_in, shop, fields, says):
    answer = sell(signed_in, **fields)

    assert answer.status_code == 422
    assert says in answer.text
    with shop_scope(shop.pk):
        assert not GiftCard.objects.exists()


def test_no_card_has_that_code(signed_in):
    answer = signed_in.post(at("gift-cards"), {"code": "1234"})

    assert answer.status_code == 404
    assert "No gift card of this shop has this code." in answer.text
    assert signed_in.get(at("gift-card", "1-C000009")).status_code == 404


# Rules and rates


def test_rules_are_set_in_any_digits(signed_in, shop):
    answer = signed_in.post(at("policy"), {"gift_card_days": "۳۶۵", "most": "1,000"})

    assert answer.status_code == 302
    with shop_scope(shop.pk):
        rules = credit_rules(at=timezone.now())
    assert (rules.gift_card_days, rules.breakage_days, rules.most) == (365, None, 1000)
    assert 'value="365"' in signed_in.get(at("policy")).text


@pytest.mark.parametrize("days", ["0", "-3", "many", "99999", "1.5"])
def test_rules_that_cannot_be(signed_in, days):
    assert signed_in.post(at("policy"), {"gift_card_days": days}).status_code == 422


def test_a_rate_is_set_by_who_runs_the_shop(signed_in, client, shop):
    assert (
        signed_in.post(at("cash-rates"), {"currency": "usd", "rate": "3.6725"}).status_code == 302
    )
    assert "3.6725" in signed_in.get(at("cash-rates")).text
    for wrong in ({"currency": "AED", "rate": "1"}, {"currency": "USD", "rate": "0"}):
        assert signed_in.post(at("cash-rates"), wrong).status_code == 422

    client.force_login(make.member(of=shop, role="cashier").user)
    assert client.post(at("cash-rates"), {"currency": "EUR", "rate": "4"}).status_code == 403
    with shop_scope(shop.pk):
        assert CashRate.objects.get().rate == Decimal("3.6725")


def test_pages_of_another_shop_are_not_found(client, customer, shop, owner):
    with shop_scope(shop.pk):
        card, _code = books.card(by=owner)
    stranger = make.member(of=make.shop())
    client.force_login(stranger.user)

    for address in (
        at("account", customer.pk),
        at("statement", customer.pk),
        at("pay", customer.pk),
        at("gift-card", card.number),
        at("gift-card-paper", card.number),
    ):
        assert client.get(address).status_code == 404
