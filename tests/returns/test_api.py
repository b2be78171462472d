"""The API of documents."""

from datetime import timedelta

import pytest
from django.utils import timezone
from structlog.testing import capture_logs

from apps.returns.models import Document
from apps.shops.approvals import set_pin
from apps.shops.models import Member
from apps.shops.scope import shop_scope
from tests import make
from tests.returns.days import sold

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(client, shop, owner):
    """Call the API as the owner, or as somebody else; the bill 1-000001 has two rings."""
    today = timezone.now() - timedelta(seconds=5)
    with shop_scope(shop.pk):
        make.rate(of=shop, at=today)
        make.rate(of=shop, side="buy", amount="95", at=today)
        for tag in ("R-1", "R-2"):
            make.piece(by=owner, tag=tag, at=today)
        sold("R-1", "R-2", by=owner, at=today)

    def post(path, body=None, *, key="key-1", by=owner):
        headers = {"Authorization": f"Bearer {make.token(of=by)}", "Idempotency-Key": key}
        if body is None:
            return client.get(f"/api/v1{path}", headers=headers)
        return client.post(f"/api/v1{path}", body, content_type="application/json", headers=headers)

    return post


def pieces(*tags, **more):
    return {
        "reason": "wrong size",
        "pieces": [{"tag": tag, "weighed_g": "10.000"} for tag in tags],
        **more,
    }


def test_a_return_and_the_same_request_again(call):
    first = call("/sales/1-000001/returns", pieces("R-1"))
    assert first.status_code == 201, first.content
    body = first.json()
    assert (body["number"], body["bill"], body["total"]) == ("1-R000001", "1-000001", "1057.98")
    assert body["lines"][0]["parts"][0] == {
        "kind": "metal",
        "label": "gold",
        "refunded": "916.00",
        "kept": "0.00",
    }
    assert body["paid"] == [{"kind": "cash", "amount": "1057.98"}]
    again = call("/sales/1-000001/returns", pieces("R-1"))
    assert again.json() == body
    assert again.headers["Idempotent-Replayed"] == "true"
    other = call("/sales/1-000001/returns", pieces("R-2"))
    assert (other.status_code, other.json()["error"]) == (409, "KeyUsed")


def test_a_void_a_buy_back_and_the_list(call):
    assert call("/sales/1-000001/buy-backs", pieces("R-1")).json()["total"] == "870.20"
    refused = call("/sales/1-000001/void", {"reason": "wrong"}, key="key-2")
    assert (refused.status_code, refused.json()["error"]) == (409, "VoidsNoPart")
    assert [each["number"] for each in call("/documents?search=R-1").json()] == ["1-B000001"]
    assert call("/documents/1-B000001").json()["lines"][0]["fate"] == "old_gold"
    assert call("/documents/1-B000002").status_code == 404


def test_an_exchange_needs_a_customer(call):
    refused = call("/sales/1-000001/exchanges", pieces("R-1", taken=["R-2"]))
    assert (refused.status_code, refused.json()["error"]) == (422, "CustomerMissing")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (pieces("R-9"), "NotOnBill"),
        (pieces("R-1", "R-1"), "ChosenTwice"),
        (pieces(), "WrongShape"),
        (pieces("R-1", reason=""), "ReasonMissing"),
        (pieces("R-1", refund="1"), "WrongShape"),
        ({"reason": "x", "pieces": [{"tag": "R-1", "weighed_g": "NaN"}]}, "WrongShape"),
        ({"reason": "x", "pieces": [{"tag": "R-1", "weighed_g": "-1"}]}, "WrongShape"),
        ({"reason": "x", "pieces": [{"tag": "R-1", "weighed_g": "0"}]}, "WeightImpossible"),
        ({"reason": "x", "pieces": [{"tag": "R-1"}]}, "NotWeighed"),
    ],
)
def test_what_is_refused(call, body, error):
    answer = call("/sales/1-000001/returns", body)
    assert answer.json()["error"] == error, answer.content
    assert call("/documents").json() == []


def test_a_wrong_pin_counts_though_nothing_was_written_and_is_never_repeated(call, shop, owner):
    clerk = make.member(of=shop, role="salesperson")
    set_pin(member=owner, pin="4821")
    body = {"reason": "wrong", "approver": {"username": owner.user.username, "pin": "9753"}}
    answer = call("/sales/1-000001/void", body, by=clerk)
    assert (answer.status_code, answer.json()["error"]) == (403, "PinRefused")
    assert b"9753" not in answer.content
    assert Member.objects.get(pk=owner.pk).pin_failures == 1
    with shop_scope(shop.pk):
        assert not Document.objects.exists()
    for _ in range(4):
        call("/sales/1-000001/void", body, by=clerk)
    body["approver"]["pin"] = "4821"
    assert call("/sales/1-000001/void", body, by=clerk).json()["error"] == "PinLocked"
    body["approver"]["pin"] = "4821x"
    answer = call("/sales/1-000001/void", body, by=clerk)
    assert (answer.status_code, b"4821" in answer.content) == (422, False)


def test_another_shops_bill_is_not_found(call):
    stranger = make.member(of=make.shop(name="Other"))
    for path in ("void", "returns"):
        body = {"reason": "x"} if path == "void" else pieces("R-1")
        answer = call(f"/sales/1-000001/{path}", body, by=stranger)
        assert (answer.status_code, answer.json()["error"]) == (404, "NeverSold")


def test_no_pin_reaches_the_log(call, shop, owner, client):
    set_pin(member=owner, pin="4821")
    clerk = make.member(of=shop, role="salesperson")
    client.force_login(clerk.user)
    with capture_logs() as logs:
        for pin in ("9753", "4821"):
            body = {"reason": "wrong", "approver": {"username": owner.user.username, "pin": pin}}
            call("/sales/1-000001/void", body, by=clerk, key=f"key-{pin}")
        client.post(
            "/returns/bills/1-000001/void/",
            {"reason": "x", "approver": owner.user.username, "pin": "9753"},
        )
        client.post("/shops/pin/", {"password": "p", "pin": "48219", "again": "48219"})
    told = repr(logs)
    assert not [pin for pin in ("9753", "4821", "48219") if pin in told], told
