"""Selling a part of a lot at the counter: the page, who may, what is refused, two at once."""

import html
import re
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.core.errors import Refusal
from apps.inventory.models import Piece, PieceState
from apps.lots.models import Lot, LotMove
from apps.sales.models import OpenSale, OpenSaleLine, Sale
from apps.sales.services.from_lot import LotElsewhere, sell_from_lot
from apps.shops.models import Branch, Register, Role
from apps.shops.scope import shop_scope
from tests import make
from tests.inventory import stock
from tests.lots import lots
from tests.sales.test_counter_pages import Page

PAGE = "/counter/from-lot/"
COUNTER = "/counter/"
# 4 g of 18K at 100 a fine gram and 5 of making a gram: 320, and VAT 5 %.
FOUR_GRAMS = Decimal("336.00")


@pytest.fixture
def filled(shop, owner):
    """CH1, 10 g of chain for 1000, and ML1, 20 diamonds of 1.25 ct for 500."""
    with shop_scope(shop.pk):
        make.rate(of=shop, at=timezone.now())
        lots.filled(lots.chain(by=owner), by=owner, grams="10", cost="1000")
        lots.filled(lots.melee(by=owner), by=owner, pieces=20, carats="1.25", cost="500")
    return shop


@pytest.fixture
def cashier(client, filled):
    client.force_login(make.member(of=filled, role=Role.CASHIER).user)
    return client


def page(client, **query):
    answer = client.get(PAGE, query)
    assert answer.status_code == 200
    return answer.content.decode()


def sell(client, *, key="", **given):
    """The form as the page has it, filled in."""
    key = key or re.search(r'name="key" value="([^"]+)"', page(client))[1]
    return client.post(PAGE, {"lot": "CH1", "grams": "4", **given, "key": key})


def said(answer, status=422):
    assert answer.status_code == status, answer.content.decode()[:2000]
    return html.unescape(re.sub(r"\s+", " ", answer.content.decode()))


def nothing_left(shop):
    """Whether neither the lots nor the counter changed."""
    with shop_scope(shop.pk):
        return not (LotMove.objects.filter(kind="drawn").exists() or OpenSaleLine.objects.exists())


class TestSelling:
    def test_a_part_goes_on_the_sale_and_is_sold(self, cashier, filled):
        answer = sell(cashier)

        assert (answer.status_code, answer.url) == (302, COUNTER)
        counter = Page(cashier)
        counter.pay(str(FOUR_GRAMS))
        assert counter.finish().status_code == 302
        with shop_scope(filled.pk):
            sale, piece, lot = Sale.objects.get(), Piece.objects.get(), Lot.objects.get(code="CH1")
            assert (sale.total, piece.tag, piece.state) == (FOUR_GRAMS, "CH1-1", PieceState.SOLD)
            assert (lot.grams, lot.cost, piece.cost) == (Decimal(6), Decimal(600), Decimal(400))

    @pytest.mark.parametrize("weight", ["۲٫۵", "٢٫٥", "2.5", " 2.500 "])
    def test_weights_are_read_as_people_type_them(self, cashier, filled, weight):
        assert sell(cashier, grams=weight).status_code == 302
        with shop_scope(filled.pk):
            assert Lot.objects.get(code="CH1").grams == Decimal("7.5")

    def test_stones_are_weighed_to_their_last_decimal(self, cashier, filled):
        """A parcel is kept to 0.00001 ct: what it holds can be sold to the last of it."""
        sold = sell(cashier, lot="ML1", grams="", pieces="۲", carats="0.12345")

        assert sold.status_code == 302
        with shop_scope(filled.pk):
            lot = Lot.objects.get(code="ML1")
            assert (lot.pieces, lot.carats) == (18, Decimal("1.12655"))

    def test_a_form_sent_twice_draws_once(self, cashier, filled):
        key = str(uuid4())
        assert [sell(cashier, key=key).url for _ in range(2)] == [COUNTER, COUNTER]

        with shop_scope(filled.pk):
            assert Lot.objects.get(code="CH1").grams == 6
            assert OpenSaleLine.objects.get().piece.tag == "CH1-1"

    def test_the_same_form_after_the_sale_draws_nothing(self, cashier, filled):
        key = str(uuid4())
        sell(cashier, key=key)
        counter = Page(cashier)
        counter.pay(str(FOUR_GRAMS))
        counter.finish()

        assert "CH1-1" in said(sell(cashier, key=key), 409)
        with shop_scope(filled.pk):
            assert Lot.objects.get(code="CH1").grams == 6

    def test_a_held_sale_keeps_its_part_and_is_finished_after(self, cashier, filled):
        sell(cashier)
        counter = Page(cashier)
        with shop_scope(filled.pk):
            held = OpenSale.objects.get()
        counter.post("hold", idempotency_key=held.key)
        assert sell(cashier, grams="1").status_code == 302
        counter.post("held-resume", held.pk)

        assert "CH1-1" in counter.get().content.decode()
        counter.pay(str(FOUR_GRAMS))
        assert counter.finish().status_code == 302
        with shop_scope(filled.pk):
            assert Sale.objects.get().total == FOUR_GRAMS
            assert Piece.objects.get(tag="CH1-2").state == PieceState.IN_STOCK
            assert Lot.objects.get(code="CH1").grams == 5

    def test_the_lot_that_was_scanned_is_chosen(self, cashier):
        assert re.search(r'<option value="ML1"\s+selected', page(cashier, lot="ML1"))


class TestRefusals:
    @pytest.mark.parametrize(
        ("given", "status", "sentence"),
        [
            ({"grams": "10.001"}, 409, "CH1 holds 10"),
            ({"grams": ""}, 422, "The weight is missing. Weigh the part."),
            ({"grams": "0"}, 422, "The weight is missing. Weigh the part."),
            ({"grams": "-4"}, 422, "-4"),
            ({"grams": "4.0001"}, 422, "4.0001"),
            ({"grams": "four"}, 422, "four"),
            ({"grams": "9" * 60}, 422, "999"),
            ({"pieces": "2"}, 422, "This lot counts weight alone"),
            ({"pieces": "-1"}, 422, "greater than or equal to 1"),
            ({"carats": "1"}, 422, "CH1 is weighed in grams"),
            ({"lot": ""}, 422, "That is no lot of this branch"),
            ({"lot": "CH9"}, 422, "That is no lot of this branch"),
            ({"lot": "C\x00"}, 422, "That is no lot of this branch"),
            ({"lot": "ML1", "grams": "", "carats": "1.3", "pieces": "2"}, 409, "ML1 holds 1.25"),
            ({"lot": "ML1", "grams": "", "carats": "1", "pieces": ""}, 422, "number of pieces"),
        ],
    )
    def test_what_cannot_be_weighed_off_changes_nothing(
        self, cashier, filled, given, status, sentence
    ):
        assert sentence in said(sell(cashier, **given), status)
        assert nothing_left(filled)

    def test_a_part_without_a_price_stays_in_its_lot(self, client, shop, owner):
        """No rate was set: what cannot be priced is not drawn either."""
        with shop_scope(shop.pk):
            lots.filled(lots.chain(by=owner), by=owner, grams="10", cost="1000")
        client.force_login(owner.user)

        assert "rate" in said(sell(client), 409)
        assert nothing_left(shop)

    def test_a_lot_of_another_branch_is_neither_offered_nor_sold(self, cashier, filled):
        with shop_scope(filled.pk):
            there = stock.place("Vault", branch=stock.second_branch())
            Lot.objects.filter(code="CH1").update(place=there)

        assert 'value="CH1"' not in page(cashier, lot="CH1")
        assert "That is no lot of this branch" in said(sell(cashier))
        assert nothing_left(filled)

    def test_a_lot_that_was_taken_elsewhere_meanwhile(self, filled, owner):
        with shop_scope(filled.pk):
            there = stock.place("Vault", branch=stock.second_branch())
            Lot.objects.filter(code="CH1").update(place=there)
            with pytest.raises(LotElsewhere, match="CH1 lies in another branch: Marina"):
                sell_part(owner, Register.objects.get(code="1"))
        assert nothing_left(filled)

    def test_a_lot_of_this_branch_is_sold(self, cashier, filled):
        with shop_scope(filled.pk):
            Lot.objects.update(place=stock.place("Drawer", branch=Branch.objects.get()))
        assert sell(cashier).status_code == 302


class TestWho:
    @pytest.mark.parametrize("role", Role.values)
    def test_everybody_of_the_shop_sells(self, client, filled, role):
        client.force_login(make.member(of=filled, role=role).user)
        assert sell(client).status_code == 302

    def test_strangers_sign_in_first(self, filled):
        answer = Client().post(PAGE, {"lot": "CH1", "grams": "4", "key": str(uuid4())})
        assert answer.url.startswith(reverse("account_login"))
        assert nothing_left(filled)

    def test_another_shop_has_no_such_lot(self, client, filled):
        client.force_login(make.member(of=make.shop(name="Zar")).user)
        assert 'value="CH1"' not in page(client, lot="CH1")
        answer = client.post(PAGE, {"lot": "CH1", "grams": "4", "key": str(uuid4())})
        assert "No lot has anything in it." in said(answer)
        assert nothing_left(filled)

    def test_a_form_from_elsewhere_is_refused(self, filled, owner):
        client = Client(enforce_csrf_checks=True)
        client.force_login(owner.user)
        answer = client.post(PAGE, {"lot": "CH1", "grams": "4", "key": str(uuid4())})
        assert answer.status_code == 403
        assert nothing_left(filled)


def sell_part(by, till, *, key="", grams="4"):
    return sell_from_lot(
        code="CH1",
        grams=Decimal(grams),
        pieces=0,
        carats=Decimal(0),
        key=key or str(uuid4()),
        register=till,
        by=by,
        at=timezone.now(),
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("key", "tags"), [("", ["CH1-1", "CH1-2"]), ("same", ["CH1-1"])])
def test_two_at_once_weigh_off_what_is_there(key, tags):
    """Two tills with forms of their own: 10 g are two parts of 4. One form pressed three times:
    one part, on one line.
    """
    shop = make.shop()
    owner = make.member(of=shop)
    with shop_scope(shop.pk):
        make.rate(of=shop, at=timezone.now())
        lots.filled(lots.chain(by=owner), by=owner, grams="10", cost="1000")
        branch = Branch.objects.get()
        for code in "23":
            Register.objects.create(branch=branch, code=code, name=f"Till {code}")
        tills = list(Register.objects.order_by("code"))
    start = Barrier(3, timeout=10)

    def press(number):
        try:
            start.wait()
            with shop_scope(shop.pk):
                return sell_part(owner, tills[0 if key else number], key=key).piece.tag
        except Refusal as refusal:
            return type(refusal).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        got = sorted(pool.map(press, range(3)))

    assert got == (["CH1-1"] * 3 if key else [*tags, "LotHoldsLess"])
    with shop_scope(shop.pk):
        on = OpenSaleLine.objects.order_by("piece__tag").values_list("piece__tag", flat=True)
        assert list(on) == tags
        assert Lot.objects.get().grams == 10 - 4 * len(tags)
