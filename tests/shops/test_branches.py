"""Another branch of a shop: the till that comes with it, and what is refused."""

import io

import pytest
from django.core.management import CommandError, call_command

from apps.shops.branches import BranchNameTaken, TillCodeTaken, open_branch
from apps.shops.models import Branch, Register
from apps.shops.scope import shop_scope
from tests import make


class TestOpenBranch:
    def test_gives_it_the_next_free_till(self, shop, scope):
        Register.objects.create(branch=Branch.objects.get(), code="9", name="Till 9")

        till = open_branch(name="Gold Souk", address="Deira")

        assert (till.code, till.branch.name, till.branch.address) == ("10", "Gold Souk", "Deira")

    def test_takes_a_persian_name_with_its_joiner(self, shop, scope):
        assert open_branch(name="شعبهٔ ری‌گیری").branch.name == "شعبهٔ ری‌گیری"

    def test_refuses_a_name_and_a_till_that_are_there(self, shop, scope):
        open_branch(name="Gold Souk")

        with pytest.raises(BranchNameTaken, match="Gold Souk"):
            open_branch(name=" Gold Souk ")
        with pytest.raises(TillCodeTaken, match="till 1"):
            open_branch(name="Marina", till="1")

        assert not Branch.objects.filter(name="Marina").exists()

    @pytest.mark.parametrize("wrong", [{"name": " "}, {"name": "A", "till": "x1"}])
    def test_refuses_what_no_branch_can_be(self, shop, scope, wrong):
        with pytest.raises(CommandError, match="up to 6 digits"):
            call_command("add_branch", shop=shop.slug, **wrong)


@pytest.mark.django_db
def test_the_command_opens_it_in_that_shop_alone(shop):
    other = make.shop(name="Zaveri Row")
    said = io.StringIO()

    call_command("add_branch", stdout=said, shop=shop.slug, name="Gold Souk")

    assert "Gold Souk is a branch of" in said.getvalue()
    with shop_scope(other.pk):
        assert Branch.objects.count() == 1
