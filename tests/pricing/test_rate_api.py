"""The rate board's doors for programs."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.pricing.models import MetalRate, RateSource
from apps.shops.approvals import set_pin
from apps.shops.models import Action, Approval
from apps.shops.scope import shop_scope
from tests import make

GIVEN = {"metal": "gold", "fineness": "1000", "side": "sell", "unit": "g", "amount": "100.00"}


@pytest.fixture
def call(client, db):
    """Ask the API as a member; nobody asks without a token."""

    def run(method, path="/api/v1/rates", body=None, by=None):
        headers = {"Authorization": f"Bearer {make.token(of=by)}"} if by else {}
        return getattr(client, method)(path, body, content_type="application/json", headers=headers)

    return run


def approver(pin):
    return {"username": "mona", "pin": pin}


def stored(shop):
    with shop_scope(shop.pk):
        return list(MetalRate.objects.all())


class TestQuoteRate:
    def test_stores_the_rate_and_answers_it_as_strings(self, call, shop, owner):
        answer = call("post", body=GIVEN, by=owner)

        (rate,) = stored(shop)
        assert answer.status_code == 201
        assert answer.json() == {
            "id": rate.pk,
            **GIVEN,
            "currency": "AED",
            "valid_from": rate.valid_from.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "source": "api",
        }
        assert (rate.source, rate.entered_by) == (RateSource.API, owner)

    @pytest.mark.parametrize("side", ["sell", "buy"])
    @pytest.mark.parametrize("unit", ["g", "tola", "ozt", "mithqal"])
    def test_takes_each_side_and_unit(self, call, owner, side, unit):
        answer = call("post", body={**GIVEN, "side": side, "unit": unit}, by=owner)

        assert (answer.status_code, answer.json()["unit"]) == (201, unit)

    @pytest.mark.parametrize(
        ("given", "answered"),
        [("999.9", "999.9"), ("916", "916"), ("916.0", "916"), ("0.1", "0.1")],
    )
    def test_takes_fineness_in_permille_up_to_one_decimal(self, call, owner, given, answered):
        answer = call("post", body={**GIVEN, "fineness": given}, by=owner)

        assert (answer.status_code, answer.json()["fineness"]) == (201, answered)

    def test_keeps_six_decimals(self, call, owner):
        answer = call("post", body={**GIVEN, "amount": "1.234567"}, by=owner)

        assert answer.json()["amount"] == "1.234567"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"metal": "copper"},
            {"metal": 1},
            {"fineness": "0"},
            {"fineness": "1000.1"},
            {"fineness": "916.66"},
            {"fineness": 916},
            {"fineness": "۹۱۶"},
            {"side": "both"},
            {"unit": "kg"},
            {"amount": "0"},
            {"amount": "-1"},
            {"amount": 100},
            {"amount": 100.5},
            {"amount": "1.2345678"},
            {"amount": "1e3"},
            {"amount": "1_000"},
            {"amount": "NaN"},
            {"amount": "9" * 15},
            {"amount": "1\x00"},
            {"amount": None},
            {"surprise": "x"},
        ],
        ids=str,
    )
    def test_refuses_what_no_rate_is(self, call, shop, owner, wrong):
        answer = call("post", body={**GIVEN, **wrong}, by=owner)

        assert answer.status_code == 422
        assert answer.json()["message"]
        assert stored(shop) == []

    @pytest.mark.parametrize("missing", sorted(GIVEN))
    def test_names_a_field_that_is_missing(self, call, owner, missing):
        body = {name: value for name, value in GIVEN.items() if name != missing}

        answer = call("post", body=body, by=owner)

        assert answer.status_code == 422
        assert answer.json()["facts"]["fields"][0]["field"] == missing

    def test_refuses_a_stranger(self, call):
        answer = call("post", body=GIVEN)

        assert (answer.status_code, answer.json()["error"]) == (401, "NotSignedIn")

    @pytest.mark.parametrize(
        ("role", "error"), [("salesperson", "RateUnknown"), ("cashier", "NotAllowed")]
    )
    def test_refuses_who_does_not_set_the_first_rate(self, call, shop, role, error):
        answer = call("post", body=GIVEN, by=make.member(of=shop, role=role))

        assert (answer.status_code, answer.json()["error"]) == (403, error)
        assert stored(shop) == []

    @pytest.mark.parametrize(
        ("side", "amount", "error"),
        [
            ("sell", "101.00", None),
            ("sell", "99.00", "RateOneWay"),
            ("sell", "120.00", "RateTooFar"),
            ("buy", "96.00", None),
            ("buy", "98.00", "RateOneWay"),
            ("buy", "50.00", "RateTooFar"),
        ],
    )
    def test_staff_move_a_rate_in_the_shops_favour_alone(self, call, shop, side, amount, error):
        with shop_scope(shop.pk):
            make.rate(of=shop, amount="100")
            make.rate(of=shop, amount="97", side="buy")
        clerk = make.member(of=shop, role="salesperson")

        answer = call("post", body=GIVEN | {"side": side, "amount": amount}, by=clerk)

        assert answer.json().get("error") == error
        assert len(stored(shop)) == (2 if error else 3)

    def test_an_approver_lets_them_go_the_other_way(self, call, shop):
        with shop_scope(shop.pk):
            make.rate(of=shop, amount="100")
        clerk = make.member(of=shop, role="salesperson")
        set_pin(member=make.member(of=shop, role="manager", username="mona"), pin="48213")
        lower = GIVEN | {"amount": "99.00", "reason": "world price fell"}

        wrong = call("post", body=lower | {"approver": approver("11112")}, by=clerk)
        right = call("post", body=lower | {"approver": approver("48213")}, by=clerk)

        assert (wrong.status_code, wrong.json()["error"]) == (403, "PinRefused")
        assert right.status_code == 201
        with shop_scope(shop.pk):
            said = Approval.objects.get(action=Action.RATE)
        assert (said.asked_by, said.approved_by.user.username) == (clerk, "mona")

    def test_a_manager_may(self, call, shop):
        assert call("post", body=GIVEN, by=make.member(of=shop, role="manager")).status_code == 201


class TestReadBoard:
    def test_lists_what_prices_a_sale_now(self, call, shop, owner):
        now = timezone.now()
        with shop_scope(shop.pk):
            make.rate(of=shop, amount="99", at=now - timedelta(minutes=2))
            make.rate(of=shop, amount="100", at=now - timedelta(minutes=1))
            make.rate(of=shop, side="buy", amount="97", at=now)
            make.rate(of=shop, metal="silver", at=now - timedelta(days=2))

        answer = call("get", by=owner)

        assert answer.status_code == 200
        assert answer.json()["currency"] == "AED"
        listed = [(rate["side"], rate["amount"]) for rate in answer.json()["rates"]]
        assert listed == [("sell", "100.00"), ("buy", "97.00")]

    def test_is_for_everybody_in_the_shop_and_nobody_else(self, call, shop, owner):
        with shop_scope(shop.pk):
            make.rate(of=shop, at=timezone.now())
        stranger = make.member(of=make.shop(name="Other"))

        assert len(call("get", by=make.member(of=shop, role="cashier")).json()["rates"]) == 1
        assert call("get", by=stranger).json()["rates"] == []
        assert call("get").status_code == 401
