"""Pages and API of memos: works · wrong role · another shop · refusals · keys · paper."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.consignment.models import Memo, MemoReturn, OwnerPayment
from apps.inventory.models import Piece
from apps.sales.models import OpenSaleLine
from apps.shops.scope import shop_scope
from tests import make
from tests.consignment import memos
from tests.inventory.stock import place, where
from tests.returns.days import sold
from tests.sales.bills import needs_pdf


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def stock(shop, owner, scope, now):
    """As in the other tests, at the hour of the pages."""
    make.rate(of=shop, at=now)
    make.shift(by=owner, at=now)
    return [make.piece(by=owner, tag=tag, at=now) for tag in ("R-1", "R-2", "R-3")]


@pytest.fixture
def due(now):
    return (now + timedelta(days=14)).date()


@pytest.fixture
def memo(nadia, owner, now, due):
    return memos.lent("R-1", "R-2", to=nadia, by=owner, at=now, due=due)


@pytest.fixture
def owned(khalid, owner, now, due):
    return memos.taken(
        memos.goods("M-1"), memos.goods("M-2", "percent", "70"), of=khalid, by=owner, at=now,
        due=due,
    )  # fmt: skip


@pytest.fixture
def at_work(client, owner):
    client.force_login(owner.user)
    return client


def text(response, status=200):
    assert response.status_code == status, response.content.decode()[-3000:]
    return response.content.decode()


class TestLending:
    def sent(self, nadia, due, **more):
        return {
            "key": str(uuid4()),
            "party": str(nadia.pk),
            "tags": "R-1\nr-۲",
            "due": str(due),
            "reason": "to look at",
            **more,
        }

    def test_finds_who_takes_them(self, at_work, nadia):
        assert "Nadia Rahman" in text(at_work.get("/counter/lend/", {"search": "rahm"}))
        assert "Nobody matches" in text(at_work.get("/counter/lend/", {"search": "xyz"}))

    def test_shows_the_pieces_then_lends_them(self, at_work, nadia, due):
        page = "/counter/lend/"
        assert "Show the pieces" in text(at_work.get(page, {"party": nadia.pk}))

        looked = text(at_work.post(page, self.sent(nadia, due, look="1", reason="")))
        assert "1,057.98" in looked
        assert "Lend them" in looked
        assert "There is no reason" not in looked

        sent = self.sent(nadia, due, **{"value-1": "۹۵۰٫۵۰", "terms-1": "total"})
        answer = at_work.post(page, {**sent, "seen": ["R-1", "R-2"]}, follow=True)
        assert "is written. Print it" in text(answer)
        assert "950.50" in text(answer)
        at_work.post(page, {**sent, "seen": ["R-1", "R-2"]})
        assert Memo.objects.count() == 1

    @pytest.mark.parametrize("typed", ["950.5", "۹۵۰٫۵", "٩٥٠٫٥"])
    def test_reads_a_price_in_three_alphabets(self, at_work, nadia, due, typed):
        sent = self.sent(nadia, due, tags="R-1", **{"value-0": typed, "terms-0": "total"})
        at_work.post("/counter/lend/", {**sent, "seen": ["R-1"]})

        assert str(Memo.objects.get().lines.get().value) == "950.5000"

    @pytest.mark.parametrize(
        ("more", "status", "said"),
        [
            ({"tags": "R-9"}, 404, "R-9 is no tag of this shop"),
            ({"tags": ""}, 422, "There is no piece"),
            ({"reason": ""}, 422, "There is no reason"),
            ({"due": "2020-01-01"}, 422, "is no day for a memo to end"),
            ({"terms-0": "total"}, 422, "The price is missing"),
            ({"terms-0": "nonsense"}, 422, "none of the choices"),
            ({"value-0": "five"}, 422, "five"),
        ],
    )
    def test_says_why_not_and_lends_nothing(self, at_work, nadia, due, more, status, said):
        sent = {**self.sent(nadia, due), "seen": ["R-1", "R-2"], **more}

        assert said in text(at_work.post("/counter/lend/", sent), status)
        assert not Memo.objects.exists()

    def test_is_not_for_every_role(self, client, shop, nadia):
        client.force_login(make.member(of=shop, role="salesperson").user)

        assert "your role does not allow it" in text(
            client.get("/counter/lend/", {"party": nadia.pk}), 403
        )


class TestMemo:
    def test_lists_both_directions(self, at_work, memo, owned):
        assert memo.code in text(at_work.get("/memo/"))
        incoming = text(at_work.get("/memo/", {"direction": "in"}))
        assert owned.code in incoming
        assert memo.code not in incoming
        assert "No memo is over yet" in text(at_work.get("/memo/", {"ended": "1"}))

    def test_pieces_come_back_ticked_or_typed(self, at_work, memo):
        tray = place("Tray 1")
        sent = {"key": str(uuid4()), "tag": ["R-1"], "tags": "r-2", "place": str(tray.pk)}

        answer = at_work.post(f"/memo/{memo.code}/back/", sent, follow=True)

        assert "2 pieces came back, paper 1-MR000001." in text(answer)
        assert where("R-1") == ("in_stock", "Tray 1")
        at_work.post(f"/memo/{memo.code}/back/", sent)
        assert MemoReturn.objects.count() == 1
        assert "Over" in text(at_work.get("/memo/", {"ended": "1"}))

    def test_a_tag_of_no_memo_is_named_and_stays(self, at_work, memo):
        sent = {"key": str(uuid4()), "tag": ["R-1"], "tags": "R-3"}

        answer = text(at_work.post(f"/memo/{memo.code}/back/", sent), 409)

        assert "R-3 is not on memo" in answer
        assert ">\nR-3</textarea>" in answer
        assert 'value="R-1" checked' in answer
        assert where("R-1")[0] == "on_memo"

    def test_a_new_day(self, at_work, memo, now):
        later = (now + timedelta(days=40)).date()

        at_work.post(f"/memo/{memo.code}/day/", {"due": str(later)})

        memo.refresh_from_db()
        assert memo.due == later
        refused = at_work.post(f"/memo/{memo.code}/day/", {"due": "2020-01-01"})
        assert "is no day for a memo" in text(refused, 422)

    def test_they_keep_one(self, at_work, memo, nadia):
        answer = at_work.post(f"/counter/memo/{memo.code}/", {"tag": ["R-2"]}, follow=True)

        assert "Nadia Rahman" in text(answer)
        assert OpenSaleLine.objects.get().piece.tag == "R-2"

    def test_selling_it_to_another_says_who_has_it(self, at_work, memo):
        answer = at_work.post("/counter/lines/", {"tag": "R-1"}, headers={"HX-Request": "true"})

        assert "is with Nadia Rahman until" in text(answer, 409)

    def test_another_shops_memo_is_none(self, client, memo):
        stranger = make.member(of=make.shop(name="Zar"))
        client.force_login(stranger.user)

        assert client.get(f"/memo/{memo.code}/").status_code == 404
        for door in ("back", "day", "again"):
            assert client.post(f"/memo/{memo.code}/{door}/").status_code == 404
        assert client.get(f"/memo/{memo.code}/memo.pdf").status_code == 404

    def test_a_clerk_sees_no_cost(self, client, shop, owned):
        client.force_login(make.member(of=shop, role="salesperson").user)

        page = text(client.get(f"/memo/{owned.code}/"))

        assert "700.00" not in page
        for door in ("add/", "buy/M-1/"):
            assert client.get(f"/memo/{owned.code}/{door}").status_code == 403
        assert client.get(f"/memo/owners/{owned.party_id}/").status_code == 403

    @needs_pdf
    @pytest.mark.parametrize("language", ["en", "fa"])
    def test_is_a_paper_in_both_languages(self, at_work, memo, owned, language):
        for one in (memo, owned):
            answer = at_work.get(f"/memo/{one.code}/memo.pdf", {"lang": language})
            assert answer.status_code == 200
            assert answer.content.startswith(b"%PDF")


class TestOwners:
    PIECE = {
        "tag": "M-7",
        "name": "Brooch",
        "category": "brooch",
        "metal": "gold",
        "fineness": "750",
        "net_weight_g": "۵٫۲۵",
        "gross_weight_g": "٥٫٢٥",
        "making_mode": "none",
        "terms": "fixed",
        "price": "۱۲۵۰",
    }

    def test_a_memo_is_begun_and_a_piece_comes_on_it(self, at_work, khalid, due):
        assert "Khalid" in text(at_work.get("/memo/in/new/", {"search": "khalid"}))
        sent = {
            "key": str(uuid4()), "party": str(khalid.pk), "due": str(due), "reason": "on approval",
        }  # fmt: skip
        answer = at_work.post("/memo/in/new/", sent, follow=True)
        assert "was begun" in text(answer)
        memo = Memo.objects.get()

        answer = at_work.post(f"/memo/{memo.code}/add/", self.PIECE, follow=True)

        assert "M-7 is in our care" in text(answer)
        piece = Piece.objects.get(tag="M-7")
        assert (piece.ownership, str(piece.cost)) == ("memo_in", "1250.0000")

    @pytest.mark.parametrize(
        ("more", "status", "said"),
        [
            ({"tag": "R-1"}, 409, "already on another piece"),
            ({"price": ""}, 422, "This is empty"),
            ({"terms": "percent", "percent": "101"}, 422, "up to 100"),
            ({"net_weight_g": "much"}, 422, "much"),
            ({"name": "\x00"}, 422, "field"),
        ],
    )
    def test_says_why_not(self, at_work, owned, more, status, said):
        answer = text(at_work.post(f"/memo/{owned.code}/add/", {**self.PIECE, **more}), status)

        assert said in answer or "summary" in answer
        assert not Piece.objects.filter(tag="M-7").exists()

    def test_goes_back_and_comes_again(self, at_work, owned):
        sent = {"key": str(uuid4()), "tag": ["M-1"], "tags": ""}
        answer = at_work.post(f"/memo/{owned.code}/back/", sent, follow=True)
        assert "1 piece went back to its owner" in text(answer)

        answer = at_work.post(
            f"/memo/{owned.code}/again/", {"again-tag": "m-1", "again-price": "650"}, follow=True
        )

        assert "M-1 is in our care again" in text(answer)

    def test_is_bought(self, at_work, owned):
        page = f"/memo/{owned.code}/buy/M-1/"
        assert "700.00" in text(at_work.get(page))
        sent = {"key": str(uuid4()), "price": "650", "reason": "nice"}

        assert "M-1 is ours now" in text(at_work.post(page, sent, follow=True))

    def test_the_statement_and_the_payment(self, at_work, owned, khalid, owner, now):
        sold("M-1", by=owner, at=now)
        assert "700.00" in text(at_work.get(f"/memo/owners/{khalid.pk}/"))
        page = f"/memo/owners/{khalid.pk}/pay/"
        sent = {"key": str(uuid4()), "transfer": "۳۰۰", "reason": "settled"}
        assert "Pay it out" in text(at_work.get(page))
        refused = at_work.post(page, {**sent, "transfer": "701"})
        assert "Pay no more than that" in text(refused, 409)

        answer = at_work.post(page, sent, follow=True)

        assert "1-MP000001" in text(answer)
        assert "400.00" in text(answer)
        at_work.post(page, sent)
        assert OwnerPayment.objects.count() == 1

    @needs_pdf
    def test_the_statement_is_a_paper(self, at_work, owned, khalid):
        answer = at_work.get(f"/memo/owners/{khalid.pk}/statement.pdf", {"lang": "fa"})

        assert answer.content.startswith(b"%PDF")


class TestHome:
    def test_names_what_is_overdue(self, at_work, shop, nadia, owner, now):
        memos.lent("R-1", to=nadia, by=owner, at=now, due=now.date())
        assert "is overdue" not in text(at_work.get("/"))

        Memo.objects.update(due=(now - timedelta(days=2)).date())

        assert "1 memo is overdue" in text(at_work.get("/")).replace(
            '<span class="n">1</span>', "1"
        )


class TestApi:
    def get(self, client, path, member):
        with shop_scope(member.shop_id):
            token = make.token(of=member)
        return client.get(f"/api/v1{path}", headers={"authorization": f"Bearer {token}"})

    def test_reads_memos(self, client, owner, shop, memo, owned):
        items = self.get(client, "/memos", owner).json()["items"]
        assert [(each["code"], each["pieces"]) for each in items] == [(memo.code, 2)]
        whole = self.get(client, f"/memos/{owned.code}", owner).json()
        assert [line["value"] for line in whole["lines"]] == ["700.00", "70.00"]
        clerk = make.member(of=shop, role="salesperson")
        hidden = self.get(client, f"/memos/{owned.code}", clerk).json()
        assert [line["value"] for line in hidden["lines"]] == [None, None]
        assert self.get(client, "/memos/1-MO999999", owner).status_code == 404
