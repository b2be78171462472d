"""How a person's pages are written: chosen on one page, in force on all."""

import pytest
from django.urls import reverse
from django.utils import translation

from apps.users.models import User
from tests import make

HERE = "/users/preferences/"


@pytest.fixture(autouse=True)
def _own_language():
    """A request leaves its language behind in the thread; the next test begins with its own."""
    with translation.override(None):
        yield


@pytest.fixture
def tehran(db):
    return make.shop(currency="IRR", tax_pack="IR", time_zone="Asia/Tehran")


@pytest.fixture
def seller(tehran, client):
    member = make.member(of=tehran)
    client.force_login(member.user)
    return member


def chosen(**of):
    return {"language": "", "digits": "", "calendar": "", "money_unit": "", "sounds": "on", **of}


def test_a_stranger_is_sent_to_sign_in(client, db):
    response = client.get(HERE)

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/accounts/login/")


def test_the_page_shows_what_is_in_force(client, seller):
    page = client.get(HERE)

    assert page.status_code == 200
    assert "1,234,567" in page.text
    assert "rial" in page.text


def test_what_is_chosen_is_kept_and_in_force_at_once(client, seller):
    response = client.post(HERE, chosen(language="fa", digits="latin", calendar="gregorian"))

    assert response.status_code == 302
    page = client.get(HERE)
    assert 'lang="fa" dir="rtl" data-digits="latn"' in page.text
    # Tomans: what people who speak the language say, though nobody chose it.
    assert "123,456.7" in page.text
    assert page.headers["Content-Language"] == "fa"
    kept = User.objects.get(pk=seller.user_id)
    assert (kept.language, kept.digits, kept.calendar) == ("fa", "latin", "gregorian")


@pytest.mark.parametrize(
    ("language", "unit", "amount"),
    [
        ("en", "", "1,234,567"),
        ("en", "toman", "123,456.7"),
        ("fa", "", "۱۲۳٬۴۵۶٫۷"),
        ("fa", "rial", "۱٬۲۳۴٬۵۶۷"),
    ],
)
def test_rials_are_shown_in_the_unit_that_was_chosen(client, seller, language, unit, amount):
    client.post(HERE, chosen(language=language, money_unit=unit))

    assert amount in client.get(HERE).text


def test_the_unit_is_asked_for_only_where_money_has_two(client, db):
    client.force_login(make.member(of=make.shop()).user)

    assert 'name="money_unit"' not in client.get(HERE).text


def test_who_keeps_a_shop_in_rials_is_asked(client, seller):
    assert 'name="money_unit"' in client.get(HERE).text


def test_what_is_no_choice_is_refused_and_nothing_is_kept(client, seller):
    response = client.post(HERE, chosen(language="fa", digits="roman"))

    assert response.status_code == 422
    assert User.objects.get(pk=seller.user_id).language == ""


def test_nobody_sets_another_persons_or_more_of_themselves(client, seller):
    client.post(HERE, {**chosen(language="fa"), "is_staff": "on", "username": "root", "pk": "1"})

    kept = User.objects.get(pk=seller.user_id)
    assert (kept.is_staff, kept.username) == (False, seller.user.username)


def test_sounds_are_off_where_they_were_switched_off(client, seller):
    client.post(HERE, {name: word for name, word in chosen().items() if name != "sounds"})

    assert 'data-sounds="off"' in client.get(HERE).text


class TestLanguage:
    def test_a_stranger_keeps_it_in_the_browser(self, client, db):
        response = client.post(reverse("language"), {"language": "fa", "next": "/accounts/login/"})

        assert response.headers["Location"] == "/accounts/login/"
        assert 'lang="fa"' in client.get("/accounts/login/").text

    def test_who_is_signed_in_keeps_it_everywhere(self, client, seller):
        client.post(reverse("language"), {"language": "fa"})

        assert User.objects.get(pk=seller.user_id).language == "fa"
        client.cookies.clear()
        client.force_login(seller.user)
        assert 'lang="fa"' in client.get(HERE).text

    @pytest.mark.parametrize("code", ["", "xx", "en-US", "\x00"])
    def test_what_is_no_language_changes_nothing(self, client, seller, code):
        client.post(reverse("language"), {"language": code})

        assert User.objects.get(pk=seller.user_id).language == ""

    def test_leads_nowhere_else(self, client, db):
        given = {"language": "fa", "next": "https://elsewhere.example/"}
        assert client.post(reverse("language"), given).headers["Location"] == "/"

    def test_is_no_link(self, client, db):
        assert client.get(reverse("language")).status_code == 405


def test_the_api_is_left_as_it_is(client, seller):
    client.post(HERE, chosen(language="fa", money_unit="toman"))
    client.cookies.pop("django_language")

    answer = client.get("/api/v1/nothing-here")

    assert answer.status_code == 404
    assert answer.json()["message"].isascii()
