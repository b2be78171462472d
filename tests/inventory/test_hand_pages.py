"""Pages of the stock at hand: who may, what is said, what stays as it was."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.inventory.models import Movement, Piece, Reservation, StockDocument, Transfer
from apps.inventory.services.intake.columns import stone_field
from apps.inventory.services.losing import lose
from apps.inventory.services.moving import move
from apps.inventory.services.new_pieces import NewStone
from apps.inventory.services.transfers import begin, pack, send
from apps.shops.models import Member
from apps.shops.scope import shop_scope
from tests import make
from tests.inventory import stock
from tests.inventory.owned import customer, not_ours

HTMX = {"HTTP_HX_REQUEST": "true"}
KEY = "8f14e45f-ceea-467f-9a36-dedd4bea2543"


def signed_in(client, member):
    client.force_login(member.user)
    return client


@pytest.fixture
def salesperson(shop):
    return make.member(of=shop, role="salesperson")


@pytest.fixture
def desk(client, owner):
    return signed_in(client, owner)


@pytest.fixture
def at_hand(shop, owner):
    """Two rings, a tray and a window in another branch."""
    with shop_scope(shop.pk):
        for tag in ("R-1", "R-2"):
            make.piece(by=owner, tag=tag)
        tray = stock.place("Tray 1")
        window = stock.place("Window", kind="window", branch=stock.second_branch())
    return tray, window


def within(shop, read):
    with shop_scope(shop.pk):
        return read()


def optional(page):
    """The names of the fields whose label says that they may be left empty."""
    labels = re.findall(r'for="id_([^"]+)">(.*?)</label>', page.content.decode(), re.DOTALL)
    assert labels
    return {name for name, label in labels if "(optional)" in label}


class TestMovePage:
    def test_each_scan_moves_a_piece_and_answers_with_its_row(self, desk, at_hand, shop, owner):
        tray, _window = at_hand
        assert b"Scan a tag" in desk.get(f"/stock/move/?place={tray.pk}").content

        answer = desk.post("/stock/move/", {"place": tray.pk, "tag": "r-1"}, **HTMX)

        assert answer.status_code == 200
        assert answer["HX-Trigger"] == '{"piece-added": {}}'
        assert b'hx-swap-oob="true"' in answer.content
        assert within(shop, lambda: stock.where("R-1")) == ("in_stock", "Tray 1")
        # Loaded anew, the page still knows.
        assert b"R-1" in desk.get(f"/stock/move/?place={tray.pk}").content

    @pytest.mark.parametrize(
        ("tag", "status", "sentence"),
        [
            ("NO-1", 404, "is no tag of this shop"),
            ("<b>x</b>", 404, "is no tag of this shop"),
            ("x" * 300, 404, "is no tag of this shop"),
        ],
    )
    def test_a_refused_tag_stays_visible(self, desk, at_hand, tag, status, sentence):
        tray, _window = at_hand
        answer = desk.post("/stock/move/", {"place": tray.pk, "tag": tag}, **HTMX)

        assert answer.status_code == status
        assert answer["HX-Retarget"] == "#refused"
        assert sentence in answer.content.decode()
        assert b"<b>x</b>" not in answer.content

    def test_works_without_script(self, desk, at_hand, shop):
        tray, _window = at_hand
        answer = desk.post("/stock/move/", {"place": tray.pk, "tag": "R-1"})
        assert answer.headers["Location"] == f"/stock/move/?place={tray.pk}"
        refused = desk.post("/stock/move/", {"place": tray.pk, "tag": "NO-1"})
        assert refused.status_code == 404

    def test_a_place_of_another_shop_is_none(self, desk, at_hand, shop):
        other = make.shop(name="Other")
        theirs = within(other, lambda: stock.place("Theirs"))
        answer = desk.post("/stock/move/", {"place": theirs.pk, "tag": "R-1"}, **HTMX)
        assert answer.status_code == 404
        assert within(shop, lambda: stock.where("R-1")) == ("in_stock", None)

    def test_chosen_pieces_go_together(self, desk, at_hand, shop):
        tray, _window = at_hand
        assert b'value="R-2"' in desk.get("/stock/move/?tag=R-1&tag=R-2").content

        answer = desk.post(
            "/stock/move/", {"chosen": ["R-1", "R-2"], "seen": ["", ""], "place": tray.pk}
        )

        assert answer.headers["Location"] == f"/stock/places/{tray.pk}/"
        assert within(shop, lambda: stock.where("R-2")) == ("in_stock", "Tray 1")

    def test_what_was_moved_meanwhile_is_said_and_nothing_moved(self, desk, at_hand, shop, owner):
        tray, _window = at_hand
        safe = within(shop, lambda: stock.place("Safe", kind="safe"))
        with shop_scope(shop.pk):
            move(tags=["R-1"], place=tray, by=owner, at=timezone.now())

        answer = desk.post(
            "/stock/move/", {"chosen": ["R-2", "R-1"], "seen": ["", ""], "place": safe.pk}
        )

        assert answer.status_code == 409
        assert "R-1 was put into Tray 1 by" in answer.content.decode()
        assert within(shop, lambda: stock.where("R-2")) == ("in_stock", None)

    def test_a_clerk_moves_too(self, client, salesperson, at_hand, shop):
        tray, _window = at_hand
        signed_in(client, salesperson).post("/stock/move/", {"place": tray.pk, "tag": "R-1"})
        assert within(shop, lambda: stock.where("R-1"))[1] == "Tray 1"


class TestPlacePages:
    def test_says_what_should_lie_there(self, desk, at_hand, shop, owner):
        tray, _window = at_hand
        with shop_scope(shop.pk):
            move(tags=["R-1", "R-2"], place=tray, by=owner, at=make.NOON)

        content = desk.get(f"/stock/places/{tray.pk}/").content.decode()
        assert "R-1" in content
        assert "20.000" in content
        assert "20.000" in desk.get("/stock/places/").content.decode()

    def test_it_is_renamed_entrusted_closed_and_opened(self, desk, at_hand, shop, salesperson):
        tray, _window = at_hand
        here = f"/stock/places/{tray.pk}/change/"
        desk.post(here, {"do": "rename", "name": "Tray 9", "kind": "tray"})
        desk.post(here, {"do": "entrust", "to": salesperson.pk})
        content = desk.get(f"/stock/places/{tray.pk}/").content.decode()
        assert "Tray 9" in content
        assert f"{salesperson.user}</bdi> answers for it" in content
        assert desk.post(here, {"do": "close"}).status_code == 302
        assert b"This place is closed" in desk.get(f"/stock/places/{tray.pk}/").content
        desk.post(here, {"do": "open"})
        assert b"This place is closed" not in desk.get(f"/stock/places/{tray.pk}/").content

    @pytest.mark.parametrize(
        ("given", "status"),
        [
            ({"do": "rename", "name": "", "kind": "tray"}, 422),
            ({"do": "rename", "name": "a\x00b", "kind": "tray"}, 422),
            ({"do": "rename", "name": "window", "kind": "tray"}, 409),
            ({"do": "entrust", "to": "9" * 30}, 422),
            ({"do": "burn"}, 422),
            ({}, 422),
        ],
    )
    def test_nonsense_changes_nothing(self, desk, at_hand, shop, given, status):
        tray, _window = at_hand
        assert desk.post(f"/stock/places/{tray.pk}/change/", given).status_code == status
        assert within(shop, lambda: stock.place_named("Tray 1")).closed_at is None

    def test_a_clerk_looks_and_changes_nothing(self, client, salesperson, at_hand):
        tray, _window = at_hand
        clerk = signed_in(client, salesperson)
        assert clerk.get(f"/stock/places/{tray.pk}/").status_code == 200
        assert clerk.post(f"/stock/places/{tray.pk}/change/", {"do": "close"}).status_code == 403


class TestTransferPages:
    @pytest.fixture
    def parcel(self, desk, at_hand, shop):
        _tray, window = at_hand
        here = within(shop, stock.main_branch)
        answer = desk.post(
            "/stock/transfers/", {"source": here.pk, "target": window.branch_id, "key": KEY}
        )
        return answer.headers["Location"]

    def test_it_is_packed_sent_and_received_by_scanner(self, desk, parcel, at_hand, shop):
        _tray, window = at_hand
        for tag in ("R-1", "r-2"):
            assert desk.post(f"{parcel}add/", {"tag": tag}, **HTMX).status_code == 200
        sent = desk.post(f"{parcel}send/", {"key": KEY, "reason": "For the window"})
        assert sent.status_code == 302
        assert within(shop, lambda: stock.where("R-1")) == ("in_transit", None)
        assert b"1-TR000001" in desk.get(parcel).content

        receive = {"tag": "R-1", "place": window.pk, "key": KEY}
        assert desk.post(f"{parcel}add/", receive, **HTMX).status_code == 200
        again = desk.post(f"{parcel}add/", {**receive, "key": "other"}, **HTMX)
        assert again.status_code == 409
        assert "R-1 of 1-TR000001 was received by" not in again.content.decode()  # tag stands apart
        assert "was received by" in again.content.decode()
        assert "1 piece did not come yet" in desk.get(parcel).content.decode()
        assert within(shop, lambda: stock.where("R-1")) == ("in_stock", "Window")

    def test_the_same_request_twice_receives_once(self, desk, parcel, at_hand, shop):
        _tray, window = at_hand
        desk.post(f"{parcel}add/", {"tag": "R-1"})
        desk.post(f"{parcel}send/", {"key": KEY, "reason": "x"})
        receive = {"tag": "R-1", "place": window.pk, "key": KEY}
        for _time in (1, 2):
            assert desk.post(f"{parcel}add/", receive, **HTMX).status_code == 200
        assert within(shop, Movement.objects.filter(kind="received").count) == 1

    def test_what_is_packed_is_taken_out(self, desk, parcel, shop):
        desk.post(f"{parcel}add/", {"tag": "R-1"})
        desk.post(f"{parcel}take-out/", {"tag": "R-1"})
        answer = desk.post(f"{parcel}send/", {"key": KEY, "reason": "x"})
        assert answer.status_code == 422
        assert "There is no piece in the parcel" in answer.content.decode()

    def test_a_role_that_was_taken_away_in_the_middle_sends_nothing(
        self, desk, parcel, shop, owner
    ):
        desk.post(f"{parcel}add/", {"tag": "R-1"})
        make.member(of=shop)  # a shop keeps an owner
        Member.objects.filter(pk=owner.pk).update(role="salesperson")

        answer = desk.post(f"{parcel}send/", {"key": KEY, "reason": "x"})

        assert answer.status_code == 409  # a second person must say yes
        assert within(shop, lambda: stock.where("R-1")) == ("in_stock", None)
        assert within(shop, Transfer.objects.get).code == ""

    def test_a_parcel_of_another_shop_is_not_there(self, desk, parcel, client):
        other = make.shop(name="Other")
        stranger = make.member(of=other)
        client.logout()
        assert signed_in(client, stranger).get(parcel).status_code == 404
        assert client.post(f"{parcel}send/", {"key": KEY, "reason": "x"}).status_code == 404

    def test_it_is_given_up(self, desk, parcel, shop):
        assert desk.post(f"{parcel}cancel/").status_code == 302
        assert within(shop, Transfer.objects.get).state == "cancelled"

    def test_the_slip_is_a_pdf(self, desk, parcel):
        desk.post(f"{parcel}add/", {"tag": "R-1"})
        desk.post(f"{parcel}send/", {"key": KEY, "reason": "x"})
        answer = desk.get(f"{parcel}slip.pdf?lang=fa")
        assert answer.status_code == 200
        assert answer.content.startswith(b"%PDF")

    def test_one_branch_has_nowhere_to_send(self, desk):
        assert b"nowhere to send" in desk.get("/stock/transfers/").content


class TestPieceOnItsWay:
    def test_a_piece_on_an_open_sale_that_is_sent_away_is_not_sold(
        self, desk, at_hand, shop, owner
    ):
        _tray, window = at_hand
        with shop_scope(shop.pk):
            make.rate(of=shop, at=timezone.now())
        desk.post(reverse("sales:line-add"), {"tag": "R-1"})
        with shop_scope(shop.pk):
            parcel = begin(
                source=stock.main_branch(),
                target=window.branch,
                by=owner,
                at=timezone.now(),
                key="p",
            )
            pack(transfer=parcel.pk, tags=["R-1"])
            send(transfer=parcel.pk, reason="x", by=owner, at=timezone.now())

        assert within(shop, lambda: stock.where("R-1")) == ("in_transit", None)
        content = desk.get("/stock/piece/R-1/").content.decode()
        assert "On the way" in content
        assert "1-TR000001" in content


class TestReserve:
    def test_looks_a_customer_up_and_keeps_the_piece(self, desk, at_hand, shop, owner):
        nadia = within(shop, lambda: customer(by=owner))
        assert b"Nadia Rahman" in desk.get("/stock/reserve/R-1/?search=nadia").content
        until = (timezone.now() + timedelta(days=5)).date().isoformat()

        answer = desk.post("/stock/reserve/R-1/", {"customer": nadia.pk, "until": until})

        assert answer.status_code == 302
        content = desk.get("/stock/piece/R-1/").content.decode()
        assert "Nadia Rahman, until" in content
        assert desk.post("/stock/release/R-1/").status_code == 302
        assert within(shop, lambda: stock.where("R-1"))[0] == "in_stock"

    @pytest.mark.parametrize(
        "given",
        [
            {},
            {"customer": "9" * 30, "until": "2026-01-20"},
            {"customer": "1", "until": "soon"},
        ],
    )
    def test_nonsense_keeps_nothing(self, desk, at_hand, shop, given):
        assert desk.post("/stock/reserve/R-1/", given).status_code == 422
        assert not within(shop, Reservation.objects.exists)


class TestEditPage:
    def fields(self, desk, tag="R-1"):
        form = desk.get(f"/stock/edit/{tag}/").context["form"]
        given = {name: form[name].value() or "" for name in form.fields}
        version = desk.get(f"/stock/edit/{tag}/").context["version"]
        return {**given, "version": version, "key": KEY, "reason": "Weighed"}

    def test_what_it_shows_it_reads_back_without_a_change(self, desk, at_hand, shop):
        answer = desk.post("/stock/edit/R-1/", self.fields(desk))
        assert answer.status_code == 302, answer.context["form"].errors
        assert within(shop, Movement.objects.filter(kind="changed").count) == 0

    def test_changes_a_weight_in_persian_digits(self, desk, at_hand, shop):
        given = self.fields(desk) | {"net_weight_g": "۹٫۵۰۰", "name": "Rose"}
        assert desk.post("/stock/edit/R-1/", given).status_code == 302
        content = desk.get("/stock/piece/R-1/").content.decode()
        assert "Rose" in content
        assert "9.500" in content
        assert "is now" in content

    def test_the_second_clerk_hears_of_the_first(self, desk, at_hand, shop):
        first, second = self.fields(desk), self.fields(desk)
        desk.post("/stock/edit/R-1/", first | {"name": "Rose"})
        answer = desk.post("/stock/edit/R-1/", second | {"name": "Tulip"})
        assert answer.status_code == 409
        assert "did something with R-1" in answer.content.decode()
        assert within(shop, lambda: Piece.objects.get(tag="R-1").name) == "Rose"

    def test_says_optional_of_what_may_be_empty_alone(self, desk, at_hand):
        said = optional(desk.get("/stock/edit/R-1/"))
        assert {"category", "hallmark", "profit_percent", "cost"} <= said
        needed = {"metal", "fineness", "net_weight_g", "gross_weight_g"}
        assert not said & (needed | {"making_mode", "making_value", "place", "tax_category"})
        assert "wastage_value" in said  # no wastage is charged of it
        assert "reason" not in said  # the page says when it is needed

    def test_a_tag_price_needs_no_weight(self, desk, shop, owner):
        with shop_scope(shop.pk):
            make.piece(
                by=owner, tag="W-1", metals=(), gross_weight_g=None, fixed_price=Decimal(900),
                making_mode="none", making_value=Decimal(0),
            )  # fmt: skip
        said = optional(desk.get("/stock/edit/W-1/"))
        assert {"fineness", "net_weight_g", "gross_weight_g", "making_value"} <= said

    def test_carats_are_shown_as_the_trade_writes_them(self, desk, shop, owner):
        with shop_scope(shop.pk):
            stones = tuple(
                NewStone(kind=kind, count=1, carats=Decimal(carats))
                for kind, carats in (("Diamond", "0.41"), ("Ruby", "0.415"))
            )
            make.piece(by=owner, tag="D-1", stones=stones, gross_weight_g=Decimal("10.165"))
        form = desk.get("/stock/edit/D-1/").context["form"]
        assert form[stone_field("carats", 1)].value() == "0.41"
        assert form[stone_field("carats", 2)].value() == "0.415"
        assert "0.41000" not in desk.get("/stock/piece/D-1/").content.decode()

        given = self.fields(desk, "D-1") | {stone_field("carats", 1): "0.4"}
        assert desk.post("/stock/edit/D-1/", given).status_code == 302

        assert (
            "1 Diamond 0.40 ct, 1 Ruby 0.415 ct" in desk.get("/stock/piece/D-1/").content.decode()
        )

    def test_leads_to_the_changes_of_this_piece_who_may_read_them(
        self, desk, at_hand, shop, owner, salesperson
    ):
        desk.post("/stock/edit/R-1/", self.fields(desk) | {"name": "Rose"})
        desk.post("/stock/edit/R-2/", self.fields(desk, "R-2") | {"name": "Tulip"})
        row = within(shop, lambda: Piece.objects.get(tag="R-1").pk)
        address = f"/shops/changes/?table=inventory_piece&amp;row={row}"
        assert address in desk.get("/stock/piece/R-1/").content.decode()
        changes = desk.get(address.replace("&amp;", "&")).content.decode()
        assert "Rose" in changes
        assert "Tulip" not in changes

        page = signed_in(desk, salesperson).get("/stock/piece/R-1/").content.decode()
        assert "/changes/" not in page

    def test_the_tag_cannot_be_changed(self, desk, at_hand, shop):
        desk.post("/stock/edit/R-1/", self.fields(desk) | {"tag": "HACK"})
        assert not within(shop, Piece.objects.filter(tag="HACK").exists)

    def test_is_for_keepers(self, client, salesperson, at_hand):
        clerk = signed_in(client, salesperson)
        assert clerk.get("/stock/edit/R-1/").status_code == 403
        assert clerk.post("/stock/edit/R-1/", {}).status_code == 403


class TestWriteOffPage:
    def test_writes_off_and_finds_again(self, desk, at_hand, shop):
        tray, _window = at_hand
        lost = desk.post("/stock/write-off/", {"key": KEY, "tags": "R-1\nr-2", "reason": "Gone"})
        assert lost.headers["Location"] == "/stock/papers/1-WO000001/"
        assert b"R-2" in desk.get("/stock/papers/1-WO000001/").content
        found = desk.post(
            "/stock/found/",
            {"key": KEY[:-1] + "4", "tags": "R-1", "reason": "Under it", "place": tray.pk},
        )
        assert found.headers["Location"] == "/stock/papers/1-FA000001/"
        assert within(shop, lambda: stock.where("R-1")) == ("in_stock", "Tray 1")

    def test_a_clerk_is_told_to_ask(self, client, salesperson, at_hand, shop):
        clerk = signed_in(client, salesperson)
        answer = clerk.post("/stock/write-off/", {"key": KEY, "tags": "R-1", "reason": "Gone"})
        assert answer.status_code == 403
        assert "Your role does not allow" in answer.content.decode() or "your role" in (
            answer.content.decode()
        )
        assert within(shop, lambda: stock.where("R-1"))[0] == "in_stock"
        assert not within(shop, StockDocument.objects.exists)

    def test_a_key_that_is_none_is_refused(self, desk, at_hand):
        given = {"key": "x", "tags": "R-1", "reason": "Gone"}
        assert desk.post("/stock/write-off/", given).status_code == 422


class TestSplitPage:
    def test_splits_into_two(self, desk, at_hand, shop):
        assert b"Part" in desk.get("/stock/split/R-1/?parts=3").content
        answer = desk.post(
            "/stock/split/R-1/",
            {"key": KEY, "net_1_0": "4", "net_2_0": "۶", "gross_1": "", "gross_2": ""},
        )
        assert answer.headers["Location"] == "/stock/papers/1-SP000001/"
        assert within(shop, lambda: stock.where("R-1-2"))[0] == "in_stock"
        assert b"R-1-1" in desk.get("/stock/piece/R-1/").content
        assert b"Came from" in desk.get("/stock/piece/R-1-1/").content

    def test_says_optional_of_what_may_be_empty_alone(self, desk, shop, owner):
        with shop_scope(shop.pk):
            stone = NewStone(kind="Diamond", count=2, carats=Decimal("0.4"))
            make.piece(by=owner, tag="E-1", stones=(stone,), gross_weight_g=Decimal("10.08"))
        said = optional(desk.get("/stock/split/E-1/?parts=3"))
        assert {"tag_1", "name_1", "gross_1", "net_3_0"} <= said
        assert not said & {"net_1_0", "net_2_0", "stones_1_0", "stones_3_0", "reason"}
        assert "reason" not in optional(desk.get("/stock/join/"))

    def test_weights_that_do_not_sum_are_said(self, desk, at_hand, shop):
        answer = desk.post("/stock/split/R-1/", {"key": KEY, "net_1_0": "4", "net_2_0": "7"})
        assert answer.status_code == 422
        assert "The parts weigh 11 g" in answer.content.decode()
        assert within(shop, lambda: stock.where("R-1"))[0] == "in_stock"

    def test_joins_again(self, desk, at_hand, shop):
        answer = desk.post("/stock/join/", {"key": KEY, "tags": "R-1\nR-2", "tag": "SET-1"})
        assert answer.headers["Location"] == "/stock/papers/1-JN000001/"
        assert within(shop, lambda: stock.where("SET-1"))[0] == "in_stock"


def test_what_is_not_ours_says_so_on_its_page_and_in_the_list(desk, at_hand, shop, owner):
    within(shop, lambda: not_ours("M-1", by=owner))
    assert "Khalid Gems" in desk.get("/stock/piece/M-1/").content.decode()
    assert "On approval from its owner" in desk.get("/stock/").content.decode()


def test_a_lost_piece_is_found_under_its_state(desk, at_hand, shop, owner):
    with shop_scope(shop.pk):
        lose(tags=["R-1"], reason="Gone", by=owner, at=timezone.now(), key="k")
    assert "R-1" in desk.get("/stock/?state=lost").content.decode()
    assert "R-1" not in desk.get("/stock/").content.decode()
