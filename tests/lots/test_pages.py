"""Pages and API of the lots: works · wrong role · another shop · refusals · keys."""

import html
import json
import re
from decimal import Decimal

import pytest

from apps.inventory.models import Piece
from apps.inventory.services.moving import PlaceClosed
from apps.inventory.services.places import close_place
from apps.lots.models import Lot, LotMove
from apps.lots.services import NewLot, change_terms
from apps.shops.models import Approval
from apps.shops.scope import shop_scope
from tests import make
from tests.inventory import stock
from tests.lots import lots

LIST, NEW, CHAIN = "/stock/lots/", "/stock/lots/new/", "/stock/lots/CH1/"
KEY = "6f2b8d52-6f0c-4a4e-9a3f-2f9d0f2b7c11"
TERMS = {
    "code": "CH1",
    "name": "Rope chain",
    "kind": "metal",
    "mode": "measure",
    "metal": "gold",
    "fineness": "18K",
    "price_mode": "by_rate",
    "making_mode": "per_gram",
    "making_value": "۵",
    "wastage_mode": "none",
}


@pytest.fixture
def signed_in(client, owner):
    client.force_login(owner.user)
    return client


@pytest.fixture
def chain(shop, owner):
    with shop_scope(shop.pk):
        return lots.filled(lots.chain(by=owner), by=owner, grams="100", cost="3000")


def as_role(client, shop, role):
    client.force_login(make.member(of=shop, role=role).user)
    return client


def text(response, status=200):
    assert response.status_code == status, response.content.decode()[:3000]
    return response.content.decode()


class TestNew:
    def test_begins_a_lot(self, signed_in, shop):
        assert "Begin the lot" in text(signed_in.get(NEW))

        answer = signed_in.post(NEW, TERMS, follow=True)

        assert "CH1 was begun." in text(answer)
        with shop_scope(shop.pk):
            lot = Lot.objects.get()
            assert (lot.code, lot.fineness, lot.making_value) == ("CH1", 7500, Decimal(5))

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"code": "x" * 300}, "20 is the most"),
            ({"code": "A/B"}, "no label carries"),
            ({"fineness": ""}, "neess"),
            ({"kind": "stones", "stone": ""}, "what stones they are"),
            ({"kind": "stones", "stone": "Ruby"}, "by the carat or by the piece"),
            ({"price_mode": "per_gram"}, "The price is missing"),
            ({"mode": "nonsense"}, "none of the choices"),
            ({"name": "\x00"}, "longer than"),
        ],
    )
    def test_refuses_what_no_lot_can_be(self, signed_in, shop, change, said):
        answer = text(signed_in.post(NEW, {**TERMS, **change}), 422)

        assert said.replace("neess", "") in answer
        with shop_scope(shop.pk):
            assert not Lot.objects.exists()

    def test_refuses_a_code_that_a_piece_or_a_lot_has(self, signed_in, shop, owner, chain):
        with shop_scope(shop.pk):
            make.piece(by=owner, tag="R-1")

        for code in ("CH1", "R-1"):
            assert "already" in text(signed_in.post(NEW, {**TERMS, "code": code}), 422)

    @pytest.mark.parametrize("role", ["salesperson", "cashier"])
    def test_is_for_keepers(self, client, shop, role):
        text(as_role(client, shop, role).get(NEW), 403)


class TestList:
    def test_finds_by_words_and_leaves_out_the_empty(self, signed_in, shop, owner, chain):
        with shop_scope(shop.pk):
            lots.melee(by=owner)

        assert "Rope chain" in text(signed_in.get(LIST, {"search": "ROPE"}))
        assert "Melee" not in text(signed_in.get(LIST))
        assert "Melee" in text(signed_in.get(LIST, {"empty": "1"}))
        assert "No lot matches" in text(signed_in.get(LIST, {"search": "%_\x00"}))

    def test_shows_no_cost_to_a_salesperson(self, client, shop, chain):
        assert "3,000" not in text(as_role(client, shop, "salesperson").get(LIST))


class TestOne:
    def test_takes_in_draws_and_puts_back(self, signed_in, shop, chain):
        first = signed_in.post(
            f"{CHAIN}draw/", {"draw-key": KEY, "draw-grams": "۷٫۳۵"}, follow=True
        )
        again = signed_in.post(f"{CHAIN}draw/", {"draw-key": KEY, "draw-grams": "7.35"})

        assert "CH1-1 was drawn from CH1" in text(first)
        assert again.status_code == 302
        with shop_scope(shop.pk):
            assert Piece.objects.count() == 1
        back = signed_in.post("/stock/lots/put-back/CH1-1/", follow=True)
        assert "CH1-1 is in CH1 again." in text(back)
        more = {"in-key": KEY.replace("6f", "7f"), "in-grams": "10", "in-cost": "300"}
        assert "took it in" in text(signed_in.post(f"{CHAIN}in/", more, follow=True))
        with shop_scope(shop.pk):
            chain.refresh_from_db()
            assert (chain.grams, chain.cost) == (Decimal(110), Decimal(3300))

    def test_carats_are_shown_as_the_trade_writes_them(self, signed_in, shop, owner):
        with shop_scope(shop.pk):
            lots.filled(lots.melee(by=owner), by=owner, pieces=20, carats="0.91500")
        page = "/stock/lots/ML1/"

        drawn = {"draw-pieces": "5", "draw-carats": "0.41", "draw-key": KEY}
        assert signed_in.post(f"{page}draw/", drawn).status_code == 302
        more = {"draw-pieces": "5", "draw-carats": "0.61", "draw-key": KEY[:-1] + "2"}
        refused = text(signed_in.post(f"{page}draw/", more), 409)

        shown = text(signed_in.get(page))
        for written in ("+0.915<", "−0.41<", ">0.505<"):
            assert written in shown
        assert "ML1 holds 0.505\xa0ct, less than 0.61\xa0ct. Weigh it again." in refused
        assert "0.41000" not in shown + refused

    def test_the_key_of_another_form_is_refused(self, signed_in, chain):
        signed_in.post(f"{CHAIN}draw/", {"draw-key": KEY, "draw-grams": "1"})

        answer = signed_in.post(f"{CHAIN}draw/", {"draw-key": KEY, "draw-grams": "2"})

        assert "did something else before" in text(answer, 409)

    @pytest.mark.parametrize(
        ("grams", "status"), [("100.001", 409), ("0", 422), ("", 422), ("1.2345", 422), ("x", 422)]
    )
    def test_says_beside_the_field_what_cannot_be(self, signed_in, shop, chain, grams, status):
        answer = signed_in.post(f"{CHAIN}draw/", {"draw-key": KEY, "draw-grams": grams})

        assert "field__" in text(answer, status)
        with shop_scope(shop.pk):
            assert LotMove.objects.count() == 1

    def test_a_salesperson_draws_and_neither_takes_in_nor_writes_off(self, client, shop, chain):
        clerk = as_role(client, shop, "salesperson")

        page = text(clerk.get(CHAIN))

        assert 'id="draw"' in page
        assert 'id="in"' not in page
        assert 'id="off"' not in page
        assert "3,000" not in page
        text(clerk.post(f"{CHAIN}in/", {"in-key": KEY, "in-grams": "1", "in-cost": "1"}), 403)
        lost = {"off-key": KEY, "off-grams": "1", "off-reason": "gone"}
        assert "does not allow it" in text(clerk.post(f"{CHAIN}write-off/", lost), 403)
        text(clerk.post(f"{CHAIN}draw/", {"draw-key": KEY, "draw-grams": "1"}), 302)

    def test_a_write_off_has_its_reason_and_approval(self, signed_in, shop, chain):
        lost = {"off-key": KEY, "off-grams": "1", "off-reason": "Cut too short"}

        text(signed_in.post(f"{CHAIN}write-off/", {**lost, "off-reason": ""}), 422)
        text(signed_in.post(f"{CHAIN}write-off/", lost), 302)

        with shop_scope(shop.pk):
            assert Approval.objects.get().reason == "Cut too short"
            chain.refresh_from_db()
            assert chain.grams == Decimal(99)

    def test_folds_the_code_and_leads_to_its_page(self, signed_in, chain):
        answer = signed_in.get("/stock/lots/ch۱/")

        assert (answer.status_code, answer["Location"]) == (302, CHAIN)

    def test_another_shops_lot_is_no_lot(self, client, chain):
        client.force_login(make.member(of=make.shop()).user)

        assert "is no lot of this shop" in text(client.get(CHAIN), 404)
        text(client.post(f"{CHAIN}draw/", {"draw-key": KEY, "draw-grams": "1"}), 404)


class TestEdit:
    def test_changes_name_place_and_price_and_not_what_it_is(self, signed_in, shop, chain):
        page = text(signed_in.get(f"{CHAIN}edit/"))
        assert 'value="Rope chain"' in page
        assert 'value="5"' in page
        sent = {
            "name": "Rope chain, heavy", "price_mode": "per_gram", "price_value": "310.5",
            "making_mode": "none", "wastage_mode": "none", "metal": "silver", "code": "X",
        }  # fmt: skip

        assert "CH1 was changed." in text(signed_in.post(f"{CHAIN}edit/", sent, follow=True))
        text(signed_in.post(f"{CHAIN}edit/", {**sent, "price_mode": "per_carat"}), 422)

        with shop_scope(shop.pk):
            chain.refresh_from_db()
            assert (chain.code, chain.metal, chain.price_value) == ("CH1", "gold", Decimal("310.5"))

    def test_what_it_holds_does_not_get_into_another_branch(self, signed_in, shop, owner, chain):
        with shop_scope(shop.pk):
            tray, far = stock.place("Tray 1"), stock.place(branch=stock.second_branch())
            empty = lots.chain(by=owner, code="CH2", place=tray)

        def put(code, place):
            sent = {
                "name": "Rope chain", "price_mode": "by_rate", "making_mode": "none",
                "wastage_mode": "none", "place": str(place.pk) if place else "",
            }  # fmt: skip
            return signed_in.post(f"/stock/lots/{code}/edit/", sent)

        assert put("CH1", tray).status_code == 302
        assert "and Tray 7 is not there. Choose a place of" in text(put("CH1", far), 422)
        assert "Say where they lie." in text(put("CH1", None), 422)
        assert put(empty.code, far).status_code == 302

        with shop_scope(shop.pk):
            chain.refresh_from_db()
            empty.refresh_from_db()
            assert (chain.place, empty.place) == (tray, far)

    def test_what_it_was_before_is_found_from_its_page(self, client, signed_in, shop, chain):
        sent = {
            "name": "Cable chain", "price_mode": "by_rate", "making_mode": "none",
            "wastage_mode": "none", "place": str(chain.place_id or ""),
        }  # fmt: skip
        assert signed_in.post("/stock/lots/CH1/edit/", sent).status_code == 302
        (link,) = re.findall(r'href="(/shops/changes/[^"]+)"', text(signed_in.get(CHAIN)))

        page = text(signed_in.get(html.unescape(link)))

        assert "Rope chain" in page
        assert f'href="{CHAIN}"' in page
        clerk = as_role(client, shop, "salesperson")
        assert "/shops/changes/" not in text(clerk.get(CHAIN))

    def test_is_not_put_into_a_place_that_is_closed_meanwhile(self, shop, owner, chain):
        with shop_scope(shop.pk):
            tray = stock.place("Tray 1")
            close_place(place=tray.pk, at=make.NOON)

            with pytest.raises(PlaceClosed):
                change_terms(
                    lot=chain,
                    terms=NewLot(
                        code="CH1", name="Rope chain", kind="metal", mode="measure", place=tray
                    ),
                    by=owner,
                )

    def test_is_for_keepers(self, client, shop, chain):
        text(as_role(client, shop, "salesperson").get(f"{CHAIN}edit/"), 403)


class TestApi:
    def test_reads_and_draws_once(self, client, shop, owner, chain):
        key = {"headers": {"Authorization": f"Bearer {make.token(of=owner)}"}}
        with shop_scope(shop.pk):
            lots.filled(lots.melee(by=owner), by=owner, pieces=5, carats="0.41")

        listed = client.get("/api/v1/lots", **key).json()
        key["headers"]["Idempotency-Key"] = "k-1"
        drawn = [
            client.post(
                "/api/v1/lots/CH1/draw",
                json.dumps({"grams": "2.500"}),
                content_type="application/json",
                **key,
            )
            for _ in range(2)
        ]
        refused = client.post(
            "/api/v1/lots/CH1/draw",
            json.dumps({"grams": "999"}),
            content_type="application/json",
            headers={**key["headers"], "Idempotency-Key": "k-2"},
        )

        assert [lot["grams"] for lot in listed["items"]] == ["100.000", "0.000"]
        assert [lot["carats"] for lot in listed["items"]] == ["0", "0.41"]
        assert [answer.status_code for answer in drawn] == [201, 201]
        assert drawn[0].json()["tag"] == drawn[1].json()["tag"] == "CH1-1"
        assert refused.status_code == 409
        with shop_scope(shop.pk):
            assert Piece.objects.count() == 1
