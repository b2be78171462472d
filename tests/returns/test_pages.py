"""The pages: look first, confirm once."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.customers.services import add_customer
from apps.returns.models import Document
from apps.returns.policy import return_rules
from apps.shops.approvals import set_pin
from apps.shops.models import Member
from tests import make
from tests.returns.days import sold
from tests.sales.bills import needs_pdf, text_of

pytestmark = pytest.mark.django_db
KEY = "3f0d2b36-6f0e-4f0a-9d0a-000000000001"


@pytest.fixture
def today():
    return timezone.now()


@pytest.fixture
def bill(shop, owner, scope, today):
    make.rate(of=shop, at=today)
    make.rate(of=shop, side="buy", amount="95", at=today)
    for tag in ("R-1", "R-2", "R-3"):
        make.piece(by=owner, tag=tag, at=today)
    return sold("R-1", "R-2", by=owner, at=today)


@pytest.fixture
def at_work(client, owner):
    client.force_login(owner.user)
    return client


def chosen(**more):
    return {"take_0": "on", "weighed_0": "10.000", **more}


def confirmed(seen, **more):
    return chosen(key=KEY, seen=seen, reason="wrong size", **more)


def html(response):
    return response.content.decode()


def test_a_bill_is_found_by_its_number_and_by_a_tag(at_work, bill):
    for text in ("1-000001", "۱-۰۰۰۰۰۱", "r-1"):
        answer = at_work.get("/returns/find/", {"text": text})
        assert answer.headers["Location"] == "/returns/bills/1-000001/"
    answer = at_work.get("/returns/find/", {"text": "R-9"})
    assert answer.status_code == 404
    assert "never sold" in html(answer)


def test_several_bills_of_a_tag_are_listed(at_work, bill, owner, today):
    at_work.post("/returns/bills/1-000001/return/", confirmed("1057.98"))
    sold("R-1", by=owner, at=today + timedelta(seconds=1), key="2")
    page = html(at_work.get("/returns/find/", {"text": "R-1"}))
    assert "/returns/bills/1-000001/" in page
    assert "/returns/bills/1-000002/" in page


def test_the_bill_says_what_can_be_done(at_work, bill):
    page = html(at_work.get("/returns/bills/1-000001/"))
    for address in ("return", "exchange", "buy-back", "void"):
        assert f'href="/returns/bills/1-000001/{address}/"' in page


def test_looking_shows_the_result_and_writes_nothing(at_work, bill):
    page = html(at_work.get("/returns/bills/1-000001/return/", chosen()))
    assert "1,057.98" in page
    assert 'name="seen" value="1057.98' in page
    assert not Document.objects.exists()


def test_confirming_takes_back_and_a_second_press_is_harmless(at_work, bill):
    for _ in range(2):
        answer = at_work.post("/returns/bills/1-000001/return/", confirmed("1057.98"))
        assert answer.headers["Location"] == "/returns/documents/1-R000001/"
    assert Document.objects.count() == 1
    page = html(at_work.get("/returns/documents/1-R000001/"))
    assert "Credit note" in page
    assert "wrong size" in page
    assert "10.000" in page


def test_what_is_refused_is_said_on_the_page(at_work, bill):
    answer = at_work.get("/returns/bills/1-000001/return/", chosen(weighed_0="9.5"))
    assert answer.status_code == 409
    assert "metal or a stone is missing" in html(answer)
    answer = at_work.get("/returns/bills/1-000001/return/", {"weighed_0": "ten"})
    assert answer.status_code == 422
    answer = at_work.post("/returns/bills/1-000001/return/", confirmed("1.00"))
    assert answer.status_code == 409
    assert "Nothing was done" in html(answer)
    assert 'name="seen" value="1057.98' in html(answer)
    answer = at_work.post("/returns/bills/1-000001/return/", confirmed("1057.98") | {"reason": ""})
    assert answer.status_code == 422
    assert not Document.objects.exists()


def test_a_void_from_the_page(at_work, bill):
    page = html(at_work.get("/returns/bills/1-000001/void/"))
    seen = re.search(r'name="seen" value="([^"]+)"', page)[1]
    given_back = re.findall(r"<dt[^>]*>\s*(\w+)", page.partition('id="give-title"')[2])
    assert given_back[:2] == ["Total", "Cash"]  # what is handed over comes last
    said = {"key": KEY, "seen": seen, "reason": "typed the wrong ring"}
    for _ in range(2):
        answer = at_work.post("/returns/bills/1-000001/void/", said)
        assert answer.headers["Location"] == "/returns/documents/1-V000001/"
    assert "is void, by document 1-V000001" in html(at_work.get("/returns/bills/1-000001/"))
    answer = at_work.post("/returns/bills/1-000001/void/", said | {"key": KEY[:-1] + "2"})
    assert answer.status_code == 409


def test_an_exchange_from_the_page(at_work, bill, owner, today):
    add_customer(name="Mona", phone="050 111", by=owner, at=today)
    page = html(at_work.get("/returns/bills/1-000001/exchange/", chosen(taken="r-3")))
    assert 'name="seen" value="0.00' in page
    said = confirmed("0.00", taken="r-3", customer="050 111")
    answer = at_work.post("/returns/bills/1-000001/exchange/", said)
    assert answer.headers["Location"] == "/returns/documents/1-X000001/"
    assert "1-000002" in html(at_work.get("/returns/documents/1-X000001/"))
    assert "made this bill" in html(at_work.get("/returns/bills/1-000002/"))


def test_an_exchange_that_costs_more_asks_for_the_money(at_work, bill, owner, today):
    add_customer(name="Mona", by=owner, at=today)
    make.piece(
        by=owner,
        at=today,
        tag="H-1",
        metals=(make.gold(net_weight_g="12"),),
        gross_weight_g=Decimal(12),
    )
    address = "/returns/bills/1-000001/exchange/"
    page = html(at_work.get(address, chosen(taken="H-1")))
    assert 'name="card"' in page
    said = confirmed("211.60", taken="H-1", customer="Mona")
    answer = at_work.post(address, said | {"card": "200"})
    assert answer.status_code == 422
    assert "left to pay" in html(answer)
    assert at_work.post(address, said | {"card": "211.60"}).status_code == 302


def test_a_buy_back_from_the_page(at_work, bill):
    address = "/returns/bills/1-000001/buy-back/"
    assert "870.20" in html(at_work.get(address, chosen()))
    answer = at_work.post(address, confirmed("870.20", paid_by="cash"))
    assert answer.headers["Location"] == "/returns/documents/1-B000001/"


def test_nobody_with_that_name(at_work, bill):
    said = confirmed("1057.98", to_credit="on", customer="Nobody")
    answer = at_work.post("/returns/bills/1-000001/return/", said)
    assert answer.status_code == 422
    assert "Add them to the customers first" in html(answer)


def test_a_clerk_gives_the_pin_of_a_second_person_and_a_wrong_one_counts(client, bill, shop, owner):
    clerk = make.member(of=shop, role="salesperson")
    set_pin(member=owner, pin="4821")
    client.force_login(clerk.user)
    address = "/returns/bills/1-000001/return/"
    assert 'name="pin"' in html(client.get(address, chosen()))
    assert client.post(address, confirmed("1057.98")).status_code == 409
    said = confirmed("1057.98", approver=owner.user.username, pin="9999")
    answer = client.post(address, said)
    assert answer.status_code == 403
    assert "9999" not in html(answer)
    assert not Document.objects.exists()
    assert Member.objects.get(pk=owner.pk).pin_failures == 1
    assert client.post(address, said | {"pin": "4821"}).status_code == 302
    assert Member.objects.get(pk=owner.pk).pin_failures == 0


def test_the_list_finds_by_number_bill_tag_and_customer(at_work, bill, owner, today):
    add_customer(name="Mona", by=owner, at=today)
    at_work.post(
        "/returns/bills/1-000001/return/", confirmed("1057.98", to_credit="on", customer="mona")
    )
    for search in ("", "1-R0", "000001", "1-000001", "r-1", "mon"):
        assert "1-R000001" in html(at_work.get("/returns/", {"search": search})), search
    for search in ("R-2", "1-V", "zoe", "\x00"):
        found = "1-R000001" in html(at_work.get("/returns/", {"search": search}))
        assert found == (search == "\x00"), search
    assert "1-R000001" not in html(at_work.get("/returns/", {"kind": "void"}))
    rows = html(at_work.get("/returns/", headers={"HX-Request": "true"}))
    assert "<html" not in rows


@needs_pdf
@pytest.mark.parametrize("paper", ["a4", "80"])
def test_the_second_paper_is_a_duplicate(at_work, bill, paper):
    at_work.post("/returns/bills/1-000001/return/", confirmed("1057.98"))
    address = f"/returns/documents/1-R000001/document.pdf?paper={paper}"
    first, second = at_work.get(address), at_work.get(address)
    assert first.headers["Content-Type"] == "application/pdf"
    assert "no-store" in first.headers["Cache-Control"]
    text = text_of(first.content)
    for word in ("Credit note", "1-R000001", "1-000001", "wrong size", "1,057.98", "Making"):
        assert word in text, word
    assert "DUPLICATE" not in text
    assert "DUPLICATE" in text_of(second.content)
    assert at_work.get(address.replace(paper, "letter")).status_code == 404


def test_documents_and_bills_that_are_not(at_work, bill):
    for address in (
        "/returns/documents/1-R000009/",
        "/returns/documents/1-R000009/document.pdf",
        "/returns/bills/1-000009/",
        "/returns/bills/1-000009/return/",
        "/returns/bills/1-000009/void/",
    ):
        assert at_work.get(address).status_code == 404, address


def test_the_owner_sets_the_rules_and_a_clerk_does_not(client, shop, owner, scope):
    clerk = make.member(of=shop, role="cashier")
    client.force_login(clerk.user)
    assert client.get("/returns/policy/").status_code == 403
    client.force_login(owner.user)
    assert client.get("/returns/policy/").status_code == 200
    said = {
        "section": "returns",
        "category": "chain",
        "window_days": "7",
        "refunded": ["metal", "stone"],
        "fee_percent": "2.5",
        "rates": "today",
        "tolerance_g": "0.02",
        "short": "reduce",
        "damaged": "take",
        "refund_to": "store_credit",
    }
    assert client.post("/returns/policy/", said).status_code == 302
    rules = return_rules(at=timezone.now())
    terms = rules.terms_for("chain")
    assert (terms.window_days, terms.fee_percent, terms.hallmark) == (7, Decimal("2.5"), False)
    assert {kind.value for kind in terms.refunded} == {"metal", "stone"}
    assert rules.default.window_days == 14
    for wrong in ({"window_days": "-1"}, {"fee_percent": "101"}, {"tolerance_g": "2"}):
        assert client.post("/returns/policy/", said | wrong).status_code == 422
    client.post("/returns/policy/", {"section": "drop", "category": "chain"})
    assert return_rules(at=timezone.now()).terms_for("chain").window_days == 14
    buying = {"section": "buy_back", "percent": "95", "tolerance_g": "0.01", "to": "stock"}
    assert client.post("/returns/policy/", buying).status_code == 302
