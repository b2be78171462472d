"""The API of the stock at hand."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.dossiers.merging import merge
from apps.inventory.models import Movement, Piece, StockDocument
from apps.shops.models import Member
from apps.shops.scope import shop_scope
from tests import make
from tests.inventory import stock
from tests.inventory.owned import customer

API = "/api/v1"


@pytest.fixture
def call(client, owner):
    token = make.token(of=owner)

    def send(method, path, given=None, *, key=None):
        headers = {"Authorization": f"Bearer {token}"}
        if key:
            headers["Idempotency-Key"] = key
        return client.generic(
            method,
            f"{API}{path}",
            "" if given is None else json.dumps(given),
            content_type="application/json",
            headers=headers,
        )

    return send


@pytest.fixture
def at_hand(shop, owner):
    with shop_scope(shop.pk):
        for tag in ("R-1", "R-2"):
            make.piece(by=owner, tag=tag)
        stock.place("Tray 1")
        stock.place("Window", kind="window", branch=stock.second_branch())


@pytest.fixture
def places(call, at_hand):
    return call


def test_moves_and_says_what_lies_where(places, shop):
    answer = places("POST", "/moves", {"tags": ["R-1", "R-2"], "place": "Tray 1"})
    assert answer.status_code == 200
    tray = next(p for p in places("GET", "/places").json() if p["name"] == "Tray 1")
    assert (tray["pieces"], tray["gross_g"], tray["fine_g"]) == (2, "20.000", {"gold": "18.320"})


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"tags": ["NO"], "place": "Tray 1"}, 404),
        ({"tags": ["R-1"], "place": "Attic"}, 422),
        ({"tags": [], "place": "Tray 1"}, 422),
        ({"tags": ["x" * 300], "place": "Tray 1"}, 422),
        ({"tags": ["R-1"]}, 422),
    ],
)
def test_refuses_what_cannot_be_moved(places, given, status):
    answer = places("POST", "/moves", given)
    assert answer.status_code == status
    assert answer.json()["message"].endswith(".")


def test_a_parcel_goes_and_comes(places, shop):
    here = shop.name
    wanted = {"source": here, "target": "Marina", "tags": ["R-1", "R-2"]}
    made = places("POST", "/transfers", wanted, key="a")
    assert made.status_code == 201
    assert places("POST", "/transfers", wanted, key="a")["Idempotent-Replayed"] == "true"
    pk = made.json()["id"]
    sent = places("POST", f"/transfers/{pk}/send", {"reason": "For the window"}).json()
    assert (sent["number"], sent["state"]) == ("1-TR000001", "sent")
    part = {"tags": ["R-1"], "place": "Window"}
    for _time in (1, 2):
        got = places("POST", f"/transfers/{pk}/receipts", part, key="b")
        assert (got.status_code, got.json()["state"]) == (201, "part")
    twice = places("POST", f"/transfers/{pk}/receipts", part, key="c")
    assert (twice.status_code, twice.json()["error"]) == (409, "ReceivedAlready")
    assert places("POST", f"/transfers/{pk}/cancel").status_code == 409
    assert places("GET", "/transfers").json()[0]["on_the_way"] == 1
    assert places("GET", f"/transfers/{2**61}").status_code == 404


def test_writes_off_once_and_finds_again(places, shop):
    given = {"tags": ["R-1"], "reason": "Gone"}
    for _time in (1, 2):
        lost = places("POST", "/write-offs", given, key="a")
        assert (lost.status_code, lost.json()["number"]) == (201, "1-WO000001")
    found = places("POST", "/finds", {**given, "place": "Tray 1"}, key="b")
    assert found.json()["pieces"] == [{"tag": "R-1", "state": "in_stock"}]
    assert places("POST", "/write-offs", given).status_code == 422  # no key


def test_splits_and_joins(places, shop):
    parts = [{"net_g": ["4"]}, {"net_g": ["6"], "tag": "NEW"}]
    split = places("POST", "/splits", {"tag": "R-1", "parts": parts}, key="a")
    assert split.status_code == 201, split.json()
    assert {p["tag"] for p in split.json()["pieces"]} == {"R-1", "R-1-1", "NEW"}
    heavy = [{"net_g": ["4"]}, {"net_g": ["7"]}]
    grown = places("POST", "/splits", {"tag": "R-2", "parts": heavy}, key="b")
    assert (grown.status_code, grown.json()["error"]) == (422, "WeightsDoNotSum")
    joined = places("POST", "/joins", {"tags": ["R-1-1", "NEW"], "tag": "PAIR"}, key="c")
    assert joined.status_code == 201
    with shop_scope(shop.pk):
        assert Piece.objects.get(tag="PAIR").cost == 500


def test_reserves_and_releases(places, shop, owner):
    with shop_scope(shop.pk):
        nadia = customer(by=owner)
    until = (timezone.now() + timedelta(days=5)).date().isoformat()
    answer = places("POST", "/reservations", {"tag": "R-1", "customer": nadia.pk, "until": until})
    assert answer.status_code == 201
    assert places("POST", "/reservations/release", {"tag": "R-1"}).status_code == 200
    missing = places("POST", "/reservations/release", {"tag": "R-2"})
    assert missing.status_code == 409


def test_a_role_that_was_taken_away_writes_nothing(places, shop, owner):
    make.member(of=shop)
    Member.objects.filter(pk=owner.pk).update(role="cashier")

    lost = places("POST", "/write-offs", {"tags": ["R-1"], "reason": "Gone"}, key="a")
    split = places(
        "POST", "/splits", {"tag": "R-1", "parts": [{"net_g": ["4"]}, {"net_g": ["6"]}]}, key="b"
    )

    assert (lost.status_code, split.status_code) == (403, 403)
    with shop_scope(shop.pk):
        assert not StockDocument.objects.exists()
        assert set(Movement.objects.values_list("kind", flat=True)) == {"taken_in"}


def test_reserves_for_nobody_who_is_not_of_the_shop(places, shop, owner):
    until = (timezone.now() + timedelta(days=3)).date().isoformat()
    other = make.shop(name="Other")
    with shop_scope(other.pk):
        stranger = customer("Stranger", by=make.member(of=other))
    for pk in (stranger.pk, 2**62):
        answer = places("POST", "/reservations", {"tag": "R-1", "customer": pk, "until": until})
        assert answer.status_code == 404, pk


def test_reserves_for_whom_a_merged_customer_turned_out_to_be(places, shop, owner):
    until = (timezone.now() + timedelta(days=3)).date().isoformat()
    with shop_scope(shop.pk):
        nadia, twice = customer("Nadia", by=owner), customer("N. Rahman", by=owner)
        merge(keep=nadia.pk, gone=twice.pk, reason="One person", by=owner, at=timezone.now())
    answer = places("POST", "/reservations", {"tag": "R-1", "customer": twice.pk, "until": until})
    assert (answer.status_code, answer.json()["customer"]) == (201, nadia.pk)
