"""The counter's doors: with script and without, refusals that stay, and who may come in."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.inventory.models import Piece
from apps.sales.models import OpenSale, OpenSaleLine, OpenSaleTender, Sale
from apps.shops import identity
from apps.shops.models import Branch, Member, Register, Role
from apps.shops.scope import shop_scope
from tests import make
from tests.lots import lots

TOTAL = Decimal("1057.98")  # tests/sales/test_sell.py
PART = {"HX-Request": "true"}


@pytest.fixture
def owner(shop):
    return make.member(of=shop)


@pytest.fixture
def stocked(shop, owner):
    """R-1 to R-3 in stock, and today's rate."""
    now = timezone.now()
    with shop_scope(shop.pk):
        make.rate(of=shop, at=now)
        for tag in ("R-1", "R-2", "R-3"):
            make.piece(by=owner, tag=tag, at=now)
    return shop


@pytest.fixture
def plain(client, stocked, owner):
    """The counter in a browser without script."""
    client.force_login(owner.user)
    return Page(client)


@pytest.fixture
def parts(stocked, owner):
    """The same in a browser with htmx."""
    client = Client(headers=PART)
    client.force_login(owner.user)
    return Page(client)


class Page:
    def __init__(self, client):
        self.client = client

    def get(self, door="counter", *args, **query):
        return self.client.get(reverse(f"sales:{door}", args=args), query)

    def post(self, door, *args, **data):
        return self.client.post(reverse(f"sales:{door}", args=args), data)

    def scan(self, tag, **more):
        return self.post("line-add", tag=tag, **more)

    def pay(self, amount, kind="cash", **more):
        return self.post("tender-add", amount=amount, kind=kind, **more)

    def finish(self, **but):
        return self.post("finish", **{**self.shown(), **but})

    def shown(self):
        """The hidden fields of Finish, as the page has them."""
        text = self.client.get(reverse("sales:counter")).content.decode()
        form = text[text.index('id="actions"') :]
        return {
            name: re.search(rf'name="{name}" value="([^"]*)"', form)[1]
            for name in ("idempotency_key", "pieces_seen", "total_seen")
        }


def text_of(answer):
    """What is read of an answer: no tags, single spaces."""
    plain = re.sub(r"<(script|template)\b.*?</\1>", " ", answer.content.decode(), flags=re.S)
    plain = re.sub(r"</?(?:bdi|span|b|strong)\b[^>]*>", "", plain)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", plain)).replace("&nbsp;", " ")


def inside(shop, read):
    with shop_scope(shop.pk):
        return read()


class TestWithoutScript:
    def test_a_whole_sale(self, plain, shop):
        for answer in (
            plain.scan("R-1"),
            plain.post("customer", name="Nadia Rahman", email="nadia@example.com"),
            plain.pay("500", "card"),
            plain.pay("600"),
        ):
            assert (answer.status_code, answer.url) == (302, "/counter/")
        shown = text_of(plain.get())
        assert "1 piece" in shown
        assert "Gold 22K 9.160 g fine × 100.00 916.00" in shown
        assert "Change 42.02" in shown

        answer = plain.finish()

        assert answer.url == "/counter/finished/1-000001/"
        done = text_of(plain.client.get(answer.url))
        assert "Sale 1-000001 is finished" in done
        assert "42.02" in done
        assert "The receipt goes to nadia@example.com." in done
        assert "0 pieces" in text_of(plain.get())
        sale = inside(shop, lambda: Sale.objects.get())
        assert (sale.total, sale.change) == (TOTAL, Decimal("42.02"))

    def test_a_refused_tag_is_on_the_page_that_answers(self, plain):
        plain.scan("R-1")

        answer = plain.scan("R1O482")

        assert answer.status_code == 404
        assert "R1O482 is no tag of this shop. Check the letter O and the digit 0." in text_of(
            answer
        )
        assert "1 piece" in text_of(answer)

    @pytest.mark.parametrize("typed", ["SP-1", "sp-1"])
    def test_a_lot_that_is_scanned_leads_to_weighing_a_part_off_it(self, plain, shop, owner, typed):
        inside(shop, lambda: lots.chain(by=owner, code="SP-1"))

        answer = plain.scan(typed)

        assert "SP-1 is a lot. Weigh the part that is sold." in text_of(answer)
        assert '"/counter/from-lot/?lot=SP-1"' in answer.content.decode()

    def test_a_line_goes_and_comes_back(self, plain, shop):
        plain.scan("R-1")
        line = inside(shop, lambda: OpenSaleLine.objects.get().pk)

        plain.post("line-remove", line)
        assert "R-1 removed." in text_of(plain.get())
        plain.post("line-restore", line)

        assert "R-1 removed." not in text_of(plain.get())

    def test_the_kind_of_payment_is_chosen_by_address(self, plain):
        plain.scan("R-1")

        assert "Take card" in text_of(plain.get(pay="card"))
        assert "Take cash" in text_of(plain.get(pay="gems"))

    def test_a_discount_is_a_page_and_a_form(self, plain, shop):
        plain.scan("R-1")
        line = inside(shop, lambda: OpenSaleLine.objects.get().pk)
        assert "Off what" in text_of(plain.get("line-discount", line))

        answer = plain.post(
            "line-discount", line, value="50", unit="percent", on="making", reason="regular"
        )

        assert answer.status_code == 302
        shown = text_of(plain.get())
        assert "Discount on making" in shown
        assert "1,009.89" in shown
        plain.post("line-discount-drop", line)
        assert "1,057.98" in text_of(plain.get())

    @pytest.mark.parametrize(
        ("typed", "says"),
        [
            ({"value": ""}, "Write how much is taken off."),
            ({"reason": ""}, "Write why the price is reduced."),
            ({"value": "abc"}, "abc is no number."),
            ({"value": "0"}, "Nothing is no discount."),
            ({"value": "101"}, "A discount is at most 100 percent."),
            ({"value": "5000", "unit": "amount"}, "not within the"),
            ({"value": "1.005", "unit": "amount"}, "1.005 has three decimals."),
            ({"on": "stones"}, "There is no charge for stones here to reduce."),
        ],
    )
    def test_a_discount_that_cannot_be_says_why(self, plain, shop, typed, says):
        plain.scan("R-1")
        line = inside(shop, lambda: OpenSaleLine.objects.get().pk)
        given = {"value": "5", "unit": "percent", "on": "line", "reason": "regular", **typed}

        answer = plain.post("line-discount", line, **given)

        assert answer.status_code == 422
        assert says in text_of(answer)
        assert inside(shop, lambda: OpenSaleLine.objects.get().discount_on) == ""

    def test_a_discount_on_all_pieces(self, plain, shop):
        plain.scan("R-1")
        plain.scan("R-2")

        plain.post("bill-discount", value="۱۰۰", unit="amount", on="line", reason="two of them")

        assert "Discount −100.00 is inside." in text_of(plain.get())

    @pytest.mark.parametrize(
        ("amount", "says"),
        [
            ("", "Write what was handed over."),
            ("ten", "ten is no number."),
            ("-5", "below zero"),
            ("0", "is no payment"),
            ("1.005", "1.005 has three decimals. This currency has two."),
            ("12345678901234567890", "longer than any amount here"),
            ("\x00", "Null characters are not allowed."),
        ],
    )
    def test_an_amount_that_cannot_be_keeps_what_was_typed(self, plain, shop, amount, says):
        plain.scan("R-1")

        answer = plain.pay(amount)

        assert answer.status_code == 422
        assert says in text_of(answer)
        assert not inside(shop, lambda: OpenSaleTender.objects.exists())

    def test_reads_amounts_in_persian_digits(self, plain, shop):
        plain.scan("R-1")

        plain.pay("۱٬۰۵۷٫۹۸")

        assert inside(shop, lambda: OpenSaleTender.objects.get().amount) == TOTAL

    def test_an_address_that_is_none(self, plain):
        answer = plain.post("customer", name="N", email="nadia at home")

        assert answer.status_code == 422
        assert "Write the address as name@example.com." in text_of(answer)

    def test_finishing_too_early(self, plain):
        plain.scan("R-1")

        answer = plain.finish()

        assert answer.status_code == 422
        assert "1,057.98 AED is left to pay" in text_of(answer)

    def test_finishing_nothing(self, plain):
        answer = plain.finish()

        assert answer.status_code == 422
        assert "The bill has no piece on it." in text_of(answer)


class TestParts:
    def test_a_scan_answers_with_what_changed_and_the_high_tone(self, parts):
        answer = parts.scan("R-1")

        assert answer.status_code == 200
        assert answer.headers["HX-Reswap"] == "none"
        assert "piece-added" in answer.headers["HX-Trigger"]
        body = answer.content.decode()
        assert "<html" not in body
        for part in ("lines", "sums", "left", "pay-form", "actions", "paybar", "trouble"):
            assert re.search(rf'id="{part}"[^>]*hx-swap-oob="true"', body), part

    @pytest.mark.parametrize(
        ("tag", "status"), [("NOPE", 404), ("R-1", 409), ("💍", 404), ("x" * 60, 404)]
    )
    def test_a_refused_scan_is_a_row_that_stays_and_the_low_tone(self, parts, tag, status):
        parts.scan("R-1")

        answer = parts.scan(tag)

        assert answer.status_code == status
        assert answer.headers["HX-Retarget"] == "#refused"
        assert answer.headers["HX-Reswap"] == "afterbegin"
        assert "piece-refused" in answer.headers["HX-Trigger"]
        assert "data-dismiss" in answer.content.decode()

    def test_the_same_scan_sent_again_is_no_refusal(self, parts):
        first = parts.scan("R-1", idempotency_key="0")
        again = parts.scan("R-1", idempotency_key="0")

        assert (first.status_code, again.status_code) == (200, 200)

    def test_a_scan_after_a_line_that_no_table_can_hold(self, parts):
        assert parts.scan("R-1", idempotency_key="9" * 5000).status_code == 200

    def test_the_same_payment_sent_again_is_taken_once(self, parts, shop):
        parts.scan("R-1")

        parts.pay("500", idempotency_key="0")
        parts.pay("500", idempotency_key="0")

        assert inside(shop, lambda: OpenSaleTender.objects.count()) == 1

    def test_finish_answers_with_the_page_of_the_finished_sale(self, parts, plain):
        parts.scan("R-1")
        parts.pay(str(TOTAL))

        answer = parts.post("finish", **plain.shown())

        assert answer.status_code == 200
        assert answer.headers["HX-Replace-Url"] == "/counter/finished/1-000001/"
        assert "Sale 1-000001 is finished" in text_of(answer)

    def test_the_next_scan_starts_over_from_the_finished_page(self, parts):
        answer = parts.client.post(
            reverse("sales:line-add"), {"tag": "R-1"}, headers={"HX-Target": "main"}
        )

        assert answer.headers["HX-Replace-Url"] == "/counter/"
        assert 'id="lines"' in answer.content.decode()

    def test_a_refused_change_is_said_above_the_lines(self, parts):
        answer = parts.post("line-remove", 4711)

        assert answer.status_code == 404
        assert "This piece is no longer in the sale at this till." in text_of(answer)

    def test_the_discount_form_stands_in_its_line(self, parts, shop):
        parts.scan("R-1")
        line = inside(shop, lambda: OpenSaleLine.objects.get().pk)

        body = parts.get("line-discount", line).content.decode()

        assert "data-editing" in body
        assert "data-focus-form" in body


class TestFinishingOnce:
    def test_a_second_press_shows_the_same_sale(self, plain, shop):
        plain.scan("R-1")
        plain.pay(str(TOTAL))
        shown = plain.shown()

        first, second = plain.post("finish", **shown), plain.post("finish", **shown)

        assert first.url == second.url == "/counter/finished/1-000001/"
        assert inside(shop, lambda: Sale.objects.count()) == 1

    def test_a_rate_that_changed_meanwhile_is_kept_for_this_customer(self, plain, shop):
        plain.scan("R-1")
        plain.pay(str(TOTAL))
        shown = plain.shown()
        with shop_scope(shop.pk):
            make.rate(of=shop, amount="110", at=timezone.now())
        assert "Keep the quoted 100.00 or take 110.00." in text_of(plain.get())

        plain.post("finish", **shown)

        assert inside(shop, lambda: Sale.objects.get().total) == TOTAL

    def test_a_rate_that_was_taken_on_another_screen_sells_nothing(self, plain, shop):
        plain.scan("R-1")
        plain.pay(str(TOTAL))
        shown = plain.shown()
        with shop_scope(shop.pk):
            make.rate(of=shop, amount="110", at=timezone.now())
        plain.post("rates-take")

        answer = plain.post("finish", **shown)

        assert answer.status_code == 409
        read = text_of(answer)
        assert "The total was 1,057.98 and is now 1,163.78 AED. Nothing was sold." in read
        assert "Left to pay 105.80" in read
        assert inside(shop, lambda: Piece.objects.get(tag="R-1").state) == "in_stock"

    def test_two_tills_and_one_piece(self, plain, shop, owner):
        with shop_scope(shop.pk):
            second_till = Register.objects.create(
                branch=Branch.objects.get(), code="2", name="Till 2"
            )
        other = Client()
        other.force_login(owner.user)
        session = other.session
        session[identity.REGISTER_KEY] = second_till.pk
        session.save()
        second = Page(other)
        for one in (plain, second):
            one.scan("R-1")
            one.pay(str(TOTAL))
        shown = second.shown()
        plain.finish()

        answer = second.post("finish", **shown)

        assert answer.status_code == 409
        read = text_of(answer)
        assert "R-1 was sold" in read
        assert "on Till 1, bill 1-000001." in read
        assert "It is not in the total." in read

    def test_two_browsers_at_one_till_see_one_sale(self, plain, parts):
        plain.scan("R-1")

        assert "R-1" in text_of(parts.get())

    def test_the_outcome_is_asked_by_key(self, plain):
        plain.scan("R-1")
        plain.pay(str(TOTAL))
        shown = plain.shown()
        key = shown["idempotency_key"]
        assert plain.get("outcome", key=key).status_code == 404
        plain.post("finish", **shown)

        answer = plain.get("outcome", key=key)

        assert answer.status_code == 200
        assert "Sale 1-000001 is finished" in text_of(answer)
        assert plain.get("outcome", key="no key").status_code == 404

    def test_a_form_that_was_tampered_with(self, plain):
        plain.scan("R-1")

        assert plain.finish(idempotency_key="0").status_code == 409
        assert plain.finish(total_seen="NaN").status_code == 409
        assert plain.finish(pieces_seen="1.2.3").status_code == 409


class TestWhoMayComeIn:
    def test_a_session_that_expired_in_the_middle_finds_everything_again(self, plain, owner):
        plain.scan("R-1")
        plain.client.logout()

        away = plain.scan("R-2")
        assert away.url == "/accounts/login/?next=/"
        assert plain.get().url == "/accounts/login/?next=/counter/"
        plain.client.force_login(owner.user)

        assert "R-1" in text_of(plain.get())

    def test_htmx_is_led_to_the_sign_in_and_back(self, parts):
        parts.client.logout()

        answer = parts.client.post(
            reverse("sales:line-add"),
            {"tag": "R-1"},
            headers={"HX-Current-URL": "http://testserver/counter/"},
        )

        assert answer.headers["HX-Redirect"] == "/accounts/login/?next=/counter/"

    def test_a_member_who_was_taken_off_the_shop(self, stocked):
        leaving = make.member(of=stocked, role="salesperson")
        client = Client()
        client.force_login(leaving.user)
        with shop_scope(stocked.pk):
            Member.objects.filter(pk=leaving.pk).update(let_go_at=timezone.now())

        assert Page(client).get().status_code == 403
        refused = Page(client).scan("R-1")
        assert refused.status_code == 403
        assert "You are not a member of any shop. Ask the owner to add you." in text_of(refused)

    @pytest.mark.parametrize("role", Role.values)
    def test_everybody_of_the_shop_sells(self, stocked, role):
        client = Client()
        client.force_login(make.member(of=stocked, role=role).user)

        assert Page(client).get().status_code == 200

    def test_another_shops_tag_line_payment_and_sale(self, plain, shop):
        plain.scan("R-1")
        plain.pay("5")
        line, tender = inside(
            shop, lambda: (OpenSaleLine.objects.get().pk, OpenSaleTender.objects.get().pk)
        )
        strange = make.shop(name="Other")
        client = Client()
        client.force_login(make.member(of=strange).user)
        other = Page(client)

        assert other.scan("R-1").status_code == 404
        assert other.post("line-remove", line).status_code == 404
        assert other.get("line-discount", line).status_code == 404
        assert other.post("tender-remove", tender).status_code == 404
        assert other.get("finished", "1-000001").status_code == 404
        assert inside(shop, lambda: OpenSaleTender.objects.count()) == 1

    @pytest.mark.parametrize("number", ["1-000009", "\x00", "💍"])
    def test_a_finished_sale_that_is_none(self, plain, number):
        assert plain.get("finished", number).status_code == 404

    def test_a_sale_of_another_till_is_finished_there(self, plain, stocked):
        with shop_scope(stocked.pk):
            till = Register.objects.create(branch=Branch.objects.get(), code="2", name="Till 2")
        plain.scan("R-1")
        plain.pay(str(TOTAL))
        plain.finish()
        plain.client.post(reverse("shops:choose-register"), {"register": till.pk})

        assert plain.get("finished", "1-000001").status_code == 404
        assert plain.get("receipt", "1-000001").status_code == 200

    def test_a_post_without_its_token(self, stocked, owner):
        client = Client(enforce_csrf_checks=True)
        client.force_login(owner.user)

        assert Page(client).scan("R-1").status_code == 403


class TestWhatIsNotShown:
    def test_cost_and_margin_are_nowhere_on_the_page(self, stocked, owner, plain):
        with shop_scope(stocked.pk):
            make.piece(by=owner, tag="C-1", cost=Decimal("437.19"), at=timezone.now())
        plain.scan("C-1")

        assert "437.19" not in plain.get().content.decode()

    def test_names_are_text_and_never_markup(self, stocked, owner, plain):
        with shop_scope(stocked.pk):
            make.piece(by=owner, tag="<b>X</b>", name="<script>x</script>", at=timezone.now())
        plain.scan("<b>X</b>")
        plain.post("customer", name="<img src=x>")

        body = plain.get().content.decode()
        assert "<script>x" not in body
        assert "<img src=x" not in body
        assert "<b>X" not in body


class TestFinishedSales:
    def test_lists_them_by_day_and_finds_one_by_number(self, plain):
        for tag in ("R-1", "R-2"):
            plain.scan(tag)
            plain.pay(str(TOTAL))
            plain.finish()

        listed = text_of(plain.get("sale-list"))
        assert "Today" in listed
        assert listed.index("1-000002") < listed.index("1-000001")
        found = text_of(plain.get("sale-list", search="000001"))
        assert "1-000001" in found
        assert "1-000002" not in found
        assert "No finished sale matches" in text_of(plain.get("sale-list", search="9-999"))

    def test_finds_a_bill_by_a_tag_that_was_on_it_and_by_its_day(self, plain):
        for tag in ("R-1", "R-2"):
            plain.scan(tag)
            plain.pay(str(TOTAL))
            plain.finish()

        by_tag = text_of(plain.get("sale-list", search="r-2"))
        assert "1-000002" in by_tag
        assert "1-000001" not in by_tag
        today = timezone.now().date().isoformat()
        assert "1-000001" in text_of(plain.get("sale-list", day=today))
        assert "1-000001" not in text_of(plain.get("sale-list", customer="987654"))
        assert "1-000001" in text_of(plain.get("sale-list", customer="nobody"))

    @pytest.mark.parametrize(
        ("role", "sees"),
        [("owner", True), ("manager", True), ("salesperson", False), ("cashier", False)],
    )
    def test_what_a_day_comes_to_is_for_those_in_charge(self, plain, stocked, role, sees):
        plain.scan("R-1")
        plain.pay(str(TOTAL))
        plain.finish()
        with shop_scope(stocked.pk):
            somebody = make.member(of=stocked, role=role)
        browser = Client()
        browser.force_login(somebody.user)

        listed = text_of(Page(browser).get("sale-list"))

        assert "1-000001" in listed
        assert ("Sold 1,057.98" in listed) is sees

    def test_a_day_without_a_sale_and_a_search_with_nonsense(self, plain):
        yesterday = (timezone.now() - timedelta(days=1)).date().isoformat()

        assert plain.get("sale-list", day=yesterday).status_code == 200
        assert plain.get("sale-list", day="soon", search="\x00' OR 1=1").status_code == 200

    def test_htmx_gets_the_rows_alone(self, parts):
        assert "<html" not in parts.get("sale-list").content.decode()


def test_a_scan_asks_the_database_as_often_for_many_lines_as_for_one(parts, stocked, owner):
    with shop_scope(stocked.pk):
        for number in range(8):
            make.piece(by=owner, tag=f"Q-{number}", at=timezone.now())
    parts.scan("Q-0")
    with CaptureQueriesContext(connection) as second:
        parts.scan("Q-1")
    for number in range(2, 7):
        parts.scan(f"Q-{number}")

    with CaptureQueriesContext(connection) as eighth:
        parts.scan("Q-7")

    assert len(eighth) == len(second) <= 30, [query["sql"] for query in eighth]
    assert inside(stocked, lambda: OpenSale.objects.count()) == 1
