"""Places: the service, the page and the command that add them."""

import io

import pytest
from django.core.management import CommandError, call_command

from apps.inventory.models import Place
from apps.inventory.services.places import PlaceImpossible, PlaceNameTaken, add_place
from apps.shops.models import Branch
from apps.shops.scope import shop_scope
from apps.shops.selectors import BranchNotFound, BranchUnsaid, branch_named
from tests import make

PLACES = "/stock/places/"
TRAY = {"name": "Tray 7", "kind": "tray"}


def stored(shop):
    with shop_scope(shop.pk):
        return [
            (place.name, place.kind, place.branch.name)
            for place in Place.objects.select_related("branch").order_by("name")
        ]


@pytest.mark.usefixtures("scope")
class TestAddPlace:
    def add(self, name="Tray 7", kind="tray"):
        return add_place(name=name, kind=kind, branch=branch_named())

    def test_adds_it_without_needless_spaces(self, shop):
        self.add("  Tray   7 ", "window")

        assert stored(shop) == [("Tray 7", "window", shop.name)]

    @pytest.mark.parametrize("name", ["Tray 7", "tray 7", "TRAY ۷", " Tray  7"])
    def test_refuses_a_name_that_people_could_not_tell_from_another(self, shop, name):
        self.add("Tray 7")

        with pytest.raises(
            PlaceNameTaken, match=r"^Tray 7 is there already\. Give the new place another name\.$"
        ):
            self.add(name)
        assert len(stored(shop)) == 1

    def test_refuses_what_somebody_else_added_at_the_same_moment(self, shop, monkeypatch):
        self.add("Tray 7")
        monkeypatch.setattr("apps.inventory.services.places.every_place", list)

        with pytest.raises(PlaceNameTaken):
            self.add("Tray 7")
        assert len(stored(shop)) == 1

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": "   "}, "name"),
            ({"name": "x" * 41}, "name"),
            ({"name": "a\x00b"}, "name"),
            ({"kind": "attic"}, "kind"),
        ],
    )
    def test_refuses_what_no_place_is(self, shop, given, field):
        with pytest.raises(PlaceImpossible) as refused:
            self.add(**given)

        assert refused.value.field == field
        assert stored(shop) == []

    def test_takes_the_same_name_in_another_shop(self, shop):
        self.add("Tray 7")
        other = make.shop(name="Other")
        with shop_scope(other.pk):
            self.add("Tray 7")

        assert len(stored(other)) == 1


@pytest.mark.usefixtures("scope")
class TestBranchNamed:
    def test_is_the_only_one_where_nobody_says_which(self, shop):
        assert branch_named().name == shop.name

    def test_has_to_be_said_where_there_are_several(self):
        Branch.objects.create(name="Airport")

        assert branch_named("Airport").name == "Airport"
        with pytest.raises(BranchUnsaid, match="Name one of Airport, Noor"):
            branch_named()

    def test_refuses_one_that_is_not_there(self):
        with pytest.raises(BranchNotFound, match="no branch Moon"):
            branch_named("Moon")


class TestPage:
    @pytest.fixture
    def as_(self, client, shop):
        def sign_in(role="owner", of=None):
            client.force_login(make.member(of=of or shop, role=role).user)
            return client

        return sign_in

    @pytest.mark.parametrize("role", ["owner", "manager"])
    def test_adds_a_place_and_lists_it(self, as_, shop, role):
        client = as_(role)
        assert "No place was added yet." in client.get(PLACES).text

        page = client.post(PLACES, TRAY, follow=True)

        assert "Tray 7 was added." in page.text
        with shop_scope(shop.pk):
            assert f'href="/stock/places/{Place.objects.get().pk}/"' in page.text
        assert stored(shop) == [("Tray 7", "tray", shop.name)]

    def test_says_at_the_name_that_it_is_taken(self, as_, shop):
        client = as_()
        client.post(PLACES, TRAY)

        page = client.post(PLACES, {"name": "tray 7", "kind": "safe"})

        assert page.status_code == 422
        assert page.context["form"].errors == {
            "name": ["Tray 7 is there already. Give the new place another name."]
        }
        assert 'value="tray 7"' in page.text
        assert len(stored(shop)) == 1

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": "x" * 41}, "name"),
            ({"name": "a\x00b"}, "name"),
            ({"kind": "attic"}, "kind"),
            ({"kind": ""}, "kind"),
        ],
    )
    def test_says_at_the_field_what_cannot_be(self, as_, shop, change, field):
        page = as_().post(PLACES, {**TRAY, **change})

        assert (page.status_code, list(page.context["form"].errors)) == (422, [field])
        assert stored(shop) == []

    def test_asks_for_the_branch_where_there_are_several(self, as_, shop):
        client = as_()
        assert 'name="at"' not in client.get(PLACES).text
        with shop_scope(shop.pk):
            airport = Branch.objects.create(name="Airport")

        assert client.post(PLACES, TRAY).context["form"].errors["at"]
        page = client.post(PLACES, {**TRAY, "at": airport.pk}, follow=True)

        assert stored(shop) == [("Tray 7", "tray", "Airport")]
        assert '<td class="only-wide wrap">Airport</td>' in page.text

    def test_knows_no_branch_of_another_shop(self, as_, shop):
        with shop_scope(shop.pk):
            Branch.objects.create(name="Airport")
        other = make.shop(name="Other")
        with shop_scope(other.pk):
            theirs = Branch.objects.get().pk

        assert as_().post(PLACES, {**TRAY, "at": theirs}).status_code == 422
        assert stored(shop) == stored(other) == []

    @pytest.mark.parametrize("role", ["salesperson", "cashier"])
    def test_is_for_owners_and_managers(self, as_, shop, role):
        client = as_(role)

        assert client.get(PLACES).status_code == 403
        assert client.post(PLACES, TRAY).status_code == 403
        assert PLACES not in client.get("/stock/").text
        assert stored(shop) == []

    def test_is_reached_from_the_stock(self, as_):
        assert f'href="{PLACES}"' in as_("manager").get("/stock/").text

    def test_belongs_to_its_shop(self, as_, shop):
        assert (
            "Velvet tray" in as_().post(PLACES, {**TRAY, "name": "Velvet tray"}, follow=True).text
        )

        assert "Velvet tray" not in as_(of=make.shop(name="Other")).get(PLACES).text


class TestCommand:
    def run(self, shop, **given):
        out = io.StringIO()
        call_command("add_place", stdout=out, shop=shop, **{**TRAY, **given})
        return out.getvalue()

    def test_adds_a_place(self, shop):
        assert self.run(shop.slug) == "Tray 7 is a tray of Noor.\n"
        assert stored(shop) == [("Tray 7", "tray", "Noor")]

    def test_adds_it_to_the_branch_that_is_named(self, shop):
        with shop_scope(shop.pk):
            Branch.objects.create(name="Airport")

        assert self.run(shop.slug, branch="Airport") == "Tray 7 is a tray of Airport.\n"
        with pytest.raises(CommandError, match="Name one of Airport, Noor"):
            self.run(shop.slug, name="Safe")

    def test_says_what_it_cannot_do(self, shop):
        self.run(shop.slug)

        with pytest.raises(CommandError, match="Tray 7 is there already"):
            self.run(shop.slug)
        with pytest.raises(CommandError, match="No shop is called nobody"):
            self.run("nobody")
