"""The second factor: its secret is kept encrypted, and without it nobody comes in."""

import re
import time

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.cache import cache

from tests import make

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough one"


@pytest.fixture(autouse=True)
def fresh_rate_limits(db):
    cache.clear()


@pytest.fixture(autouse=True)
def one_moment(monkeypatch):
    """Codes change each half minute; a test that is cut by the change would be refused its own."""
    now = time.time()
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time.time", lambda: now)


@pytest.fixture
def clerk(shop):
    return make.member(of=shop, username="leila", password=PASSWORD)


def code_of(secret):
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def sign_in(client):
    return client.post("/accounts/login/", {"login": "leila", "password": PASSWORD})


def confirm(client):
    """Give the password again, as the page of a second factor demands."""
    return client.post("/accounts/reauthenticate/", {"password": PASSWORD})


@pytest.fixture
def secret(client, clerk):
    """The clerk has set up an authenticator and is signed out again; gives its secret."""
    sign_in(client)
    confirm(client)
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    assert answer.status_code == 302, answer.content
    client.post("/accounts/logout/")
    cache.clear()  # a code is taken once; the next sign-in uses it again
    return secret


def test_a_clerk_gives_the_password_again_first(client, clerk):
    """allauth asks the database for its answer to an exception, inside the shop's transaction."""
    sign_in(client)

    answer = client.get("/accounts/2fa/totp/activate/")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert confirm(client).status_code == 302
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200


def test_the_page_shows_a_picture_and_the_secret(client, clerk):
    sign_in(client)
    confirm(client)

    page = client.get("/accounts/2fa/totp/activate/")

    assert page.context["form"].secret in page.text
    assert re.search(r'<img[^>]+src="data:image/svg', page.text)


def test_the_secret_is_kept_encrypted(secret, clerk):
    kept = Authenticator.objects.get(user=clerk.user, type=Authenticator.Type.TOTP)

    assert secret not in str(kept.data)
    assert get_adapter().decrypt(kept.data["secret"]) == secret


def test_so_are_recovery_codes(secret, clerk):
    kept = Authenticator.objects.get(user=clerk.user, type=Authenticator.Type.RECOVERY_CODES)
    codes = kept.wrap().get_unused_codes()

    assert len(codes) == 10
    assert not [code for code in codes if code in str(kept.data)]
    assert get_adapter().decrypt(kept.data["seed"]) != kept.data["seed"]


def test_encrypting_twice_does_not_look_the_same():
    adapter = get_adapter()
    assert adapter.encrypt("same") != adapter.encrypt("same")


def test_another_installations_key_does_not_open_it(settings):
    sealed = get_adapter().encrypt("secret")
    settings.SECRET_KEY = "another" * 10

    with pytest.raises(InvalidToken):
        get_adapter().decrypt(sealed)


def test_the_key_is_not_the_secret_key_itself():
    sealed = get_adapter().encrypt("secret")
    assert settings.SECRET_KEY not in sealed


def test_the_password_alone_is_not_enough(client, secret):
    answer = sign_in(client)

    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert "_auth_user_id" not in client.session
    assert client.get("/").status_code == 302


def test_the_right_code_comes_in(client, secret):
    sign_in(client)

    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})

    assert "_auth_user_id" in client.session


@pytest.mark.parametrize("code", ["", "000000", "abcdef", "۱۲۳۴۵۶", "0" * 500])
def test_a_wrong_code_does_not(client, secret, code):
    if code == code_of(secret):
        code = "111111"
    sign_in(client)

    answer = client.post("/accounts/2fa/authenticate/", {"code": code})

    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session


def test_a_code_is_taken_once(client, secret):
    code = code_of(secret)
    sign_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": code})
    client.post("/accounts/logout/")
    sign_in(client)

    client.post("/accounts/2fa/authenticate/", {"code": code})

    assert "_auth_user_id" not in client.session


def test_codes_cannot_be_tried_without_end(client, secret):
    sign_in(client)
    for _ in range(12):
        client.post("/accounts/2fa/authenticate/", {"code": "000001"})

    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})

    assert "_auth_user_id" not in client.session


def test_a_recovery_code_comes_in_once(client, secret, clerk):
    kept = Authenticator.objects.get(user=clerk.user, type=Authenticator.Type.RECOVERY_CODES)
    code = kept.wrap().get_unused_codes()[0]
    sign_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": code})
    assert "_auth_user_id" in client.session

    client.post("/accounts/logout/")
    sign_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": code})
    assert "_auth_user_id" not in client.session
