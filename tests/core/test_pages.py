"""How pages answer: a database that is away, a large upload, the reader's theme."""

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from apps.core import pages
from apps.shops.models import Branch
from apps.shops.scope import shop_scope
from tests import make

PRODUCTION_LIKE = pytest.mark.urls("tests.shops.doors")


@pytest.fixture
def away(transactional_db):
    """Cut the database off, and give it back at the end."""
    link, port = connection.settings_dict, connection.settings_dict["PORT"]

    def cut():
        connection.close()
        link["PORT"] = 1

    yield cut
    connection.close()
    link["PORT"] = port


@pytest.fixture
def member(transactional_db, client):
    owner = make.member(of=make.shop())
    client.force_login(owner.user)
    client.raise_request_exception = False
    return owner


def assert_unavailable(answer):
    assert answer.status_code == 503, (answer.status_code, answer.content[:500])
    assert int(answer["Retry-After"]) >= 1
    assert "does not answer" in answer.text
    assert "Traceback" not in answer.text
    assert "port 1" not in answer.text


@PRODUCTION_LIKE
class TestDatabaseAway:
    def test_a_members_page(self, client, member, away):
        away()
        assert_unavailable(client.get("/t/whose/"))

    def test_a_part_of_a_page(self, client, member, away):
        away()
        answer = client.get("/t/whose/", headers={"HX-Request": "true"})

        assert_unavailable(answer)
        assert "<html" not in answer.text

    def test_the_sign_in_itself(self, client, member, away):
        client.logout()
        away()
        assert_unavailable(
            client.post("/accounts/login/", {"login": "someone", "password": "something"})
        )

    def test_a_form(self, client, member, away):
        away()
        assert_unavailable(client.post("/shops/switch/", {"shop": "1"}))

    def test_the_api_with_a_token(self, client, member, away):
        token = make.token(of=member)
        away()
        answer = client.get("/api/v1/pieces", headers={"Authorization": f"Bearer {token}"})

        assert_unavailable(answer)
        assert answer.json()["error"] == "DatabaseAway"

    def test_lost_in_the_middle_of_a_view(self, client, member):
        answer = client.get("/t/lose/")

        assert_unavailable(answer)
        with shop_scope(member.shop_id):
            assert not Branch.objects.filter(name="written").exists()

    def test_lost_in_the_middle_under_api(self, client, member):
        token = make.token(of=member)
        answer = client.get("/api/t/lose/", headers={"Authorization": f"Bearer {token}"})

        assert_unavailable(answer)
        assert answer.json()["error"] == "DatabaseAway"

    def test_good_again_at_once(self, client, member):
        assert client.get("/t/lose/").status_code == 503
        assert client.get("/t/whose/").status_code == 200

    def test_a_page_for_strangers_needs_no_database(self, client, away):
        away()
        client.raise_request_exception = False

        assert client.get("/accounts/login/").status_code == 200


@pytest.mark.django_db
class TestUploads:
    def test_too_large_is_refused_by_its_announced_length(self, client):
        limit = settings.UPLOAD_LIMIT_BYTES

        answer = client.generic("POST", "/accounts/login/", b"", CONTENT_LENGTH=str(limit + 1))

        assert answer.status_code == 413
        assert f"larger than {limit // 1024 // 1024} MB" in answer.text

    def test_under_api_as_json(self, client):
        answer = client.generic(
            "POST", "/api/v1/sales", b"", CONTENT_LENGTH=str(settings.UPLOAD_LIMIT_BYTES + 1)
        )

        assert answer.status_code == 413
        assert answer.json()["error"] == "UploadTooLarge"
        assert answer.json()["facts"] == {"megabytes": settings.UPLOAD_LIMIT_BYTES // 1024 // 1024}

    @pytest.mark.parametrize("length", ["", "x", "-1", "٩٩٩٩٩٩٩٩٩٩"])
    def test_a_length_that_is_no_number_is_no_reason(self, client, length):
        answer = client.generic("GET", "/accounts/login/", b"", CONTENT_LENGTH=length)

        assert answer.status_code == 200


class TestTheme:
    def test_the_choice_is_kept(self, client):
        answer = client.post("/theme/", {"theme": "dark", "next": "/accounts/login/"})

        assert answer["Location"] == "/accounts/login/"
        cookie = answer.cookies["theme"]
        assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("dark", True, "Lax")

    def test_an_unknown_theme_is_not_kept(self, client):
        assert "theme" not in client.post("/theme/", {"theme": "<script>"}).cookies

    @pytest.mark.parametrize(
        "back", ["https://evil.example/", "//evil.example", "javascript:x", "nowhere", "home"]
    )
    def test_the_way_back_stays_on_the_site(self, client, back):
        assert client.post("/theme/", {"theme": "dark", "next": back})["Location"] == "/"

    def test_only_by_post_and_from_this_site(self, client):
        assert client.get("/theme/").status_code == 405
        assert Client(enforce_csrf_checks=True).post("/theme/").status_code == 403

    def test_a_forged_cookie_chooses_nothing(self, rf):
        request = rf.get("/", headers={"Cookie": 'theme="><script>'})
        assert pages.look(request)["theme"] == "device"


def test_what_the_policy_lets_a_page_load(client):
    policy = client.get("/accounts/login/")["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))

    assert directives == {
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }


def test_other_headers_of_every_page(client):
    answer = client.get("/accounts/login/")

    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
