"""The drawer's pages: what they do, who may, and what a count must never show."""

import re
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse

from apps.core.paper import pdf
from apps.inventory.models import Place
from apps.ledger import chart
from apps.shops.approvals import set_pin
from apps.shops.models import Member
from apps.shops.policies import policy
from apps.shops.scope import shop_scope
from apps.till.models import CashMove, TillCount, ZReport
from tests import make
from tests.sales.bills import needs_pdf, text_of
from tests.till import days

pytestmark = pytest.mark.django_db

# Figures of the day below that stand in no note, coin or field of any page.
TELLING = ("737.75", "737,75", "257.75", "342.25", "300.00", "120.00", "42.25", "613.37")


@pytest.fixture
def cashier(shop):
    return make.member(of=shop, role="cashier")


@pytest.fixture
def day(shop, owner):
    with shop_scope(shop.pk):
        days.opened(by=owner)
        days.paid("300", by=owner)
        days.paid("-42.25", by=owner, what="return", kind="R")
        days.paid("120", by=owner, account=chart.CARD)
        days.paid("613.37", by=owner, account=chart.BANK)
        days.moved("20", by=owner, out=True)
        Place.objects.create(branch=days.till().branch, name="Tray 7", kind="tray")


def sign_in(client, member):
    client.force_login(member.user)
    return client


def counts(**given):
    return {"key": str(uuid4()), "cash-AED-other": "", **given}


GOOD = {
    "cash-AED-500": "1",
    "cash-AED-100": "۲",
    "cash-AED-0_25": "3",
    "cash-AED-other": "37",
    "slip-card": "120",
    "slip-transfer": "613.37",
}


def send_good(client, **more):
    return client.post("/till/close/", counts(**{**GOOD, **more}), follow=True)


def sign_it(client, page, **given):
    fields = dict(re.findall(r'name="(key|count)" value="([^"]+)"', page.content.decode()))
    return client.post("/till/close/compare/", {**fields, **given}, follow=True)


class TestBlind:
    @pytest.mark.parametrize("role", ["cashier", "salesperson"])
    def test_no_page_of_a_clerk_tells_what_should_be_there(self, client, shop, day, role):
        clerk = sign_in(client, make.member(of=shop, role=role))
        for page in ("/till/", "/till/open/", "/till/cash/", "/till/close/", "/till/z/"):
            html = clerk.get(page).content.decode()
            assert "Till 1" in html
            assert not [figure for figure in TELLING if figure in html], page

    def test_the_count_itself_is_blind_for_everybody(self, client, day, owner):
        html = sign_in(client, owner).get("/till/close/").content.decode()
        assert not [figure for figure in TELLING if figure in html]
        assert "Tray 7" in html

    def test_a_clerk_sees_no_x_report_and_no_slip_of_others(self, client, day, cashier, shop):
        clerk = sign_in(client, cashier)
        with shop_scope(shop.pk):
            code = CashMove.objects.get(kind="out").code

        assert clerk.get("/till/x/").status_code == 403
        assert clerk.get(f"/till/cash/{code}/").status_code == 404
        token = {"Authorization": f"Bearer {make.token(of=cashier)}"}
        answer = clerk.get("/api/v1/till/x", headers=token)
        assert answer.status_code == 403
        assert answer.json()["error"] == "FiguresNotYours"

    def test_a_refused_count_is_blind_too(self, client, day, cashier):
        answer = sign_in(client, cashier).post("/till/close/", counts(**{"slip-card": "1,2"}))
        html = answer.content.decode()

        assert answer.status_code == 422
        assert "has a comma where no thousands are" in html
        assert not [figure for figure in TELLING if figure in html]

    def test_a_stale_count_does_not_tell_either(self, client, day, cashier, owner, shop):
        clerk = sign_in(client, cashier)
        send_good(clerk)
        with shop_scope(shop.pk):
            number = days.paid("1", by=owner)
        html = clerk.get("/till/close/compare/").content.decode()

        assert "1 document came after this count." in html
        assert number in html
        assert "738.75" not in html
        assert not [figure for figure in TELLING if figure in html]


class TestClose:
    def test_count_compare_sign(self, client, day, owner, shop):
        counting = sign_in(client, owner)
        page = send_good(counting, **{f"tray-{tray_of(shop)}": "0"})
        html = page.content.decode()

        assert page.redirect_chain[-1][0] == "/till/close/compare/"
        assert html.count("Agrees") == 4  # cash, card, transfer, the tray
        done = sign_it(counting, page)
        assert done.redirect_chain[-1][0] == "/till/z/1-Z000001/"
        with shop_scope(shop.pk):
            assert ZReport.objects.get().signed_by == owner
            assert days.balance(chart.CASH) == 0

    def test_the_words_of_a_difference(self, client, day, owner):
        html = send_good(sign_in(client, owner), **{"cash-AED-other": "24.75"}).content.decode()
        assert re.search(r"Short\s*<span class=\"n\">−12\.25</span>", html)
        assert "Something differs. Write the reason, then sign." in html

    def test_a_difference_without_a_reason_is_asked_for(self, client, day, owner, shop):
        counting = sign_in(client, owner)
        page = send_good(counting, **{"cash-AED-other": "24.75"})
        refused = sign_it(counting, page)
        assert refused.status_code == 422
        assert "There is no reason. Write why." in refused.content.decode()

        done = sign_it(counting, page, reason="Change given twice")
        assert "Change given twice" in done.content.decode()

    def test_a_tray_nobody_looked_into_is_named(self, client, day, owner):
        page = send_good(sign_in(client, owner))
        assert "Not counted: Tray 7." in page.content.decode()

    def test_a_tray_that_lacks_a_piece_wants_a_reason(self, client, shop, owner, day):
        with shop_scope(shop.pk):
            make.piece(by=owner, place=Place.objects.get())
        counting = sign_in(client, owner)
        page = send_good(counting, **{f"tray-{tray_of(shop)}": "0"})

        assert "Something differs" in page.content.decode()
        assert sign_it(counting, page).status_code == 422
        done = sign_it(counting, page, reason="At the engraver's")
        assert done.redirect_chain[-1][0] == "/till/z/1-Z000001/"

    def test_a_close_goes_on_in_another_browser_by_another_person(
        self, client, django_client_class, day, owner, cashier
    ):
        send_good(sign_in(client, cashier))
        other = sign_in(django_client_class(), owner)
        assert "Go on with the close" in other.get("/till/").content.decode()

        done = sign_it(other, other.get("/till/close/compare/"))
        assert done.redirect_chain[-1][0] == "/till/z/1-Z000001/"
        assert client.get("/till/close/compare/").status_code == 409

    def test_a_double_click_signs_once(self, client, day, owner):
        counting = sign_in(client, owner)
        page = send_good(counting)
        first, second = sign_it(counting, page), sign_it(counting, page)
        assert first.redirect_chain == second.redirect_chain

    def test_a_clerk_closes_with_a_second_person(self, client, day, owner, cashier, shop):
        set_pin(member=owner, pin="4812")
        clerk = sign_in(client, cashier)
        page = send_good(clerk, **{"cash-AED-other": "24.75"})
        assert "A second person must approve this" in page.content.decode()
        assert sign_it(clerk, page, reason="Gone").status_code == 409
        wrong = sign_it(clerk, page, reason="Gone", approver=str(owner.user), pin="0000")
        assert wrong.status_code == 403
        done = sign_it(clerk, page, reason="Gone", approver=str(owner.user), pin="4812")
        assert done.redirect_chain[-1][0] == "/till/z/1-Z000001/"

    def test_a_wrong_pin_is_counted_though_nothing_is_signed(
        self, client, django_client_class, day, owner, cashier, shop
    ):
        set_pin(member=owner, pin="4812")
        clerk = sign_in(client, cashier)
        page = send_good(clerk, **{"cash-AED-other": "24.75"})
        sign_it(clerk, page, reason="Gone", approver=str(owner.user), pin="0000")
        assert Member.objects.get(pk=owner.pk).pin_failures == 1

    @pytest.mark.parametrize(
        "given",
        [
            {"cash-AED-500": "1.5"},
            {"cash-AED-500": "-1"},
            {"cash-AED-500": "many"},
            {"cash-AED-500": "9" * 30},
            {"cash-AED-other": "0.001"},
            {"bag-gold": "1.2345"},
            {"key": "no key"},
        ],
    )
    def test_what_cannot_be_read_is_said_at_its_field(self, client, day, owner, shop, given):
        answer = sign_in(client, owner).post("/till/close/", counts(**given))
        assert answer.status_code == 422
        with shop_scope(shop.pk):
            assert not TillCount.objects.filter(kind="closing").exists()

    def test_a_closed_till_is_not_counted(self, client, owner):
        assert sign_in(client, owner).get("/till/close/").status_code == 409


def tray_of(shop):
    with shop_scope(shop.pk):
        return Place.objects.get(name="Tray 7").pk


class TestOpen:
    def test_opens_with_what_was_counted(self, client, owner, shop):
        given = counts(**{"cash-AED-100": "4", "cash-AED-other": "12.50"})
        page = sign_in(client, owner).post("/till/open/", given, follow=True)

        assert "Till 1 is open" in page.content.decode()
        with shop_scope(shop.pk):
            assert days.balance(chart.CASH) == Decimal("412.50")

    def test_an_open_till_says_so(self, client, day, owner):
        sign_in(client, owner)
        assert "Till 1 is open already." in client.get("/till/open/").content.decode()
        answer = client.post("/till/open/", counts())
        assert answer.status_code == 409


class TestCash:
    def test_a_slip_is_written_and_shown(self, client, day, owner, shop):
        given = {
            "key": str(uuid4()),
            "kind": "out",
            "place": "expense",
            "currency": "AED",
            "amount": "۱۲٫۵۰",
            "reason": "Tea & <b>sugar</b>",
        }
        page = sign_in(client, owner).post("/till/cash/", given, follow=True)
        html = page.content.decode()

        assert page.redirect_chain[-1][0] == "/till/cash/1-M000003/"
        assert "12.50" in html
        assert "Tea &amp; &lt;b&gt;sugar&lt;/b&gt;" in html
        again = client.post("/till/cash/", given, follow=True)
        assert again.redirect_chain == page.redirect_chain

    @pytest.mark.parametrize("amount", ["", "0", "-1", "1.234", "NaN", "99999999999999999"])
    def test_an_amount_that_is_none_is_refused(self, client, day, owner, shop, amount):
        given = {
            "key": str(uuid4()),
            "kind": "in",
            "place": "safe",
            "currency": "AED",
            "amount": amount,
            "reason": "x",
        }
        answer = sign_in(client, owner).post("/till/cash/", given)
        assert answer.status_code == 422
        with shop_scope(shop.pk):
            assert not CashMove.objects.filter(kind="in").exists()

    @needs_pdf
    def test_a_slip_is_printed_on_the_roll(self, client, day, owner):
        answer = sign_in(client, owner).get("/till/cash/1-M000002/slip.pdf")
        text = text_of(answer.content)
        for word in ("Cash slip 1-M000002", "Cash out", "20.00", "The safe", "change"):
            assert word in text, word

    def test_a_clerk_prints_no_slip_of_others(self, client, day, cashier):
        assert sign_in(client, cashier).get("/till/cash/1-M000002/slip.pdf").status_code == 404

    @pytest.mark.parametrize("code", ["1-M999999", "x", "1%00"])
    def test_an_unknown_slip_is_a_404(self, client, day, owner, code):
        assert sign_in(client, owner).get(f"/till/cash/{code}/").status_code == 404


class TestReports:
    def test_x_is_the_shift_as_it_stands(self, client, day, owner):
        html = sign_in(client, owner).get("/till/x/").content.decode()
        for figure in ("737.75", "120.00", "613.37", "1-M000002"):
            assert figure in html
        assert client.get("/till/").content.decode().count("737.75") == 0

    def test_x_of_the_api(self, client, day, owner):
        token = {"Authorization": f"Bearer {make.token(of=owner)}"}
        told = client.get("/api/v1/till/x", headers=token).json()

        assert told["report"]["cash"][0]["expected"] == "737.75"
        assert told["report"]["documents"] == {"sale": 3, "return": 1}
        missing = client.get("/api/v1/till/x?till=9", headers=token)
        assert (missing.status_code, missing.json()["error"]) == (404, "RegisterNotFound")

    def test_a_z_is_found_by_number_and_read_by_clerks(self, client, day, owner, cashier, shop):
        closed(shop, owner)
        clerk = sign_in(client, cashier)
        assert "1-Z000001" in clerk.get("/till/z/?search=Z000001").content.decode()
        assert "matches" in clerk.get("/till/z/?search=Z7").content.decode()
        html = clerk.get("/till/z/1-Z000001/").content.decode()
        assert "737.75" in html
        assert "Correct this close" not in html
        assert clerk.post("/till/z/1-Z000001/correct/").status_code == 403

    def test_a_z_of_the_api(self, client, day, owner, cashier, shop):
        closed(shop, owner)
        token = {"Authorization": f"Bearer {make.token(of=cashier)}"}
        told = client.get("/api/v1/till/z/1-Z000001", headers=token).json()

        assert (told["number"], told["lines"][0]["difference"]) == ("1-Z000001", "0.00")
        missing = client.get("/api/v1/till/z/1-Z000009", headers=token)
        assert missing.json()["error"] == "ZNotFound"

    @pytest.mark.parametrize("code", ["1-Z000009", "x", "1%00"])
    def test_an_unknown_z_is_a_404(self, client, owner, code):
        assert sign_in(client, owner).get(f"/till/z/{code}/").status_code == 404

    def test_another_shops_z_is_a_404(self, client, day, owner, shop):
        closed(shop, owner)
        stranger = sign_in(client, make.member(of=make.shop()))
        assert stranger.get("/till/z/1-Z000001/").status_code == 404
        assert stranger.get("/till/z/1-Z000001/report.pdf").status_code == 404

    def test_a_correction_stands_on_the_z(self, client, day, owner, shop):
        closed(shop, owner)
        given = {
            "key": str(uuid4()),
            "direction": "less",
            "currency": "AED",
            "amount": "5",
            "reason": "A note was false",
        }
        page = sign_in(client, owner).post("/till/z/1-Z000001/correct/", given, follow=True)
        html = page.content.decode()
        assert "1-K000001" in html
        assert "A note was false" in html
        with shop_scope(shop.pk):
            assert days.balance(chart.OVER_SHORT) == 5
        assert client.get("/till/z/1-K000001/").headers["Location"] == "/till/z/1-Z000001/"
        bad = client.post("/till/z/1-Z000001/correct/", {**given, "amount": "0"})
        assert bad.status_code == 422

    @needs_pdf
    @pytest.mark.parametrize("paper", ["a4", "80"])
    def test_a_z_is_printed(self, client, day, owner, shop, paper):
        closed(shop, owner)
        answer = sign_in(client, owner).get(f"/till/z/1-Z000001/report.pdf?paper={paper}")
        text = text_of(answer.content)

        assert answer["Content-Type"] == "application/pdf"
        for word in ("Z report", "1-Z000001", "737.75", "613.37", "Pieces sold", "Agrees"):
            assert word in text, word

    def test_paper_of_another_size_is_a_404(self, client, day, owner, shop):
        closed(shop, owner)
        assert (
            sign_in(client, owner).get("/till/z/1-Z000001/report.pdf?paper=a5").status_code == 404
        )

    def test_without_the_libraries_the_page_says_so(self, client, day, owner, shop, monkeypatch):
        def no_pango(name):
            raise OSError("cannot load library")

        monkeypatch.setattr(pdf, "import_module", no_pango)
        closed(shop, owner)
        assert pdf.COMMAND in sign_in(client, owner).get("/till/z/1-Z000001/").content.decode()


def closed(shop, owner):
    with shop_scope(shop.pk):
        days.sent(days.counted("737.75", card="120", transfer="613.37"), by=owner)
        return days.signed(by=owner)


class TestRules:
    def test_the_owner_sets_them(self, client, owner, shop):
        given = {"open_first": "on", "currencies": "usd, eur"}
        sign_in(client, owner).post(reverse("till:policy"), given)
        with shop_scope(shop.pk):
            assert policy("till", at=make.NOON.replace(year=2099)) == {
                "open_first": True,
                "currencies": ["AED", "USD", "EUR"],
            }

    def test_what_is_no_currency_is_said(self, client, owner):
        answer = sign_in(client, owner).post(reverse("till:policy"), {"currencies": "XAU"})
        assert answer.status_code == 422
        assert "XAU is no currency here" in answer.content.decode()

    @pytest.mark.parametrize("role", ["manager", "cashier"])
    def test_nobody_else_does(self, client, shop, role):
        clerk = sign_in(client, make.member(of=shop, role=role))
        assert clerk.get(reverse("till:policy")).status_code == 403
