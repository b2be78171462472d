"""Founding a shop and filling it with people, as whoever runs the installation does it."""

import io

import pytest
from django.core.management import CommandError, call_command

from apps.ledger.models import Account
from apps.shops.models import Member, Shop
from apps.shops.scope import shop_scope
from apps.users.models import User

NOOR = ("noor", "--name", "Noor", "--currency", "AED", "--tax-pack", "AE", "--owner", "leila")

pytestmark = pytest.mark.django_db


@pytest.fixture
def typed(monkeypatch):
    """What stands on standard input."""

    def set_to(text):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    set_to("a long enough one\n")
    return set_to


class TestOpenShop:
    def test_opens_its_books_and_lets_its_owner_in(self, typed, client):
        call_command("open_shop", *NOOR)

        shop = Shop.objects.get(slug="noor")
        assert Member.objects.get(shop=shop).role == "owner"
        assert client.login(username="leila", password="a long enough one")
        with shop_scope(shop.pk):
            assert Account.objects.filter(code="stock").exists()

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            ((*NOOR[:6], "ATLANTIS", *NOOR[7:]), "There is no tax pack ATLANTIS."),
            ((*NOOR[:4], "GOLD", *NOOR[5:]), "GOLD is no currency."),
            ((*NOOR, "--time-zone", "Moon"), "Moon is no time_zone."),
        ],
    )
    def test_founds_nothing_when_something_is_wrong(self, typed, arguments, says):
        with pytest.raises(CommandError, match=says):
            call_command("open_shop", *arguments)

        assert not Shop.objects.exists()
        assert not User.objects.exists()

    def test_refuses_a_password_that_everybody_would_guess(self, typed):
        typed("password\n")

        with pytest.raises(CommandError, match="too common"):
            call_command("open_shop", *NOOR)

        assert not Shop.objects.exists()

    def test_refuses_a_slug_that_is_taken(self, typed):
        call_command("open_shop", *NOOR)

        with pytest.raises(CommandError, match="There is a shop called noor already"):
            call_command("open_shop", *NOOR)


class TestAddMember:
    def test_takes_in_a_new_person(self, typed, shop):
        call_command("add_member", "samir", "--shop", shop.slug, "--role", "cashier")

        assert Member.objects.get(user__username="samir", shop=shop).role == "cashier"

    def test_refuses_who_is_there_already(self, typed, shop):
        call_command("add_member", "samir", "--shop", shop.slug, "--role", "cashier")

        with pytest.raises(CommandError, match=r"samir is a member of .* already"):
            call_command("add_member", "samir", "--shop", shop.slug, "--role", "manager")

    def test_refuses_a_shop_that_is_none(self, typed):
        with pytest.raises(CommandError, match="No shop is called"):
            call_command("add_member", "samir", "--shop", "nowhere", "--role", "cashier")
