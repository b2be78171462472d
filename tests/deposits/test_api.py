"""The API of deposits: made once, paid once, refused in words."""

import pytest

from apps.deposits.models import Deposit
from apps.shops.scope import shop_scope
from tests import make
from tests.deposits import made

# The doors read the clock, so the shop's rate must be one of today: none of these needs any.
pytestmark = pytest.mark.django_db


@pytest.fixture
def call(client, owner, shop):
    token = make.token(of=owner)
    with shop_scope(shop.pk):
        call_as = made.customer(by=owner).pk

    def send(path, body=None, key="key-1"):
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        if body is None:
            return client.get(f"/api/v1{path}", headers=headers)
        return client.post(f"/api/v1{path}", body, content_type="application/json", headers=headers)

    send.who = call_as
    return send


def contract(call, **more):
    paid = [{"kind": "cash", "amount": "200.00"}]
    return {"customer": call.who, "kind": "value", "paid": paid, **more}


def test_a_contract_is_made_once(call, shop):
    first = call("/deposits", contract(call))
    again = call("/deposits", contract(call))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert first.json()["held"] == "200.00"
    assert call("/deposits", contract(call, note="other")).json()["error"] == "KeyUsed"
    with shop_scope(shop.pk):
        assert Deposit.objects.count() == 1


def test_a_payment_is_taken_once(call):
    number = call("/deposits", contract(call)).json()["number"]
    body = {"paid": [{"kind": "card", "amount": "50.00", "instrument": "4711"}]}
    first = call(f"/deposits/{number}/payments", body, key="key-2")
    again = call(f"/deposits/{number}/payments", body, key="key-2")
    assert first.json() == again.json() == {**first.json(), "amount": "50.00"}
    held = call(f"/deposits/{number}").json()
    assert held["held"] == "250.00"
    assert [line["kind"] for line in held["lines"]] == ["paid", "paid"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"customer": 10**18}, 404),
        ({"tags": ["NOPE"]}, 404),
        ({"kind": "full_lock"}, 422),
        ({"paid": []}, 422),
        ({"paid": [{"kind": "cash", "amount": "-5"}]}, 422),
        ({"paid": [{"kind": "cash", "amount": 5}]}, 422),
        ({"paid": [{"kind": "on_account", "amount": "5"}]}, 422),
        ({"expires_on": "2020-01-01"}, 422),
        ({"surprise": 1}, 422),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_made(call, shop, body, status):
    answer = call("/deposits", contract(call, **body))
    assert answer.status_code == status, answer.content
    with shop_scope(shop.pk):
        assert not Deposit.objects.exists()


def test_an_unknown_passbook(call):
    body = {"paid": [{"kind": "cash", "amount": "50.00"}]}
    answer = call("/schemes/1-S000009/instalments", body)
    assert (answer.status_code, answer.json()["error"]) == (404, "MembershipNotFound")
