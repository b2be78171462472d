"""The API of quotes and sales, as a program sees it."""

import json
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.sales.models import Sale
from apps.shops.scope import shop_scope
from tests import make

TOTAL = "1057.98"


@pytest.fixture
def api(client, shop, owner):
    """Call the API as the owner; rates of today and two rings are there."""
    key = make.token(of=owner)
    with shop_scope(shop.pk):
        make.rate(of=shop, at=timezone.now())
        for tag in ("R-1", "R-2"):
            make.piece(by=owner, tag=tag)

    def call(method, path, body=None, **headers):
        return client.generic(
            method,
            f"/api/v1{path}",
            data=body if isinstance(body, bytes) else json.dumps(body or {}),
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}", **headers},
        )

    return call


def sale_of(*tags, amount=TOTAL, kind="cash", **more):
    return {
        "lines": [{"tag": tag} for tag in tags],
        "tenders": [{"kind": kind, "amount": amount}],
        **more,
    }


class TestQuotes:
    def test_prices_a_tag(self, api):
        answer = api("POST", "/quotes", {"lines": [{"tag": "R-1"}]})

        assert answer.status_code == 200
        body = answer.json()
        assert body["total"] == TOTAL
        assert [(c["kind"], c["amount"]) for c in body["lines"][0]["components"]] == [
            ("metal", "916.00"),
            ("making", "91.60"),
            ("tax", "50.38"),
        ]

    def test_prices_a_described_piece_at_the_board(self, api):
        metal = {"metal": "gold", "fineness": "750", "net_weight_g": "4.000"}

        answer = api("POST", "/quotes", {"lines": [{"metals": [metal]}]})

        assert answer.json()["subtotal"] == "300.00"

    def test_takes_another_tax_pack_and_date(self, api):
        metal = {
            "metal": "gold",
            "fineness": "916",
            "net_weight_g": "10.000",
            "rate": {"amount": "6000"},
        }
        quote = {"lines": [{"metals": [metal]}], "tax_pack": "IN", "currency": "INR"}

        answer = api("POST", "/quotes", {**quote, "date": "2026-07-01"})

        assert answer.json()["tax"] == "1800.00"

    @pytest.mark.parametrize(
        ("lines", "status", "error"),
        [
            ([{"tag": "R-9"}], 404, "PieceNotFound"),
            ([], 422, "WrongShape"),
            ([{"metals": [{"metal": "silver", "fineness": "925", "net_weight_g": "1"}]}],
             409, "RateMissing"),
            ([{"metals": [{"metal": "gold", "fineness": "916", "net_weight_g": "-1"}]}],
             422, "WrongShape"),
            ([{"tag": "R" * 31}], 422, "WrongShape"),
            ([{"tag": "R\x00"}], 422, "WrongShape"),
            ([{"tag": "💍"}], 404, "PieceNotFound"),
            ([{"metals": [{"metal": "gold", "fineness": "۹۱۶", "net_weight_g": "1"}]}],
             422, "WrongShape"),
        ],
    )  # fmt: skip
    def test_says_what_is_wrong(self, api, lines, status, error):
        answer = api("POST", "/quotes", {"lines": lines})

        body = answer.json()
        assert (answer.status_code, body["error"]) == (status, error)
        assert body["message"].endswith(".")


class TestSales:
    def test_sells(self, api):
        answer = api("POST", "/sales", sale_of("R-1"), **{"Idempotency-Key": "a"})

        assert answer.status_code == 201
        body = answer.json()
        assert (body["number"], body["total"], body["change"]) == ("1-000001", TOTAL, "0.00")
        assert [line["tag"] for line in body["lines"]] == ["R-1"]

    def test_gives_change_of_cash(self, api):
        order = sale_of("R-1", amount="1060.00")

        answer = api("POST", "/sales", order, **{"Idempotency-Key": "a"})

        assert answer.json()["change"] == "2.02"

    def test_splits_the_tender(self, api):
        order = sale_of("R-1")
        order["tenders"] = [
            {"kind": "card", "amount": "1000.00"},
            {"kind": "cash", "amount": "57.98"},
        ]

        answer = api("POST", "/sales", order, **{"Idempotency-Key": "a"})

        assert [t["kind"] for t in answer.json()["tenders"]] == ["card", "cash"]

    def test_answers_a_repetition_with_the_first_sale(self, api, shop):
        first = api("POST", "/sales", sale_of("R-1"), **{"Idempotency-Key": "a"})
        again = api("POST", "/sales", sale_of("R-1"), **{"Idempotency-Key": "a"})

        assert (again.status_code, again.json()) == (201, first.json())
        assert again["Idempotent-Replayed"] == "true"
        with shop_scope(shop.pk):
            assert Sale.objects.count() == 1

    def test_refuses_the_same_key_for_another_sale(self, api):
        api("POST", "/sales", sale_of("R-1"), **{"Idempotency-Key": "a"})

        answer = api("POST", "/sales", sale_of("R-2"), **{"Idempotency-Key": "a"})

        assert (answer.status_code, answer.json()["error"]) == (409, "KeyUsed")

    @pytest.mark.parametrize(
        ("order", "status", "error"),
        [
            (sale_of("R-9"), 404, "PieceNotFound"),
            (sale_of("R-1", amount="1057.97"), 422, "TendersDoNotMatch"),
            (sale_of("R-1", amount="2000.00", kind="card"), 422, "TendersDoNotMatch"),
            (sale_of("R-1", amount="1057.985"), 422, "TenderImpossible"),
            (sale_of("R-1", amount="-1057.98"), 422, "WrongShape"),
            (sale_of("R-1", amount=1057.98), 422, "WrongShape"),
            (sale_of("R-1", "R-1"), 422, "PieceTwice"),
            (sale_of(), 422, "WrongShape"),
            (sale_of("R-1", kind="gold tooth"), 422, "WrongShape"),
            (sale_of("R-1", till="9"), 404, "RegisterNotFound"),
            (sale_of("R-1", colour="red"), 422, "WrongShape"),
            (sale_of("R-1", discount={"percent": "10"}), 422, "DiscountUnexplained"),
        ],
    )
    def test_refuses(self, api, shop, order, status, error):
        answer = api("POST", "/sales", order, **{"Idempotency-Key": "a"})

        assert (answer.status_code, answer.json()["error"]) == (status, error)
        with shop_scope(shop.pk):
            assert not Sale.objects.exists()

    def test_tells_which_piece_is_gone(self, api):
        api("POST", "/sales", sale_of("R-1"), **{"Idempotency-Key": "a"})

        answer = api("POST", "/sales", sale_of("R-1"), **{"Idempotency-Key": "b"})

        assert answer.status_code == 409
        assert answer.json()["facts"]["tag"] == "R-1"

    def test_wants_a_key_for_the_sale(self, api):
        answer = api("POST", "/sales", sale_of("R-1"))

        assert (answer.status_code, answer.json()["error"]) == (422, "WrongShape")
        assert answer.json()["message"] == (
            "Idempotency-Key: The header is missing. Send a text of your choice: a new one for each"
            " write, the same one again when you repeat it."
        )
        assert answer.json()["facts"]["fields"][0]["field"] == "Idempotency-Key"

    def test_says_what_is_left_in_the_digits_of_the_currency(self, api):
        order = sale_of("R-1", amount="1057")

        answer = api("POST", "/sales", order, **{"Idempotency-Key": "a"})

        assert answer.json()["facts"] == {"total": TOTAL, "left": "0.98", "currency": "AED"}

    def test_wants_a_body_that_can_be_read(self, api):
        answer = api("POST", "/sales", b"{", **{"Idempotency-Key": "a"})

        assert (answer.status_code, answer.json()["error"]) == (400, "Unreadable")

    def test_turns_strangers_away(self, client):
        answer = client.post("/api/v1/sales", content_type="application/json")

        assert (answer.status_code, answer.json()["error"]) == (401, "NotSignedIn")

    def test_asks_the_database_seventeen_times_at_most(
        self, api, shop, owner, django_assert_max_num_queries
    ):
        with shop_scope(shop.pk):
            for number in range(20):
                make.piece(by=owner, tag=f"T-{number}")
            make.shift(by=owner)
        order = sale_of(
            *(f"T-{number}" for number in range(20)),
            amount=str(Decimal(TOTAL) * 20),
            customer_email="nadia@example.com",
        )

        # The savepoint of the test's own transaction stands for BEGIN and COMMIT; cash above a
        # tenth of the place's limit asks for the shop's own limits.
        with django_assert_max_num_queries(17 + 1 + 1):
            answer = api("POST", "/sales", order, **{"Idempotency-Key": "a"})

        assert answer.status_code == 201
