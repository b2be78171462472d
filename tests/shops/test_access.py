"""The guard of a door: the right role, another role, a stranger and the way back."""

import pytest

from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.shops.doors")]


def test_the_right_role(client, member):
    assert client.get("/t/managers/").content == b"welcome"


def test_another_role(client, shop):
    client.force_login(make.member(of=shop, role="cashier").user)

    answer = client.get("/t/managers/")

    assert answer.status_code == 403
    assert "Your role does not allow this. Ask the owner." in answer.text


def test_a_user_of_no_shop(client, shop):
    client.force_login(make.user())

    answer = client.get("/t/whose/")

    assert answer.status_code == 403
    assert "not a member of any shop" in answer.text


def test_a_stranger_comes_back_where_they_wanted(client, shop):
    answer = client.get("/t/whose/?page=2")

    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=/t/whose/%3Fpage%3D2"


def test_a_strangers_form_comes_back_to_its_page(client, shop):
    answer = client.post("/t/whose/", headers={"Referer": "http://testserver/stock/?page=2"})

    assert answer["Location"] == "/accounts/login/?next=/stock/%3Fpage%3D2"


@pytest.mark.parametrize("referer", ["", "http://evil.example/stock/", "x"])
def test_a_form_from_elsewhere_comes_back_home(client, shop, referer):
    answer = client.post("/t/whose/", headers={"Referer": referer} if referer else {})

    assert answer["Location"] == "/accounts/login/?next=/"


def test_a_part_sends_the_whole_page_to_sign_in(client, shop):
    answer = client.get(
        "/t/whose/",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/counter/"},
    )

    assert answer.status_code == 200
    assert answer["HX-Redirect"] == "/accounts/login/?next=/counter/"


def test_a_part_of_another_site_does_not(client, shop):
    answer = client.get(
        "/t/whose/",
        headers={"HX-Request": "true", "HX-Current-URL": "http://evil.example/counter/"},
    )

    assert answer["HX-Redirect"] == "/accounts/login/?next=/"
