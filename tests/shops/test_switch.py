"""Which shop, which till: chosen in the header, kept in the session, never somebody else's."""

import pytest
from django.test import Client

from apps.shops import identity
from apps.shops.models import Branch, Register
from apps.shops.scope import shop_scope
from tests import make
from tests.shops.test_identity import leave

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.shops.doors")]


class TestTwoShops:
    @pytest.fixture
    def user(self, client, shop, owner):
        self.other = make.shop(name="Zari")
        identity_of = make.enrol(user=owner.user, shop=self.other, role="manager")
        client.force_login(owner.user)
        return identity_of.user

    def test_the_first_by_name_until_chosen(self, client, user):
        assert client.get("/t/whose/").text.startswith("Noor|")

    def test_switching_stays(self, client, user):
        answer = client.post("/shops/switch/", {"shop": self.other.pk})

        assert answer.status_code == 302
        assert client.get("/t/whose/").text.startswith("Zari|")
        assert client.get("/t/whose/").text.startswith("Zari|")

    def test_back_again(self, client, shop, user):
        client.post("/shops/switch/", {"shop": self.other.pk})
        client.post("/shops/switch/", {"shop": shop.pk})

        assert client.get("/t/whose/").text.startswith("Noor|")

    @pytest.mark.parametrize("wanted", ["", "x", "0", "-1", "99999999999999999999", "1 OR 1=1"])
    def test_a_shop_that_is_none_changes_nothing(self, client, user, wanted):
        assert client.post("/shops/switch/", {"shop": wanted}).status_code == 302
        assert client.get("/t/whose/").text.startswith("Noor|")

    def test_a_shop_of_others_changes_nothing(self, client, user):
        theirs = make.shop(name="Aaa")

        client.post("/shops/switch/", {"shop": theirs.pk})

        assert identity.SHOP_KEY not in client.session
        assert client.get("/t/whose/").text.startswith("Noor|")

    def test_only_by_post(self, client, user):
        assert client.get("/shops/switch/", {"shop": self.other.pk}).status_code == 405

    def test_not_from_another_site(self, shop, owner, user):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(owner.user)

        assert strict.post("/shops/switch/", {"shop": self.other.pk}).status_code == 403

    def test_a_chosen_shop_that_one_has_left_falls_back(self, client, user):
        client.post("/shops/switch/", {"shop": self.other.pk})
        leave(user.members.get(shop=self.other))

        assert client.get("/t/whose/").text.startswith("Noor|")

    def test_signing_in_again_comes_back_to_the_chosen_shop(self, client, user):
        client.post("/shops/switch/", {"shop": self.other.pk})
        client.session.flush()  # the session ended; the browser stayed
        client.force_login(user)

        assert client.get("/t/whose/").text.startswith("Zari|")

    @pytest.mark.parametrize("forged", ["theirs", "x", "-1", "9" * 5000])
    def test_a_forged_cookie_opens_no_other_shop(self, client, user, forged):
        theirs = make.shop(name="Aaa")
        client.cookies[identity.SHOP_KEY] = str(theirs.pk) if forged == "theirs" else forged

        assert client.get("/t/whose/").text.startswith("Noor|")

    def test_a_forged_session_opens_no_other_shop(self, client, user):
        theirs = make.shop(name="Aaa")
        session = client.session
        session[identity.SHOP_KEY] = theirs.pk
        session.save()

        assert client.get("/t/whose/").text.startswith("Noor|")


class TestRegisters:
    @pytest.fixture
    def second(self, shop, member):
        with shop_scope(shop.pk):
            return Register.objects.create(branch=Branch.objects.get(), code="2", name="Till 2")

    def test_the_first_until_chosen(self, client, second):
        assert client.get("/t/whose/").text == "Noor|Till 1|Till 1,Till 2"

    def test_choosing_stays(self, client, second):
        answer = client.post("/shops/register/", {"register": second.pk, "next": "/t/whose/"})

        assert answer["Location"] == "/t/whose/"
        assert client.get("/t/whose/").text == "Noor|Till 2|Till 1,Till 2"

    def test_another_shops_till_changes_nothing(self, client, second):
        other = make.shop(name="Other")
        with shop_scope(other.pk):
            theirs = Register.objects.get()

        client.post("/shops/register/", {"register": theirs.pk})

        assert client.get("/t/whose/").text == "Noor|Till 1|Till 1,Till 2"

    @pytest.mark.parametrize(
        "back", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil"]
    )
    def test_the_way_back_stays_on_the_site(self, client, second, back):
        answer = client.post("/shops/register/", {"register": second.pk, "next": back})

        assert "evil" not in answer["Location"]
        assert "javascript" not in answer["Location"]

    def test_switching_the_shop_leaves_the_till(self, client, shop, second, owner):
        client.post("/shops/register/", {"register": second.pk})
        client.post("/shops/switch/", {"shop": shop.pk})

        assert client.get("/t/whose/").text == "Noor|Till 1|Till 1,Till 2"
