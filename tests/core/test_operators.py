"""Who runs the installation, and the pass that needs no database."""

import base64
import time

import pytest
from django.core.signing import TimestampSigner, b62_encode
from django.http import HttpResponse

from apps.core.operators import COOKIE, LASTS_S, give_pass, has_pass, is_operator, take_pass
from apps.users.models import User
from tests import make


@pytest.fixture
def operator(db):
    return User.objects.create_user("op", password="harbour-gold", is_staff=True)


@pytest.fixture
def member(db):
    return make.member(of=make.shop()).user


def given_to(user):
    response = HttpResponse()
    give_pass(response, user)
    return response.cookies[COOKIE]


class TestOperator:
    def test_staff_of_the_platform(self, operator):
        assert is_operator(operator)

    def test_not_the_owner_of_a_shop(self, member):
        assert not is_operator(member)

    def test_not_a_stranger(self, rf):
        from django.contrib.auth.models import AnonymousUser

        assert not is_operator(AnonymousUser())

    def test_not_one_whose_account_is_closed(self):
        assert not is_operator(User(is_staff=True, is_active=False))


class TestPass:
    def test_lets_in_without_asking_anybody(self):
        # Without the mark a query would fail this test.
        assert has_pass({COOKIE: given_to(User(pk=7, is_staff=True)).value})

    def test_is_out_of_reach_for_scripts_and_other_sites(self, settings):
        cookie = given_to(User(pk=7, is_staff=True))

        assert cookie["httponly"] is True
        assert cookie["samesite"] == "Lax"
        assert cookie["path"] == "/"
        assert cookie["max-age"] == 3600
        assert not cookie["secure"]

    def test_travels_encrypted_where_the_session_does(self, settings):
        settings.SESSION_COOKIE_SECURE = True

        assert given_to(User(pk=7, is_staff=True))["secure"] is True

    def test_ends_after_an_hour(self, monkeypatch):
        value = given_to(User(pk=7, is_staff=True)).value
        now = time.time()

        monkeypatch.setattr(time, "time", lambda: now + LASTS_S - 5)
        assert has_pass({COOKIE: value})
        monkeypatch.setattr(time, "time", lambda: now + LASTS_S + 5)
        assert not has_pass({COOKIE: value})

    def test_is_taken_back_at_the_renewal_after_the_rank_is_gone(self):
        cookie = given_to(User(pk=7, is_staff=False))

        assert (cookie.value, cookie["max-age"]) == ("", 0)

    def test_is_taken(self):
        response = HttpResponse()
        take_pass(response)

        cookie = response.cookies[COOKIE]
        assert (cookie.value, cookie["max-age"], cookie["path"]) == ("", 0, "/")


class TestForgery:
    @pytest.fixture
    def value(self):
        return given_to(User(pk=7, is_staff=True)).value

    def test_nothing(self):
        for cookies in ({}, {COOKIE: ""}, {COOKIE: ":"}, {COOKIE: "::"}, {"sessionid": "x"}):
            assert not has_pass(cookies)

    def test_each_sign_counts(self, value):
        for place in range(len(value)):
            other = "A" if value[place] != "A" else "B"
            assert not has_pass({COOKIE: value[:place] + other + value[place + 1 :]}), place

    def test_not_cut_and_not_made_longer(self, value):
        for other in (value[:-1], value + "A", value * 2, value.replace(":", ""), " " + value):
            assert not has_pass({COOKIE: other})

    def test_a_time_of_one_s_own(self, value):
        user, _, signature = value.split(":")

        later = b62_encode(int(time.time()) + 86400)
        assert not has_pass({COOKIE: f"{user}:{later}:{signature}"})

    def test_a_signature_for_something_else(self, settings):
        for salt in ("django.contrib.sessions.backends.db", "apps.core.operators", ""):
            assert not has_pass({COOKIE: TimestampSigner(salt=salt or None).sign("7")})

    def test_another_installation_s(self, value, settings):
        settings.SECRET_KEY = "another-" * 10

        assert not has_pass({COOKIE: value})

    @pytest.mark.parametrize("value", ["\0", "\udcff", "é" * 10_000, ":" * 100_000, "7:1:1"])
    def test_garbage(self, value):
        assert not has_pass({COOKIE: value})

    def test_base64_of_the_right_length(self, value):
        user, when, signature = value.split(":")
        guess = base64.urlsafe_b64encode(bytes(len(signature))).decode()[: len(signature)]

        assert not has_pass({COOKIE: f"{user}:{when}:{guess}"})

    def test_a_guess_that_begins_well_costs_as_much_as_one_that_does_not(self, value):
        """What is compared in constant time says nothing about how much of it was right."""
        user, when, signature = value.split(":")

        def cost_of(guess):
            cookies = {COOKIE: f"{user}:{when}:{guess}"}
            best = []
            for _ in range(30):
                begun = time.perf_counter()
                for _ in range(20):
                    has_pass(cookies)
                best.append(time.perf_counter() - begun)
            return min(best)

        early = cost_of("-" + signature[1:])
        late = cost_of(signature[:-1] + ("A" if signature[-1] != "A" else "B"))
        assert 0.5 < early / late < 2


class TestSigningInAndOut:
    @pytest.fixture
    def sign_in(self, client):
        def post(user):
            return client.post(
                "/accounts/login/", {"login": user.username, "password": "harbour-gold"}
            )

        return post

    def test_an_operator_gets_a_pass(self, client, operator, sign_in):
        assert sign_in(operator).status_code == 302

        assert has_pass({COOKIE: client.cookies[COOKIE].value})

    def test_nobody_else_gets_one(self, client, member, sign_in):
        member.set_password("harbour-gold")
        member.save()

        assert sign_in(member).status_code == 302
        assert COOKIE not in client.cookies

    def test_it_goes_with_the_sign_out(self, client, operator, sign_in):
        sign_in(operator)
        client.post("/accounts/logout/")

        assert client.cookies[COOKIE].value == ""
        assert client.cookies[COOKIE]["max-age"] == 0

    def test_it_goes_when_somebody_else_signs_in(self, client, operator, member, sign_in):
        sign_in(operator)
        passed = client.cookies[COOKIE].value
        client.cookies.clear()
        client.cookies[COOKIE] = passed
        member.set_password("harbour-gold")
        member.save()
        sign_in(member)

        assert client.cookies[COOKIE].value == ""

    def test_other_pages_leave_it_alone(self, client, operator, sign_in):
        sign_in(operator)
        before = client.cookies[COOKIE].value

        answer = client.get("/accounts/password/change/")
        assert COOKIE not in answer.cookies
        assert client.cookies[COOKIE].value == before

    def test_asks_no_session_of_a_stranger_s_page(self, client, django_assert_num_queries, db):
        client.cookies[COOKIE] = given_to(User(pk=7, is_staff=True)).value

        with django_assert_num_queries(0):
            assert client.get("/accounts/login/").status_code == 200
