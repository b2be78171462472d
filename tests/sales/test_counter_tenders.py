"""The counter takes every payment: its pages with and without script, and the API beside it."""

import json
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.credit.exchange import set_cash_rate
from apps.ledger import chart
from apps.sales.models import OpenSale, OpenSaleTender, Sale
from apps.shops.approvals import set_pin
from apps.shops.policies import set_policy
from apps.shops.scope import shop_scope
from tests import make
from tests.credit import books
from tests.deposits import made
from tests.purchasing import gold
from tests.sales.test_counter_pages import Page, text_of

TOTAL = make.RING_TOTAL
D = Decimal


@pytest.fixture
def owner(shop):
    return make.member(of=shop, username="leila")


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def inside(shop, owner, now):
    """In the shop: today's rates, R-1 and R-2."""
    with shop_scope(shop.pk):
        make.rate(of=shop, at=now)
        make.rate(of=shop, at=now, side="buy")
        for tag in ("R-1", "R-2"):
            make.piece(by=owner, tag=tag, at=now)
    return lambda: shop_scope(shop.pk)


@pytest.fixture
def nadia(inside, owner):
    with inside():
        return gold.seller(by=owner)


@pytest.fixture
def page(client, inside, owner):
    client.force_login(owner.user)
    return Page(client)


@pytest.fixture
def slip(inside, owner, nadia, now):
    with inside():
        return gold.slip(of=nadia, purpose="exchange", by=owner, at=now)


class TestOldGoldAndDeposits:
    def test_old_gold_comes_on_before_the_first_piece_and_pays_as_they_come(self, page, slip):
        assert page.pay("", "old_gold", instrument=slip.code).status_code == 302
        assert "916.00 stays the customer's" in text_of(page.get())

        page.scan("R-1")

        shown = text_of(page.get())
        assert "Nadia Rahman" in shown
        assert "−916.00" in shown
        assert "Left to pay 141.98" in shown

    def test_what_is_left_of_a_slip_is_said_at_the_end(self, page, inside, owner, nadia, now):
        with inside():
            heavy = gold.slip(gold.item(gross="20"), of=nadia, purpose="exchange", by=owner, at=now)
        page.pay("", "old_gold", instrument=heavy.code)
        page.scan("R-1")

        answer = page.client.get(page.finish().url)

        assert f"774.02 AED is left of old-gold slip {heavy.code}" in text_of(answer)
        assert reverse("purchasing:slip", args=[heavy.code]) in answer.content.decode()

    def test_a_deposit_is_put_on_the_counter_with_its_piece(self, page, inside, owner, now):
        with inside():
            deposit = made.deposit(by=owner, at=now)
        refusal = page.scan("R-1")
        assert refusal.status_code == 409
        assert f"R-1 lies aside for deposit {deposit.number}" in text_of(refusal)

        for _twice in range(2):
            answer = page.post("deliver", deposit.number)
            assert (answer.status_code, answer.url) == (302, "/counter/")
        shown = text_of(page.get())
        assert "Left to pay 857.98" in shown
        page.pay("857.98", "card")
        page.finish()

        with inside():
            assert Sale.objects.get().customer_id == deposit.customer_id
            assert made.books_agree(deposit.customer)

    def test_a_slip_that_went_elsewhere_meanwhile_keeps_the_sale_from_finishing(
        self, page, inside, owner, slip, now
    ):
        page.pay("", "old_gold", instrument=slip.code)
        page.scan("R-1")
        page.pay("141.98", "card")
        with inside():
            gold_used = slip.__class__.objects.get(pk=slip.pk)
            from_another_till = [
                {"kind": "old_gold", "instrument": slip.code},
                {"kind": "card", "amount": "141.98"},
            ]
            key = make.token(of=owner)
        sold = page.client.post(
            "/api/v1/sales",
            json.dumps({"lines": [{"tag": "R-2"}], "tenders": from_another_till}),
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}", "Idempotency-Key": "k-1"},
        )
        assert sold.status_code == 201, sold.content
        assert gold_used.claim_left == 916

        shown = text_of(page.get())
        assert f"Nothing is left of {slip.code}. Take another payment." in shown
        assert "A payment cannot be taken. Take it back first." in shown
        answer = page.finish()
        assert answer.status_code == 409
        with inside():
            assert Sale.objects.count() == 1


class TestCustomers:
    def test_is_looked_up_and_chosen(self, page, inside, nadia):
        found = page.get("customer", find="nadia")
        assert "Nadia Rahman" in text_of(found)

        page.post("customer-choose", nadia.pk)

        with inside():
            sale = OpenSale.objects.get()
            assert (sale.customer_id, sale.customer_name) == (nadia.pk, "Nadia Rahman")
        assert "Nobody in the list has “nobody”" in text_of(page.get("customer", find="nobody"))

    def test_of_another_shop_is_nobody(self, page, owner):
        there = make.shop(name="Elsewhere")
        with shop_scope(there.pk):
            stranger = books.customer(by=make.member(of=there))

        answer = page.post("customer-choose", stranger.pk)

        assert answer.status_code == 404

    def test_stays_while_their_account_pays(self, page, inside, owner, slip):
        with inside():
            other = books.customer(by=owner)
        page.pay("", "old_gold", instrument=slip.code)

        answer = page.post("customer-choose", other.pk)

        assert answer.status_code == 409
        assert "Old gold of Nadia Rahman pays a part of this bill." in text_of(answer)


class TestAccounts:
    def test_store_credit_and_a_gift_card_pay_what_they_have(self, page, inside, owner, nadia):
        with inside():
            books.has_credit(nadia, 300, by=owner)
            card, code = books.card(200, by=owner)
        page.scan("R-1")
        assert page.pay("", "store_credit").status_code == 422  # whose?
        page.post("customer-choose", nadia.pk)

        page.pay("", "store_credit")
        page.pay("", "gift_card", instrument=code)

        shown = text_of(page.get())
        assert "Left to pay 557.98" in shown
        assert code not in shown  # of a card its last four signs are enough
        page.pay("557.98")
        page.finish()
        with inside():
            card.refresh_from_db()
            assert card.balance == 0
            assert books.balance(chart.STORE_CREDIT, party=nadia) == 0

    def test_the_same_press_twice_is_one_payment(self, page, inside, owner):
        with inside():
            _card, code = books.card(200, by=owner)
        page.scan("R-1")

        for _press in range(2):
            page.pay("", "gift_card", instrument=code, idempotency_key="0")

        with inside():
            assert OpenSaleTender.objects.count() == 1

    def test_above_the_limit_the_page_asks_for_a_second_person(self, inside, shop, owner):
        with inside():
            set_pin(member=owner, pin="8042")
            zahra = books.customer(by=owner, limit=600)
            clerk = make.member(of=shop, role="salesperson")
        browser = Client()
        browser.force_login(clerk.user)
        page = Page(browser)
        page.scan("R-1")
        page.post("customer-choose", zahra.pk)
        page.pay(str(TOTAL), "on_account")
        text = page.get().content.decode()
        assert 'name="credit-pin"' in text
        assert 'name="credit-reason"' in text

        asked = {"credit-reason": "Pays on Friday", "credit-approver": "leila"}
        assert page.finish().status_code == 409
        wrong = page.finish(**{**asked, "credit-pin": "1111"})
        assert wrong.status_code == 403
        assert "1111" not in wrong.content.decode()
        assert "Pays on Friday" in wrong.content.decode()
        swapping = Client(headers={"HX-Request": "true"})
        swapping.force_login(clerk.user)
        again = Page(swapping).finish(**{**asked, "credit-pin": "1111"})
        assert again.status_code == 422  # a 403 is not swapped in: the page would begin afresh
        assert "Pays on Friday" in again.content.decode()
        assert page.finish(**{**asked, "credit-pin": "8042"}).status_code == 302
        with inside():
            assert books.balance(chart.DUES, party=zahra) == TOTAL


class TestForeignCash:
    def test_counts_at_todays_rate(self, page, inside, owner, now):
        page.scan("R-1")
        assert "No rate for other currencies is set." in text_of(page.get(pay="foreign"))
        with inside():
            set_cash_rate(code="USD", rate=D("3.65"), by=owner, at=now - timedelta(seconds=1))
        assert "USD · at 3.65" in text_of(page.get(pay="foreign"))

        page.pay("300", "foreign", currency="USD")

        shown = text_of(page.get())
        assert "300.00 USD at 3.65" in shown
        assert "Change 37.02" in shown

    @pytest.mark.parametrize("data", [{"currency": "EUR"}, {"currency": ""}, {"currency": "XXY"}])
    def test_a_currency_without_a_rate(self, page, data):
        page.scan("R-1")

        answer = page.pay("300", "foreign", **data)

        assert answer.status_code in (409, 422)


class TestThePage:
    @pytest.mark.parametrize(
        "pay",
        ["cash", "card", "transfer", "old_gold", "deposit", "gift_card", "store_credit",
         "on_account", "scheme", "foreign", "nonsense"],
    )  # fmt: skip
    def test_has_every_payment_and_stays_small(self, page, pay):
        page.scan("R-1")

        answer = page.get(pay=pay)

        assert answer.status_code == 200
        assert len(answer.content) < 150_000
        assert not re.search(rb"<[^>]+\s(?:style|on\w+)=", answer.content)

    def test_a_till_that_is_not_open_says_where_to_open_it(self, page, inside, now):
        with inside():
            set_policy("till", {"open_first": True}, by=None, at=now - timedelta(seconds=1))
        page.scan("R-1")
        page.pay(str(TOTAL), "card")

        answer = page.finish()

        assert answer.status_code == 409
        assert "is not open. Count its float and open it first." in text_of(answer)
        assert 'href="/till/open/"' in answer.content.decode()


class TestApi:
    @pytest.fixture
    def sell(self, client, owner, inside):
        with inside():
            key = make.token(of=owner)

        def send(*tenders, idempotency="k-1", **more):
            return client.post(
                "/api/v1/sales",
                json.dumps({"lines": [{"tag": "R-1"}], "tenders": tenders, **more}),
                content_type="application/json",
                headers={"Authorization": f"Bearer {key}", "Idempotency-Key": idempotency},
            )

        return send

    def test_takes_every_kind(self, sell, inside, owner, nadia, slip, now):
        with inside():
            nadia.credit_limit = D(50)
            nadia.save()
            books.has_credit(nadia, 10, by=owner)
            card, code = books.card(10, by=owner)
            set_cash_rate(code="USD", rate=D("3.65"), by=owner, at=now - timedelta(seconds=1))

        answer = sell(
            {"kind": "old_gold", "instrument": slip.code},
            {"kind": "gift_card", "instrument": code, "amount": "10.00"},
            {"kind": "store_credit", "amount": "10.00"},
            {"kind": "on_account", "amount": "50.00"},
            {"kind": "cash", "currency": "USD", "amount": "20.00"},
            {"kind": "cash", "currency": "AED", "amount": "1.00"},
            customer=nadia.pk,
        )

        assert answer.status_code == 201, answer.content
        by_kind = {tender["kind"]: tender for tender in answer.json()["tenders"]}
        assert by_kind["old_gold"]["amount"] == "916.00"
        assert by_kind["gift_card"]["instrument"] == card.number
        assert answer.json()["tenders"][4]["rate"] == "3.65"

    @pytest.mark.parametrize(
        ("tender", "status"),
        [
            ({"kind": "gift_card", "amount": "10.00"}, 422),
            ({"kind": "gift_card", "amount": "1057.98", "instrument": "none"}, 404),
            ({"kind": "old_gold", "instrument": "1-G999999"}, 404),
            ({"kind": "deposit", "instrument": "1-D999999"}, 404),
            ({"kind": "scheme", "instrument": "1-S999999"}, 404),
            ({"kind": "store_credit", "amount": "10.00"}, 422),
            ({"kind": "on_account", "amount": "10.00"}, 422),
            ({"kind": "cash"}, 422),
            ({"kind": "cash", "amount": "0"}, 422),
            ({"kind": "cash", "amount": "10.00", "currency": "XXY"}, 409),
            ({"kind": "cash", "amount": "10.00", "currency": "usd"}, 422),
            ({"kind": "card", "amount": "10.00", "currency": "USD"}, 422),
            ({"kind": "cheque", "amount": "10.00"}, 422),
            ({"kind": "old_gold", "instrument": "1-G1\x00"}, 422),
        ],
    )
    def test_refuses_in_a_sentence(self, sell, inside, tender, status):
        answer = sell(tender)

        assert answer.status_code == status, answer.content
        with inside():
            assert not Sale.objects.exists()
