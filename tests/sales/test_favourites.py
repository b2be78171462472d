"""Favourites: the oldest piece of a kind by one press, and the order the shop gives them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.sales.favourites import favourites
from apps.sales.models import Favourite
from apps.sales.price_refusals import FavouriteGone, FavouriteTwice, NoneInStock
from apps.sales.quoted import hold_time
from apps.sales.services.counter import press_favourite
from apps.sales.services.favourites import add_favourite, move_favourite, remove_favourite
from apps.shops.models import Register, Role
from apps.shops.scope import shop_scope
from tests import make
from tests.sales.desks import minutes

OUNCE = Decimal("31.103")


@pytest.fixture
def coins(shop, clerk):
    make.rate(of=shop)
    for number, grams in ((1, "8.000"), (2, "8.000"), (3, "4.000")):
        make.piece(
            by=clerk,
            tag=f"M-{number}",
            name="Sovereign",
            category="coin",
            metals=(make.gold(net_weight_g=grams),),
            gross_weight_g=Decimal(grams),
            at=minutes(number),
        )


@pytest.fixture
def press(clerk):
    def press(favourite, **more):
        return press_favourite(
            pk=favourite.pk, register=Register.objects.get(), by=clerk, at=minutes(9), **more
        )

    return press


class TestPressing:
    def test_takes_the_oldest_that_matches(self, coins, press):
        whole = add_favourite(label="Sovereign", category="coin", metal="gold", fineness=9160)

        assert [press(whole).piece.tag, press(whole).piece.tag] == ["M-1", "M-2"]

    def test_tells_a_weight_from_another(self, coins, press):
        half = add_favourite(
            label="Half sovereign",
            category="Coin",
            metal="gold",
            fineness=9160,
            net_weight_g=Decimal("4.000"),
        )

        assert press(half).piece.tag == "M-3"
        with pytest.raises(NoneInStock, match="No Half sovereign is in stock"):
            press(half)

    def test_the_same_press_sent_twice_is_one_piece(self, coins, press):
        coin = add_favourite(label="Sovereign", category="coin")
        first = press(coin, after=0)

        assert press(coin, after=0) == first
        assert press(coin, after=first.pk) != first

    def test_refuses_one_that_was_taken_away(self, coins, press):
        coin = add_favourite(label="Sovereign", category="coin")
        remove_favourite(pk=coin.pk)

        with pytest.raises(FavouriteGone):
            press(coin)


class TestArranging:
    def test_moves_up_and_down_and_stops_at_the_ends(self, coins):
        one, two, three = (add_favourite(label=name, category="coin") for name in "ABC")

        move_favourite(pk=three.pk, up=True)
        assert [favourite.label for favourite in favourites()] == ["A", "C", "B"]
        move_favourite(pk=one.pk, up=True)
        move_favourite(pk=two.pk, up=False)
        assert [favourite.label for favourite in favourites()] == ["A", "C", "B"]

    def test_one_name_is_one_button(self, coins):
        add_favourite(label="Bar", category="bar")

        with pytest.raises(FavouriteTwice, match="“Bar”"):
            add_favourite(label="Bar", category="coin")


class TestPage:
    @pytest.fixture
    def page(self, client, shop):
        owner = make.member(of=shop)
        now = timezone.now()
        with shop_scope(shop.pk):
            make.rate(of=shop, at=now)
            make.piece(by=owner, tag="B-1", category="bar", at=now)
        client.force_login(owner.user)
        return client

    def test_adds_presses_moves_and_removes(self, page, shop):
        added = page.post(
            reverse("sales:favourites"),
            {"label": "Bar 10 g", "category": "bar", "metal": "gold", "fineness": "22K"},
        )
        assert added.url == reverse("sales:favourites")
        with shop_scope(shop.pk):
            favourite = Favourite.objects.get()
        assert favourite.fineness == 9160
        assert "Bar 10 g" in page.get(reverse("sales:counter")).content.decode()

        pressed = page.post(reverse("sales:favourite-press", args=[favourite.pk]))

        assert pressed.url == reverse("sales:counter")
        assert "B-1" in page.get(pressed.url).content.decode()
        refused = page.post(reverse("sales:favourite-press", args=[favourite.pk]))
        assert refused.status_code == 404
        assert "No Bar 10 g is in stock." in refused.content.decode()
        page.post(reverse("sales:favourite-move", args=[favourite.pk]), {"to": "up"})
        page.post(reverse("sales:favourite-remove", args=[favourite.pk]))
        with shop_scope(shop.pk):
            assert not Favourite.objects.exists()

    @pytest.mark.parametrize(
        ("words", "says"),
        [
            ({"category": "bar"}, "Write what the button says."),
            ({"label": "Bar"}, "Write the kind of piece, or the code of a lot."),
            ({"label": "Bar", "category": "bar", "fineness": "916"}, "Choose it."),
            (
                {"label": "Bar", "category": "bar", "metal": "gold", "fineness": "9x"},
                "is no fineness",
            ),
            ({"label": "Bar", "lot_code": "NO-SUCH"}, "NO-SUCH"),
        ],
    )
    def test_says_what_is_missing(self, page, words, says):
        answer = page.post(reverse("sales:favourites"), words)

        assert answer.status_code in (404, 422)
        assert says in answer.content.decode()

    def test_sets_how_long_a_quoted_rate_is_kept(self, page, shop):
        page.post(reverse("sales:hold-minutes"), {"minutes": "۹۰"})

        with shop_scope(shop.pk):
            assert hold_time(timezone.now()) == timedelta(minutes=90)
        assert page.post(reverse("sales:hold-minutes"), {"minutes": "-1"}).status_code == 422

    @pytest.mark.parametrize("role", [Role.CASHIER, Role.SALESPERSON])
    def test_is_arranged_by_those_in_charge(self, client, shop, role):
        client.force_login(make.member(of=shop, role=role).user)

        assert client.get(reverse("sales:favourites")).status_code == 403
