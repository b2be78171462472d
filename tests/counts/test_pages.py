"""Pages of the counts: works · wrong role · another shop · batches of scans · misuse."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.counts.models import CountScan, StockCount
from apps.inventory.models import Piece
from apps.shops.models import Member
from apps.shops.scope import shop_scope
from tests import make
from tests.counts import counts
from tests.lots import lots

LIST, NEW = "/stock/counts/", "/stock/counts/new/"
KEY = "6f2b8d52-6f0c-4a4e-9a3f-2f9d0f2b7c11"


@pytest.fixture
def tray(shop, owner):
    with shop_scope(shop.pk):
        tray = counts.tray()
        counts.pieces("A-1", "A-2", "A-3", by=owner, place=tray)
        return tray


@pytest.fixture
def signed_in(client, owner):
    client.force_login(owner.user)
    return client


@pytest.fixture
def sheet(shop, owner, tray):
    """Tray 1 in the owner's hand, in count K000001."""
    with shop_scope(shop.pk):
        return counts.begun(counts.count(tray, by=owner), by=owner)


def at(sheet, end=""):
    return f"/stock/counts/K000001/trays/{sheet.pk}/{end}"


def text(response, status=200):
    assert response.status_code == status, response.content.decode()[:3000]
    return response.content.decode()


def batch(client, sheet, *tags, start=1, **given):
    scans = [{"client": "c1", "seq": start + n, "tag": tag} for n, tag in enumerate(tags)]
    body = given.get("body", json.dumps({"scans": scans}))
    return client.post(at(sheet, "scans/"), body, content_type="application/json")


class TestNew:
    def test_begins_a_count_and_says_what_is_counted_already(self, signed_in, shop, tray):
        assert "Tray 1" in text(signed_in.get(NEW))

        sent = {"key": KEY, "places": [tray.pk], "blind": "on", "note": "Monday"}
        first = signed_in.post(NEW, sent)
        again = signed_in.post(NEW, sent)

        assert first["Location"] == "/stock/counts/K000001/"
        assert again.status_code == 422  # the tray is no choice any more
        page = text(signed_in.get("/stock/counts/k۰۰۰۰۰۱/", follow=True))
        assert "Monday" in page
        assert "K000001" in text(signed_in.get(LIST))
        assert "Every place is being counted" in text(signed_in.get(NEW))

    @pytest.mark.parametrize("places", [[], ["0"], ["x"], ["99999999999999999999"]])
    def test_refuses_no_place_and_a_place_that_is_none(self, signed_in, shop, tray, places):
        answer = text(signed_in.post(NEW, {"key": KEY, "places": places}), 422)

        assert "No tray was chosen" in answer
        with shop_scope(shop.pk):
            assert not StockCount.objects.exists()


class TestFromTheStock:
    def test_a_place_leads_to_its_count_or_to_beginning_one(self, signed_in, shop, owner, tray):
        begin = f"/stock/counts/new/?place={tray.pk}"
        assert signed_in.get(LIST, {"place": tray.pk})["Location"] == begin
        assert signed_in.get(LIST, {"tag": ["A-1", "A-2", "Z"]})["Location"] == begin
        assert f'value="{tray.pk}" checked' in text(signed_in.get(begin))
        text(signed_in.get(LIST, {"place": "x", "tag": "\x00"}))

        with shop_scope(shop.pk):
            sheet = counts.count(tray, by=owner).sheets.get()

        assert signed_in.get(LIST, {"place": tray.pk})["Location"] == at(sheet)


class TestScans:
    def test_answers_each_and_how_far_the_tray_is(self, signed_in, sheet):
        answer = batch(signed_in, sheet, "A-1", "Z-9", "A-1").json()

        assert [each["verdict"] for each in answer["acknowledged"]] == ["seen", "unknown", "again"]
        assert [each["seq"] for each in answer["acknowledged"]] == [1, 2, 3]
        assert (answer["seen"], answer["expected"], answer["unknown"]) == (1, 3, 1)

    def test_sent_again_is_the_same(self, signed_in, shop, sheet):
        first = batch(signed_in, sheet, "A-1", "A-2").json()

        assert batch(signed_in, sheet, "A-1", "A-2").json() == first

    def test_costs_the_same_queries_for_one_tag_and_for_a_hundred(self, signed_in, sheet):
        batch(signed_in, sheet, "A-1")
        with CaptureQueriesContext(connection) as one:
            batch(signed_in, sheet, "A-2", start=2)
        with CaptureQueriesContext(connection) as many:
            batch(signed_in, sheet, *[f"N-{n}" for n in range(100)], "A-3", start=3)

        assert len(many) <= len(one) + 1  # the codes of lots are asked for where a tag is unknown

    def test_a_blind_count_tells_nothing_of_what_is_expected(self, signed_in, shop, owner, tray):
        with shop_scope(shop.pk):
            sheet = counts.begun(counts.count(tray, by=owner, blind=True), by=owner)

        answer = batch(signed_in, sheet, "A-1").json()
        page = text(signed_in.get(at(sheet)))

        assert "expected" not in answer
        assert "data-expected" not in page
        assert "data-scanned" in page

    @pytest.mark.parametrize(
        "body",
        [
            "{", "[]", "null", '{"scans": 7}', '{"scans": ["A-1"]}',
            '{"scans": [{"tag": "A"}]}',
            '{"scans": [{"client": "c", "seq": -1, "tag": "A-1"}]}',
            '{"scans": [{"client": "c", "seq": true, "tag": "A-1"}]}',
            '{"scans": [{"client": "c", "seq": 1e99, "tag": "A-1"}]}',
            '{"scans": [{"client": "\\u0000", "seq": 1, "tag": "A-1"}]}',
            '{"scans": [{"client": "c", "seq": 1, "tag": 7}]}',
            json.dumps({"scans": [{"client": "c", "seq": n, "tag": "A"} for n in range(501)]}),
            "[" * 100_000,
        ],
        ids=range(13),
    )  # fmt: skip
    def test_refuses_what_is_no_batch(self, signed_in, shop, sheet, body):
        answer = batch(signed_in, sheet, body=body)

        assert answer.status_code == 422
        assert "did not come through" in answer.json()["detail"]
        with shop_scope(shop.pk):
            assert not CountScan.objects.exists()

    def test_a_long_scan_is_told_and_not_taken(self, signed_in, shop, sheet):
        answer = batch(signed_in, sheet, "x" * 300, "\x00", "😀\u202e").json()

        verdicts = [each["verdict"] for each in answer["acknowledged"]]
        assert verdicts == ["unreadable"] * 3
        with shop_scope(shop.pk):
            assert not CountScan.objects.exists()

    def test_somebody_elses_tray_is_a_sentence_as_json(self, client, shop, sheet):
        client.force_login(make.member(of=shop, role="salesperson").user)

        answer = batch(client, sheet, "A-1")

        assert answer.status_code == 409
        assert "counts Tray 1 since" in answer.json()["detail"]

    def test_works_without_script_one_tag_and_many(self, signed_in, shop, sheet):
        answer = signed_in.post(
            at(sheet, "scans/"), {"tags": "A-1\r\n A-۲ ,Z-9\n\nA-1"}, follow=True
        )

        page = text(answer)
        assert "2 tags were taken." in page
        assert "1 tag was read before." in page
        assert "Z-9 is no tag of this shop" in page
        assert "There is no tag" in text(signed_in.post(at(sheet, "scans/"), {"tags": " "}), 422)


class TestTray:
    def test_is_begun_joined_taken_over_and_finished(self, client, shop, owner, tray):
        with shop_scope(shop.pk):
            sheet = counts.count(tray, by=owner).sheets.get()
        first, second = (make.member(of=shop, role="salesperson") for _ in range(2))

        client.force_login(first.user)
        assert "Begin to count it" in text(client.get(at(sheet)))
        client.post(at(sheet, "take/"))
        assert "data-count" in text(client.get(at(sheet)))
        client.force_login(second.user)
        assert f"{first.user}</bdi> counts this tray" in text(client.get(at(sheet)))
        assert "Count with them" in text(client.post(at(sheet, "take/"), {"way": "x"}), 409)
        assert client.post(at(sheet, "take/"), {"way": "over"}).status_code == 302
        text(client.post(at(sheet, "scans/"), {"tags": "A-1"}), 302)
        client.force_login(first.user)
        assert "Take it over" in text(client.post(at(sheet, "finish/")), 409)
        client.force_login(second.user)
        assert "is counted." in text(client.post(at(sheet, "finish/"), follow=True))
        assert "is counted already" in text(client.post(at(sheet, "scans/"), {"tags": "A-2"}), 409)

    def test_unknown_tags_stay_in_sight(self, signed_in, sheet):
        batch(signed_in, sheet, "<b>Z</b>", *[f"A-{n}" for n in (1, 2, 3)])

        page = text(signed_in.get(at(sheet)))

        aside = re.search(r"data-aside>(.*?)</ul>", page, re.DOTALL)[1]
        assert "&lt;b&gt;Z&lt;/b&gt;" in aside
        assert "A-1" not in aside

    def test_weighs_its_lots(self, signed_in, shop, owner, tray, sheet):
        with shop_scope(shop.pk):
            lot = lots.filled(lots.chain(by=owner, place=tray), by=owner, grams="100")
            other = lots.filled(lots.chain(by=owner, code="CH2"), by=owner, grams="1")
        url = at(sheet, f"weigh/{lot.pk}/")

        assert "are not weighed" in text(signed_in.post(at(sheet, "finish/")), 409)
        text(signed_in.post(url, {f"lot{lot.pk}-weight": ""}), 422)
        text(signed_in.post(url, {f"lot{lot.pk}-weight": "-4"}), 422)
        elsewhere = {f"lot{other.pk}-weight": "1"}
        text(signed_in.post(at(sheet, f"weigh/{other.pk}/"), elsewhere), 409)
        text(signed_in.post(at(sheet, "weigh/999999/"), elsewhere), 404)
        page = text(signed_in.post(url, {f"lot{lot.pk}-weight": "۹۹٫۵"}, follow=True))
        assert "CH1 was weighed." in page
        text(signed_in.post(at(sheet, "finish/")), 302)

    def test_of_another_shop_or_another_count_is_none(self, client, shop, owner, sheet):
        client.force_login(make.member(of=make.shop()).user)

        text(client.get(at(sheet)), 404)
        assert batch(client, sheet, "A-1").status_code == 404
        for address in ("/stock/counts/K000002/", "/stock/counts/x/", "/stock/counts/K٠/"):
            text(client.get(address), 404)
        client.force_login(owner.user)
        text(client.get("/stock/counts/K000001/trays/999999/"), 404)


class TestApproval:
    @pytest.fixture
    def counted(self, shop, owner, tray):
        with shop_scope(shop.pk):
            count = counts.count(tray, by=owner)
            counts.counted(count, tray, "A-1", "Z-9", by=owner)
            return count

    def test_settles_by_the_form(self, signed_in, shop, counted):
        url = "/stock/counts/K000001/approve/"
        page = text(signed_in.get(url))
        fields = re.findall(r'name="(piece-\d+)"', page)
        assert len(fields) == 2
        assert "Z-9" in page
        sent = {"key": KEY, "all_missing": "look_for", fields[0]: "write_off", fields[1]: ""}

        assert "Write why" in text(signed_in.post(url, {**sent, "reason": " "}), 422)
        done = signed_in.post(url, {**sent, "reason": "Lost at the fair."})
        twice = signed_in.post(url, {**sent, "reason": "Lost at the fair."})

        assert (done.status_code, twice.status_code) == (302, 302)
        with shop_scope(shop.pk):
            states = dict(Piece.objects.values_list("tag", "state"))
            assert states == {"A-1": "in_stock", "A-2": "lost", "A-3": "in_stock"}
        page = text(signed_in.get("/stock/counts/K000001/"))
        assert "Lost at the fair." in page
        assert "to be looked for" in page
        found = {"tag": "A-2", "place": _place(shop)}
        assert "A-2 is in Tray 1." in text(
            signed_in.post("/stock/counts/K000001/found/", found, follow=True)
        )

    def test_is_for_who_may_approve_counts(self, client, shop, counted):
        client.force_login(make.member(of=shop, role="salesperson").user)

        assert "does not allow it" in text(client.get("/stock/counts/K000001/approve/"), 403)
        page = text(client.get("/stock/counts/K000001/"))
        assert "Settle and approve" not in page

    def test_a_role_that_was_taken_away_meanwhile_approves_no_more(self, client, shop, counted):
        manager = make.member(of=shop, role="manager")
        client.force_login(manager.user)
        url = "/stock/counts/K000001/approve/"
        text(client.get(url))
        Member.objects.filter(pk=manager.pk).update(role="cashier")

        text(client.post(url, {"key": KEY, "reason": "Lost.", "all_missing": "write_off"}), 403)

        with shop_scope(shop.pk):
            assert StockCount.objects.get().state == "counting"

    def test_is_refused_while_a_tray_is_open_and_after_it_was_given_up(
        self, signed_in, shop, sheet
    ):
        url = "/stock/counts/K000001/approve/"
        assert "Not counted yet: Tray 1" in text(
            signed_in.post(url, {"key": KEY, "reason": "x"}), 409
        )
        text(signed_in.post("/stock/counts/K000001/cancel/"), 302)
        text(signed_in.get(url), 409)
        text(signed_in.post("/stock/counts/K000001/cancel/"), 409)

    def test_is_given_up_by_who_began_it_or_who_is_in_charge(self, client, shop, sheet):
        client.force_login(make.member(of=shop, role="cashier").user)

        text(client.post("/stock/counts/K000001/cancel/"), 403)

    def test_draws_the_paper(self, signed_in, counted):
        answer = signed_in.get("/stock/counts/K000001.pdf")

        assert answer.status_code in (200, 503)
        assert answer.status_code == 503 or answer.content.startswith(b"%PDF")


def _place(shop):
    with shop_scope(shop.pk):
        return Piece.objects.get(tag="A-1").place_id
