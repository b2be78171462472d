"""Doors for programs: pieces."""

import json

import pytest

from apps.inventory.models import Piece
from apps.shops.scope import shop_scope
from tests import make

RING = {
    "tag": "R-1",
    "name": "Plain ring",
    "category": "ring",
    "metals": [{"metal": "gold", "fineness": "916", "net_weight_g": "10.000"}],
    "gross_weight_g": "10.200",
    "stones": [],
    "making": {"mode": "percent_of_metal", "value": "10"},
    "cost": "500.00",
}


class Caller:
    def __init__(self, client, member):
        self.client = client
        self.headers = {"Authorization": f"Bearer {make.token(of=member)}"}

    def post(self, body):
        return self.client.post(
            "/api/v1/pieces",
            body if isinstance(body, bytes) else json.dumps(body),
            content_type="application/json",
            headers=self.headers,
        )

    def get(self, path="", **query):
        return self.client.get(f"/api/v1/pieces{path}", query, headers=self.headers)


@pytest.fixture
def caller(client, owner):
    return Caller(client, owner)


class TestAdd:
    def test_answers_with_the_piece(self, caller):
        answer = caller.post(RING)

        assert answer.status_code == 201
        assert answer.json() | {"arrived_at": ""} == {
            "tag": "R-1",
            "name": "Plain ring",
            "category": "ring",
            "state": "in_stock",
            "metals": [
                {
                    "metal": "gold",
                    "fineness": "916",
                    "karat": "22K",
                    "net_weight_g": "10.000",
                    "fine_weight_g": "9.160",
                }
            ],
            "stones": [],
            "gross_weight_g": "10.200",
            "making": {"mode": "percent_of_metal", "value": "10", "basis": "net", "table": ""},
            "wastage": {"mode": "none", "value": "0"},
            "fixed_price": None,
            "profit_percent": None,
            "tax_category": "",
            "hallmark": "",
            "hallmark_fee": None,
            "margin_purchase_price": None,
            "cost": "500.00",
            "place": None,
            "arrived_at": "",
        }

    def test_takes_stones_wastage_and_a_tag_price(self, caller):
        stones = [
            {
                "kind": "diamond",
                "pieces": 2,
                "carats": "0.31",
                "certificate": "GIA 6177",
                "certificate_lab": "GIA",
                "certificate_fee": "50.00",
                "price": {"mode": "per_carat", "value": "1200"},
            }
        ]
        wastage = {"mode": "percent_of_weight", "value": "2.5"}

        told = caller.post({**RING, "stones": stones, "wastage": wastage}).json()
        priced = caller.post({"tag": "T-1", "name": "Brooch", "fixed_price": "80"}).json()

        assert (told["stones"], told["wastage"]) == (stones, wastage)
        assert (priced["fixed_price"], priced["gross_weight_g"]) == ("80.00", None)

    def test_says_409_for_a_tag_that_is_taken(self, caller, shop):
        caller.post(RING)
        again = caller.post({**RING, "name": "Another"})

        assert (again.status_code, again.json()["error"]) == (409, "TagTaken")
        with shop_scope(shop.pk):
            assert Piece.objects.get().name == "Plain ring"

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"tag": "R" * 31}, "tag"),
            ({"tag": ""}, "tag"),
            ({"tag": "R\x001"}, "tag"),
            ({"tag": " R-1"}, "tag"),
            ({"tag": 1}, "tag"),
            ({"name": " "}, "name"),
            ({"name": "a\x00"}, "name"),
            ({"gross_weight_g": "-1"}, "gross_weight_g"),
            ({"gross_weight_g": "999999999"}, "gross_weight_g"),
            ({"gross_weight_g": 10.2}, "gross_weight_g"),
            ({"gross_weight_g": "9"}, "gross_weight_g"),
            ({"gross_weight_g": "۱۰"}, "gross_weight_g"),
            ({"gross_weight_g": None}, "gross_weight_g"),
            ({"metals": []}, "metals"),
            ({"metals": [{**RING["metals"][0], "net_weight_g": "0"}]}, "metals.0.net_weight_g"),
            (
                {"metals": [{**RING["metals"][0], "net_weight_g": "1.0001"}]},
                "metals.0.net_weight_g",
            ),
            ({"metals": [{**RING["metals"][0], "fineness": "1001"}]}, "metals.0.fineness"),
            ({"metals": [{**RING["metals"][0], "metal": "mithril"}]}, "metals.0.metal"),
            ({"cost": "1.005"}, "cost"),
            ({"cost": "NaN"}, "cost"),
            ({"cost": 500}, "cost"),
            ({"stones": [{"kind": "ruby", "pieces": 0}]}, "stones.0.pieces"),
            ({"making": {"mode": "by_mood"}}, "making.mode"),
            ({"colour": "red"}, "colour"),
            ({"place": "Attic"}, None),
        ],
        ids=str,
    )
    def test_says_422_with_the_field_and_writes_nothing(self, caller, shop, change, field):
        answer = caller.post({**RING, **change})

        assert answer.status_code == 422, answer.content
        facts = answer.json()["facts"]
        named = facts["fields"][0]["field"] if "fields" in facts else facts.get("field")
        assert named == field
        with shop_scope(shop.pk):
            assert not Piece.objects.exists()

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"R-1"', b"\xff"])
    def test_says_4xx_for_what_is_no_json_object(self, caller, body):
        assert caller.post(body).status_code in (400, 422)

    def test_emoji_is_a_name_like_any_other(self, caller):
        assert caller.post({**RING, "name": "💍"}).json()["name"] == "💍"

    @pytest.mark.parametrize(
        ("role", "status"),
        [("owner", 201), ("manager", 201), ("salesperson", 403), ("cashier", 403)],
    )
    def test_is_for_owners_and_managers(self, client, shop, role, status):
        answer = Caller(client, make.member(of=shop, role=role)).post(RING)

        assert answer.status_code == status

    def test_wants_a_key(self, client):
        answer = client.post("/api/v1/pieces", "{}", content_type="application/json")

        assert answer.status_code == 401


class TestRead:
    @pytest.fixture(autouse=True)
    def stock(self, shop, owner):
        with shop_scope(shop.pk):
            make.piece(by=owner, tag="R-1", name="Halo ring")
            make.piece(by=owner, tag="R/2", name="Plain ring")
            Piece.objects.filter(tag="R-1").update(state="sold")

    @pytest.mark.parametrize(
        ("query", "tags"),
        [
            ({}, ["R/2", "R-1"]),
            ({"search": "", "status": "", "page": ""}, ["R/2", "R-1"]),
            ({"search": "halo"}, ["R-1"]),
            ({"status": "in_stock"}, ["R/2"]),
            ({"metal": "silver"}, []),
            ({"category": "ring", "page": "1"}, ["R/2", "R-1"]),
            ({"page": "2"}, []),
            ({"page": "100000"}, []),
            ({"search": "\x00"}, ["R/2", "R-1"]),
        ],
        ids=str,
    )
    def test_lists(self, caller, query, tags):
        answer = caller.get(**query)

        assert answer.status_code == 200
        assert [item["tag"] for item in answer.json()["items"]] == tags
        assert answer.json()["has_next"] is False

    @pytest.mark.parametrize(
        "query",
        [{"status": "vanished"}, {"page": "0"}, {"page": "-1"}, {"page": "x"}, {"page": "9" * 30}],
    )
    def test_refuses_a_filter_that_is_none(self, caller, query):
        assert caller.get(**query).status_code == 422

    def test_tells_one_piece_whatever_its_tag_and_state(self, caller):
        assert caller.get("/R-1").json()["state"] == "sold"
        assert caller.get("/R/2").json()["name"] == "Plain ring"

    @pytest.mark.parametrize("tag", ["R1O482", "r-1", "%00", "😀"])
    def test_says_404_for_a_tag_that_is_none(self, caller, tag):
        answer = caller.get(f"/{tag}")

        assert (answer.status_code, answer.json()["error"]) == (404, "PieceNotFound")

    @pytest.mark.parametrize(
        ("role", "cost"), [("manager", "500.00"), ("salesperson", None), ("cashier", None)]
    )
    def test_keeps_the_cost_to_owners_and_managers(self, client, shop, role, cost):
        caller = Caller(client, make.member(of=shop, role=role))

        assert caller.get("/R-1").json()["cost"] == cost
        assert caller.get().json()["items"][0]["cost"] == cost

    def test_knows_nothing_of_another_shop(self, client):
        stranger = Caller(client, make.member(of=make.shop()))

        assert stranger.get("/R-1").status_code == 404
        assert stranger.get().json()["items"] == []

    def test_asks_the_same_number_of_queries_for_more_pieces(
        self, caller, shop, owner, django_assert_max_num_queries
    ):
        with shop_scope(shop.pk):
            for n in range(10):
                make.piece(by=owner, tag=f"M-{n}")

        with django_assert_max_num_queries(8):
            caller.get()
