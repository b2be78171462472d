"""A member's whole request runs in their shop, and what fails leaves nothing behind."""

import pytest
from django.db import connection

from apps.shops.models import Branch
from apps.shops.scope import shop_scope
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.shops.doors")]


def written(shop):
    with shop_scope(shop.pk):
        return Branch.objects.filter(name="written").exists()


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
