"""A member's whole request runs in their shop, and what fails leaves nothing behind."""

import json

import pytest
from django.db import connection

from apps.shops import identity
from apps.shops.models import Branch
from apps.shops.scope import shop_scope
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.shops.doors")]


@pytest.fixture
def member(client, owner):
    client.force_login(owner.user)
    return owner


def written(shop):
    with shop_scope(shop.pk):
        return Branch.objects.filter(name="written").exists()


def leave(member):
    """Remove a member; what the shop's rows hold of them is looked up, so in their shop."""
    with shop_scope(member.shop_id):
        member.delete()


def scope_left():
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('app.shop_id', true), '')")
        return cursor.fetchone()[0]


def test_a_view_writes_in_the_members_shop(client, shop, member):
    assert client.get("/t/write/").content == b"written"
    assert written(shop)
    assert scope_left() == ""


def test_an_exception_rolls_back(client, shop, member):
    client.raise_request_exception = False

    assert client.get("/t/fail/").status_code == 500
    assert not written(shop)


def test_a_refusal_rolls_back_and_says_its_sentence(client, shop, member):
    answer = client.get("/t/refuse/")

    assert answer.status_code == 409
    assert "Not today. Come back tomorrow." in answer.text
    assert not written(shop)


def test_a_refusal_is_a_part_for_htmx(client, shop, member):
    answer = client.get("/t/refuse/", headers={"HX-Request": "true"})

    assert answer.status_code == 409
    assert "Not today. Come back tomorrow." in answer.text
    assert "<html" not in answer.text


@pytest.mark.parametrize("status", [500, 503])
def test_an_answer_that_failed_rolls_back(client, shop, member, status):
    client.raise_request_exception = False

    assert client.get(f"/t/answer/{status}/").status_code == status
    assert not written(shop)


def test_an_answer_that_merely_refuses_commits(client, shop, member):
    """A view that answers 404 by itself has decided what stays."""
    assert client.get("/t/answer/404/").status_code == 404
    assert written(shop)


def test_a_template_is_rendered_inside_the_scope(client, member):
    assert client.get("/t/late/").content == b"Till 1"


def test_a_failure_while_rendering_rolls_back(client, shop, member):
    client.raise_request_exception = False

    assert client.get("/t/late-failure/").status_code == 500
    assert not written(shop)


def test_the_page_of_a_bug_shows_nothing_of_it(client, member):
    client.raise_request_exception = False

    answer = client.get("/t/fail/")

    assert "after the write" not in answer.text
    assert "RuntimeError" not in answer.text


def test_a_stranger_costs_no_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/t/open/").content == b"None"


def test_a_request_costs_few_queries_before_its_view(client, member, django_assert_max_num_queries):
    """Session, user, membership with shop, registers; and the scope's own statements."""
    with django_assert_max_num_queries(8):
        client.get("/t/whose/")


def test_one_request_does_not_leave_its_shop_to_the_next(client, shop, member):
    other = make.shop(name="Other")
    guest = client.__class__()
    guest.force_login(make.member(of=other).user)

    assert client.get("/t/whose/").text.startswith("Noor|")
    assert guest.get("/t/whose/").text.startswith("Other|")
    assert client.get("/t/whose/").text.startswith("Noor|")


def test_a_session_names_no_one_under_api(client, member):
    """Views under /api/ are exempt from CSRF checks: a cookie must not open them."""
    answer = client.get("/api/v1/pieces")

    assert answer.status_code == 401


def test_a_session_with_any_bearer_names_no_one_either(client, member):
    answer = client.get("/api/v1/pieces", headers={"Authorization": "Bearer anything"})

    assert answer.status_code == 401


class TestDoorsOfRoles:
    def test_the_right_role(self, client, member):
        assert client.get("/t/managers/").content == b"welcome"

    def test_another_role(self, client, shop):
        client.force_login(make.member(of=shop, role="cashier").user)

        answer = client.get("/t/managers/")

        assert answer.status_code == 403
        assert "Your role does not allow this. Ask the owner." in answer.text

    def test_a_user_of_no_shop(self, client, shop):
        client.force_login(make.user())

        answer = client.get("/t/whose/")

        assert answer.status_code == 403
        assert "not a member of any shop" in answer.text

    def test_a_stranger_comes_back_where_they_wanted(self, client, shop):
        answer = client.get("/t/whose/?page=2")

        assert answer.status_code == 302
        assert answer["Location"] == "/accounts/login/?next=/t/whose/%3Fpage%3D2"

    def test_a_strangers_form_comes_back_to_its_page(self, client, shop):
        answer = client.post("/t/whose/", headers={"Referer": "http://testserver/stock/?page=2"})

        assert answer["Location"] == "/accounts/login/?next=/stock/%3Fpage%3D2"

    @pytest.mark.parametrize("referer", ["", "http://evil.example/stock/", "x"])
    def test_a_form_from_elsewhere_comes_back_home(self, client, shop, referer):
        answer = client.post("/t/whose/", headers={"Referer": referer} if referer else {})

        assert answer["Location"] == "/accounts/login/?next=/"

    def test_a_part_sends_the_whole_page_to_sign_in(self, client, shop):
        answer = client.get(
            "/t/whose/",
            headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/counter/"},
        )

        assert answer.status_code == 200
        assert answer["HX-Redirect"] == "/accounts/login/?next=/counter/"

    def test_a_part_of_another_site_does_not(self, client, shop):
        answer = client.get(
            "/t/whose/",
            headers={"HX-Request": "true", "HX-Current-URL": "http://evil.example/counter/"},
        )

        assert answer["HX-Redirect"] == "/accounts/login/?next=/"


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

        assert client.get("/t/whose/").text.startswith("Noor|")

    def test_only_by_post(self, client, user):
        assert client.get("/shops/switch/", {"shop": self.other.pk}).status_code == 405

    def test_not_from_another_site(self, shop, owner, user):
        from django.test import Client

        strict = Client(enforce_csrf_checks=True)
        strict.force_login(owner.user)

        assert strict.post("/shops/switch/", {"shop": self.other.pk}).status_code == 403

    def test_a_chosen_shop_that_one_has_left_falls_back(self, client, user):
        client.post("/shops/switch/", {"shop": self.other.pk})
        leave(user.members.get(shop=self.other))

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
        from apps.shops.models import Register

        with shop_scope(shop.pk):
            return Register.objects.create(branch=Branch.objects.get(), code="2", name="Till 2")

    def test_the_first_until_chosen(self, client, second):
        assert client.get("/t/whose/").text == "Noor|Till 1|Till 1,Till 2"

    def test_choosing_stays(self, client, second):
        answer = client.post("/shops/register/", {"register": second.pk, "next": "/t/whose/"})

        assert answer["Location"] == "/t/whose/"
        assert client.get("/t/whose/").text == "Noor|Till 2|Till 1,Till 2"

    def test_another_shops_till_changes_nothing(self, client, second):
        from apps.shops.models import Register

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


class TestWhoIsLocked:
    def test_a_deactivated_user_is_a_stranger_at_once(self, client, owner):
        client.force_login(owner.user)
        assert client.get("/t/whose/").status_code == 200

        owner.user.is_active = False
        owner.user.save()

        answer = client.get("/t/whose/")
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/")

    def test_a_member_who_left_is_out_at_once(self, client, owner):
        client.force_login(owner.user)
        leave(owner)

        assert client.get("/t/whose/").status_code == 403


class TestTokens:
    def call(self, client, token):
        return client.get("/api/v1/pieces", headers={"Authorization": f"Bearer {token}"})

    @pytest.fixture
    def token(self, owner):
        return make.token(of=owner)

    def test_it_opens(self, client, token):
        assert self.call(client, token).status_code == 200

    def test_the_scheme_may_be_written_small(self, client, token):
        answer = client.get("/api/v1/pieces", headers={"Authorization": f"bearer {token}"})
        assert answer.status_code == 200

    def test_only_its_digest_is_kept(self, owner, token):
        kept = owner.tokens.get()
        assert token not in json.dumps(
            {field.name: str(getattr(kept, field.name)) for field in kept._meta.concrete_fields}
        )
        assert len(kept.digest) == 64

    def test_a_revoked_one(self, client, owner, token):
        owner.tokens.update(revoked_at=make.NOON)
        assert self.call(client, token).status_code == 401

    def test_of_a_deactivated_user(self, client, owner, token):
        owner.user.is_active = False
        owner.user.save()
        assert self.call(client, token).status_code == 401

    def test_of_a_member_who_was_removed(self, client, owner, token):
        owner.tokens.all().delete()
        leave(owner)
        assert self.call(client, token).status_code == 401

    @pytest.mark.parametrize("wrong", ["", "x", "é", "x" * 5000, "' OR ''='", "a\u0000b"])
    def test_a_wrong_one(self, client, owner, token, wrong):
        assert self.call(client, wrong).status_code == 401

    def test_its_digest_is_no_token(self, client, owner, token):
        assert self.call(client, owner.tokens.get().digest).status_code == 401

    def test_it_sees_its_shop_only(self, client, owner, token):
        other = make.shop(name="Other")
        with shop_scope(other.pk):
            make.piece(by=make.member(of=other), tag="THEIRS")

        assert "THEIRS" not in self.call(client, token).text

    def test_it_opens_no_page(self, client, token):
        answer = client.get("/t/whose/", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 302
