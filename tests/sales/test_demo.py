"""The demo shops: what `make run` shows on the first day, and on the days after."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from apps.core.operators import is_operator
from apps.inventory.models import Piece
from apps.pricing.board import board_rows
from apps.pricing.selectors import board_at
from apps.sales.demo.load import SLUG, load
from apps.sales.demo.rates import GULF
from apps.sales.models import Sale
from apps.shops.models import Member, Shop
from apps.shops.scope import shop_scope
from apps.users.models import User
from tests import make


@pytest.fixture
def demo(db):
    load(password="a long enough one", at=make.NOON)
    return Shop.objects.get(slug=SLUG)


def test_has_pieces_rates_and_a_morning_of_sales(demo):
    with shop_scope(demo.pk):
        assert Piece.objects.filter(state="in_stock", tag="R10482").exists()
        assert set(board_at(shop=demo, at=make.NOON).quotes) == {
            "gold",
            "silver",
            "platinum",
            "palladium",
        }
        assert Sale.objects.filter(day=make.NOON.date()).count() == 4


def test_keeps_what_was_done_and_gets_rates_for_another_day(demo):
    tomorrow = make.NOON + timedelta(days=1)

    load(password="a long enough one", at=tomorrow)

    assert Shop.objects.count() == 2
    with shop_scope(demo.pk):
        assert Sale.objects.count() == 4
        assert board_at(shop=demo, at=tomorrow).quotes


def test_its_board_grows_old_and_its_monthly_prices_stay_in_the_chart(demo):
    tomorrow = make.NOON + timedelta(days=1)

    with shop_scope(demo.pk):
        rows = board_rows(shop=demo, at=tomorrow)

    assert {(row.metal, row.fineness) for row in rows} == set(GULF)
    assert not any(row.valid for row in rows)
    assert {row.unit for row in rows} == {"g"}


def test_is_loaded_again_after_people_joined_and_changed_roles(demo):
    make.member(of=demo, role="owner")
    load(password="a long enough one", at=make.NOON)
    Member.objects.filter(shop=demo).update(role="manager")
    tomorrow = make.NOON + timedelta(days=1)

    load(password="a long enough one", at=tomorrow)

    with shop_scope(demo.pk):
        assert board_at(shop=demo, at=tomorrow).quotes


def test_its_owner_belongs_to_two_shops(demo):
    assert Member.objects.filter(user__username="owner").count() == 2


def test_has_somebody_who_runs_it_and_is_in_no_shop(demo):
    operator = User.objects.get(username="operator")

    assert is_operator(operator)
    assert not Member.objects.filter(user=operator).exists()


def test_is_refused_where_no_demo_belongs(settings):
    settings.DEMO_SIGNIN = None

    with pytest.raises(CommandError, match="no demo"):
        call_command("load_demo")
