"""Signing in and out: what works, what is refused, and what a refusal does not tell."""

import re

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client

from tests import make

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough one"
SIGN_IN = "/accounts/login/"


@pytest.fixture(autouse=True)
def fresh_rate_limits(db):
    cache.clear()


@pytest.fixture
def clerk(shop):
    """Signs in by hand here, so without a scope around the test."""
    return make.member(of=shop, role="salesperson", username="leila", password=PASSWORD)


def sign_in(client, login="leila", password=PASSWORD, **more):
    return client.post(SIGN_IN, {"login": login, "password": password, **more})


def signed_in(client):
    return "_auth_user_id" in client.session


def words(answer):
    """What a reader sees of the page."""
    text = re.sub(r"<(script|svg|template)\b.*?</\1>|<[^>]*>", " ", answer.text, flags=re.DOTALL)
    return " ".join(text.split())


def test_it_works(client, clerk):
    answer = sign_in(client)

    assert answer.status_code == 302
    assert answer["Location"] == "/"
    assert signed_in(client)


def test_it_leads_to_where_one_wanted(client, clerk):
    assert sign_in(client, next="/stock/?page=2")["Location"] == "/stock/?page=2"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "///x.y",
    ],
)
def test_it_does_not_lead_off_the_site(client, clerk, elsewhere):
    assert sign_in(client, next=elsewhere)["Location"] == "/"


def test_a_wrong_password_and_an_unknown_name_read_the_same(client, clerk):
    wrong_password = sign_in(client, password="not this one")
    unknown_name = sign_in(client, login="nobody", password="not this one")

    assert wrong_password.status_code == unknown_name.status_code == 200
    assert not signed_in(client)
    said = words(wrong_password).replace("leila", "…")
    assert said == words(unknown_name).replace("nobody", "…")
    assert "password" in said.lower()


def test_the_refused_password_is_not_in_the_page(client, clerk):
    assert "not this one" not in sign_in(client, password="not this one").text


def test_a_deactivated_user_does_not_come_in(client, clerk):
    clerk.user.is_active = False
    clerk.user.save()

    sign_in(client)

    assert not signed_in(client)


def test_the_session_key_changes_with_the_sign_in(client, clerk):
    """Else who planted a cookie before would be signed in with the clerk."""
    client.get(SIGN_IN)
    session = client.session
    session["planted"] = "1"
    session.save()
    before = session.session_key

    sign_in(client)

    assert client.session.session_key != before


def test_the_form_is_guarded_against_other_sites(clerk):
    assert sign_in(Client(enforce_csrf_checks=True)).status_code == 403


def test_after_many_wrong_passwords_the_right_one_waits(client, clerk):
    answers = [sign_in(client, password="not this one").status_code for _ in range(12)]

    assert answers[0] == 200
    assert not signed_in(client)
    last = sign_in(client)
    assert not signed_in(client)
    assert last.status_code in (200, 429)


def test_the_limit_is_of_the_installation_not_of_one_process(clerk):
    """It lives in the database's cache: another process, another client, the same count."""
    assert settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache")
    for _ in range(12):
        sign_in(Client(), password="not this one")

    other = Client()
    sign_in(other)
    assert not signed_in(other)


@pytest.mark.parametrize(("trusted", "comes_in"), [(0, False), (1, True)])
def test_behind_an_ingress_a_stranger_locks_out_nobody_else(clerk, settings, trusted, comes_in):
    """Both come from the ingress's address; only what it is believed to say tells them apart."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = trusted

    def come(address, login, password):
        client = Client(headers={"X-Forwarded-For": address})
        sign_in(client, login=login, password=password)
        return signed_in(client)

    for guess in range(12):
        come("203.0.113.9", f"name{guess}", "not this one")

    assert come("198.51.100.7", "leila", PASSWORD) is comes_in


def test_signing_out_is_a_form(client, clerk):
    sign_in(client)

    answer = client.get("/accounts/logout/")
    assert answer.status_code == 200
    assert signed_in(client)

    assert client.post("/accounts/logout/").status_code == 302
    assert not signed_in(client)


def test_after_signing_out_the_old_cookie_opens_nothing(client, clerk):
    sign_in(client)
    cookie = client.cookies["sessionid"].value
    client.post("/accounts/logout/")

    thief = Client()
    thief.cookies["sessionid"] = cookie

    assert thief.get("/").status_code == 302


def test_signing_up_is_closed(client, db):
    from apps.users.models import User

    page = client.get("/accounts/signup/")
    answer = client.post(
        "/accounts/signup/",
        {"username": "stranger", "password1": PASSWORD, "password2": PASSWORD},
    )

    assert "<form" not in page.text or 'name="password1"' not in page.text
    assert not User.objects.filter(username="stranger").exists()
    assert not signed_in(client)
    assert answer.status_code in (200, 302, 403)


def test_resetting_tells_nobody_who_has_an_account(client, clerk):
    clerk.user.email = "leila@example.com"
    clerk.user.save()

    known = client.post("/accounts/password/reset/", {"email": "leila@example.com"})
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@example.com"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert "leila@example.com" in [to for message in mail.outbox for to in message.to]


@pytest.mark.parametrize("password", ["short", "12345678901", "password123", "leila1234"])
def test_a_weak_new_password_is_refused(client, clerk, password):
    sign_in(client)

    answer = client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": password, "password2": password},
    )

    assert answer.status_code == 200
    clerk.user.refresh_from_db()
    assert clerk.user.check_password(PASSWORD)


def test_the_cookie_is_out_of_reach_of_scripts(client, clerk):
    cookie = sign_in(client).cookies["sessionid"]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == ""  # a till's browser forgets it when it closes


def test_staying_signed_in_ends_as_well(client, clerk):
    cookie = sign_in(client, remember="on").cookies["sessionid"]

    assert int(cookie["max-age"]) == settings.SESSION_COOKIE_AGE


def test_the_title_of_an_account_page_names_the_shop(client, clerk):
    sign_in(client)

    answer = client.get("/accounts/password/change/")

    assert f"<title>Change the password · {clerk.shop.name}</title>" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/login/",
        "/accounts/logout/",
        "/accounts/password/reset/",
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/reauthenticate/",
    ],
)
def test_every_page_of_the_account_passes_the_policy(client, clerk, path):
    """What allauth brings must not need what our policy forbids."""
    from tests.architecture.test_templates import forbidden_in

    if "login" not in path and "reset" not in path:
        sign_in(client)
    answer = client.get(path, follow=True)

    assert answer.status_code == 200
    assert "Content-Security-Policy" in answer
    assert not forbidden_in(answer.text)
    assert '<html lang="en"' in answer.text
    assert "<main" in answer.text
