"""The pages: what they show, what they take, and what they say no to."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.core.paper import pdf
from apps.deposits.models import Deposit, DepositMove, Membership, SchemePlan
from apps.deposits.policy import SECTION, deposit_policy
from apps.deposits.services.expiry import mark_expired
from apps.ledger.documents import document_url
from apps.ledger.models import Posting
from apps.shops.policies import set_policy
from apps.shops.scope import shop_scope
from tests import make
from tests.deposits import made

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_work(client, shop):
    """The owner, signed in; the shop has a ring, a rate of today and a customer."""
    owner = make.member(of=shop)
    client.force_login(owner.user)
    with shop_scope(shop.pk):
        make.rate(of=shop, at=timezone.now() - timedelta(minutes=1))
        make.piece(by=owner)
        client.who = made.customer(by=owner)
    client.owner = owner
    return client


def new(client, **fields):
    given = {"key": str(uuid4()), "kind": "value", "tags": "r-1", "cash": "200", **fields}
    return client.post(f"/deposits/new/?customer={client.who.pk}", given)


@pytest.fixture
def deposit(at_work, shop):
    at_work.get(new(at_work).url)  # which says that it was made, and no page after it does
    with shop_scope(shop.pk):
        return Deposit.objects.select_related("customer").get()


def test_a_contract_from_the_customer_to_its_page(at_work, shop):
    found = at_work.get("/deposits/new/?search=ash")
    assert f"?customer={at_work.who.pk}" in found.content.decode()
    answer = new(at_work, instalments="3", instalment="250", cash="1,50.00")
    assert answer.status_code == 422
    assert "comma where no thousands are" in answer.content.decode()

    answer = new(at_work, instalments="3", instalment="250", kind="full_lock", card="50", slip="7")

    assert answer.status_code == 302
    page = at_work.get(answer.url).content.decode()
    assert "Asha" in page
    assert "250.00" in page
    assert "Planned payments" in page
    with shop_scope(shop.pk):
        deposit = Deposit.objects.get()
        assert deposit.schedule.count() == 3
        assert DepositMove.objects.get(kind="paid").amount == 250


def test_the_same_form_twice_is_one_contract(at_work, shop):
    key = str(uuid4())
    first, second = new(at_work, key=key), new(at_work, key=key)
    assert first.url == second.url
    with shop_scope(shop.pk):
        assert Deposit.objects.count() == 1


def test_a_refusal_is_said_on_the_form_and_nothing_is_kept(at_work, deposit, shop):
    answer = new(at_work)
    assert answer.status_code == 409
    assert f"lies aside for deposit {deposit.number}" in answer.content.decode()
    with shop_scope(shop.pk):
        assert Deposit.objects.count() == 1


def test_a_payment_on_the_page(at_work, deposit):
    answer = at_work.post(
        f"/deposits/{deposit.number}/pay/", {"key": str(uuid4()), "transfer": "100"}, follow=True
    )
    assert "Receipt 1-P000002 was written." in answer.content.decode()
    refused = at_work.post(f"/deposits/{deposit.number}/pay/", {"key": str(uuid4())})
    assert refused.status_code == 422


@pytest.mark.parametrize("which", ["open", "due", "expiring", "expired", "rest", "ended", "?"])
def test_every_list_is_shown(at_work, deposit, which):
    page = at_work.get(f"/deposits/?show={which}").content.decode()
    assert (deposit.number in page) == (which in ("open", "?"))


def test_a_deposit_is_found_by_its_tag(at_work, deposit):
    assert deposit.number in at_work.get("/deposits/?search=r-1").content.decode()
    assert "No deposit here matches" in at_work.get("/deposits/?search=zz").content.decode()


def test_a_planned_payment_that_is_late_is_in_the_list_of_dues(at_work, shop):
    with shop_scope(shop.pk):
        start = timezone.now() - timedelta(days=40)
        day = start.date()
        late = made.deposit(
            by=at_work.owner,
            of=at_work.who,
            tags=(),
            at=start,
            expires_on=day + timedelta(days=90),
            schedule=((day + timedelta(days=30), made.D(100)),),
        )
    assert late.number in at_work.get("/deposits/?show=due").content.decode()
    at_work.post(f"/deposits/{late.number}/pay/", {"key": str(uuid4()), "cash": "100"})
    assert late.number not in at_work.get("/deposits/?show=due").content.decode()


def test_changing_cancelling_and_the_customers_money(at_work, deposit, shop):
    day = (timezone.now() + timedelta(days=200)).date().isoformat()
    answer = at_work.post(
        f"/deposits/{deposit.number}/change/",
        {"key": str(uuid4()), "tags": "R-1", "expires_on": day},
    )
    assert answer.url == reverse("deposits:show", args=["1-D000002"])
    assert "was changed" in at_work.get(f"/deposits/{deposit.number}/").content.decode()
    asked = at_work.get("/deposits/1-D000002/end/cancel/").content.decode()
    assert "200.00" in asked
    no_reason = at_work.post(
        "/deposits/1-D000002/end/cancel/", {"key": str(uuid4()), "back_to": "source"}
    )
    assert no_reason.status_code == 422
    done = at_work.post(
        "/deposits/1-D000002/end/cancel/",
        {"key": str(uuid4()), "back_to": "store_credit", "reason": "Moves away"},
        follow=True,
    )
    assert "200.00 went back" in done.content.decode()
    with shop_scope(shop.pk):
        assert made.balance("store-credit", party=at_work.who) == -200
        assert made.books_agree(at_work.who)
        paid_out = Posting.objects.filter(account="store-credit").get().entry
    to_contract = at_work.get(document_url(paid_out.what, paid_out.reference))
    assert to_contract.url == reverse("deposits:show", args=["1-D000002"])
    assert at_work.get("/deposits/documents/1-O000099/").status_code == 404
    assert at_work.get("/deposits/1-D000002/end/burn/").status_code == 404


def test_a_contract_that_ran_out_is_kept_by_who_is_in_charge(at_work, shop, client):
    with shop_scope(shop.pk):
        start = timezone.now() - timedelta(days=60)
        old = made.deposit(
            by=at_work.owner,
            of=at_work.who,
            tags=(),
            at=start,
            expires_on=start.date() + timedelta(days=10),
        )
        mark_expired(shop=shop, at=timezone.now())
        clerk = make.member(of=shop, role="salesperson")
    assert "Keep the deposit" in at_work.get(f"/deposits/{old.number}/").content.decode()
    client.force_login(clerk.user)
    assert "Keep the deposit" not in client.get(f"/deposits/{old.number}/").content.decode()
    form = {"key": str(uuid4()), "back_to": "source", "reason": "Gone"}
    assert client.post(f"/deposits/{old.number}/end/keep/", form).status_code in (403, 409)


def test_the_rules_are_set_by_owners_alone(at_work, shop):
    given = {
        "valid_days": "60",
        "grace_days": "7",
        "drop_borne_by": "shop",
        "least_first_percent": "25",
        "kept_percent": "101",
        "cancel_kept_percent": "0",
        "restock_fee": "15",
    }
    assert at_work.post("/deposits/policy/", given).status_code == 422
    assert at_work.post("/deposits/policy/", {**given, "kept_percent": "۱۰"}).status_code == 302
    with shop_scope(shop.pk):
        rules = deposit_policy(at=timezone.now())
        clerk = make.member(of=shop, role="salesperson")
    assert (rules.valid_days, rules.kept_percent, rules.drop_borne_by) == (60, 10, "shop")
    at_work.force_login(clerk.user)
    assert at_work.get("/deposits/policy/").status_code == 403
    assert at_work.get("/deposits/schemes/plans/").status_code == 403


def test_rules_saved_as_they_are_shown_stay_as_they_were(client, db):
    """Who reads tomans sees the fee of 1,000 rials as 100, and saves 1,000 again."""
    shop = make.shop(currency="IRR", tax_pack="IR")
    owner = make.member(of=shop)
    owner.user.language, owner.user.money_unit = "fa", "toman"
    owner.user.save(update_fields=["language", "money_unit"])
    client.force_login(owner.user)
    with shop_scope(shop.pk):
        before = replace(deposit_policy(at=make.NOON), restock_fee=Decimal(1000))
        set_policy(SECTION, before.as_json(), by=owner, at=make.NOON)

    page = client.get("/deposits/policy/").text
    shown = dict(re.findall(r'<input[^>]*? name="(\w+)"[^>]*? value="([^"]*)"', page))
    answer = client.post("/deposits/policy/", {**shown, "drop_borne_by": before.drop_borne_by})

    assert (shown["restock_fee"], shown["valid_days"]) == ("۱۰۰", "۹۰")
    assert answer.status_code == 302, answer.text
    with shop_scope(shop.pk):
        assert deposit_policy(at=timezone.now()) == before


PLAN = {
    "code": "gold11",
    "name": "Golden eleven",
    "kind": "value",
    "instalments": "11",
    "late_allowed": "1",
    "redeem_days": "60",
    "longest_days": "365",
    "gram_step": "0.01",
    "offered": "on",
    "amount": "5,000",
    "bonus_percent": "75",
    "early_kept_percent": "0",
}


def test_a_plan_a_member_and_instalments(at_work, shop):
    assert at_work.post("/deposits/schemes/plans/", PLAN).status_code == 302
    again = at_work.get("/deposits/schemes/plans/?of=GOLD11").content.decode()
    assert 'value="5,000.00"' in again
    assert at_work.post("/deposits/schemes/plans/", PLAN).status_code == 302
    with shop_scope(shop.pk):
        assert [plan.version for plan in SchemePlan.objects.order_by("pk")] == [1, 2]

    url = f"/deposits/schemes/join/?customer={at_work.who.pk}"
    form = {"key": str(uuid4()), "plan": "GOLD11", "cash": "4000"}
    assert at_work.post(url, form).status_code == 422
    joined = at_work.post(url, {**form, "cash": "5000"})
    with shop_scope(shop.pk):
        number = Membership.objects.get().number
    assert joined.url == f"/deposits/schemes/{number}/"
    paid = at_work.post(
        f"{joined.url}pay/", {"key": str(uuid4()), "cash": "5000"}, follow=True
    ).content.decode()
    assert "2 of 11" in paid or "10,000.00" in paid
    assert number in at_work.get("/deposits/schemes/?search=asha").content.decode()
    closed = at_work.post(
        f"{joined.url}close/",
        {"key": str(uuid4()), "back_to": "source", "reason": "Moves away"},
        follow=True,
    ).content.decode()
    assert "is closed" in closed


@pytest.mark.parametrize(
    "path",
    [
        "/deposits/",
        "/deposits/new/",
        "/deposits/1-D000001/",
        "/deposits/1-D000001/contract.pdf",
        "/deposits/receipts/1-P000001.pdf",
        "/deposits/schemes/",
        "/deposits/schemes/1-S000001/",
    ],
)
def test_another_shop_sees_nothing_of_it(at_work, deposit, client, path):
    stranger = make.member(of=make.shop(name="Other"))
    client.force_login(stranger.user)
    answer = client.get(path)
    assert answer.status_code == 404 or deposit.number not in answer.content.decode()


def test_papers_are_drawn(at_work, deposit):
    try:
        pdf.demand_libraries()
    except pdf.PdfLibrariesMissing:
        pytest.skip("no libraries to draw with")
    for path in (f"/deposits/{deposit.number}/contract.pdf", "/deposits/receipts/1-P000001.pdf"):
        assert at_work.get(path).content.startswith(b"%PDF")
