"""The pages of PINs and approvals."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import check_password
from django.core.cache import cache
from django.utils import timezone

from apps.shops.approvals import permit, set_pin
from apps.shops.models import Action, Member
from tests import make

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough one"
PIN = "48213"


@pytest.fixture(autouse=True)
def nobody_tried_before():
    cache.clear()


@pytest.fixture
def at_work(client, owner):
    client.force_login(owner.user)
    return client


def given(**more):
    return {"password": PASSWORD, "pin": PIN, "again": PIN, **more}


def test_a_member_sets_their_own_pin_with_their_password(client, clerk):
    client.force_login(clerk.user)
    assert client.get("/shops/pin/").status_code == 200
    assert client.post("/shops/pin/", given(pin="۴۸۲۱۳", again=PIN)).status_code == 302
    clerk.refresh_from_db()
    assert check_password(PIN, clerk.pin)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"password": "guessed"}, "not your password"),
        ({"again": "48214"}, "differ"),
        ({"pin": "1111", "again": "1111"}, "not all the same"),
        ({"pin": "123", "again": "123"}, "4 to 12 digits"),
        ({"pin": "12a456", "again": "12a456"}, "4 to 12 digits"),
    ],
)
def test_what_is_no_pin_is_refused_and_never_shown_again(at_work, owner, wrong, said):
    answer = at_work.post("/shops/pin/", given(**wrong))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    assert given(**wrong)["pin"] not in page
    assert given(**wrong)["password"] not in page
    owner.refresh_from_db()
    assert owner.pin == ""


def test_guessing_the_password_there_is_stopped(at_work):
    for _ in range(10):
        at_work.post("/shops/pin/", given(password="guessed"))
    assert "Too many attempts" in at_work.post("/shops/pin/", given()).content.decode()


def test_the_owner_takes_a_pin_away_and_nobody_else(client, shop, owner):
    manager = make.member(of=shop, role="manager")
    set_pin(member=manager, pin=PIN)
    client.force_login(manager.user)
    assert client.post(f"/shops/members/{manager.pk}/pin/").status_code == 403
    client.force_login(owner.user)
    assert client.post(f"/shops/members/{manager.pk}/pin/").status_code == 302
    manager.refresh_from_db()
    assert manager.pin == ""


def test_another_shops_member_is_not_found(at_work):
    stranger = make.member(of=make.shop(name="Other"))
    set_pin(member=stranger, pin=PIN)
    assert at_work.post(f"/shops/members/{stranger.pk}/pin/").status_code == 404
    stranger.refresh_from_db()
    assert stranger.pin


def test_the_list_is_filtered_by_action_person_and_document(at_work, shop, owner, scope):
    clerk = make.member(of=shop, role="salesperson", username="zoe")
    now = timezone.now()
    permit(Action.VOID, by=owner, reason="typed wrong", reference="1-V000007", at=now)
    permit(Action.TRADE_IN, by=clerk, reason="heirloom", reference="1-G000003", at=now)
    for query, shown in (
        ({}, "VG"),
        ({"action": "void"}, "V"),
        ({"person": "zoe"}, "G"),
        ({"search": "1-V"}, "V"),
        ({"search": "heir"}, "G"),
        ({"search": "\x00nothing"}, ""),
    ):
        page = at_work.get("/shops/approvals/", query).content.decode()
        assert [sign in page for sign in ("1-V000007", "1-G000003")] == [
            letter in shown for letter in "VG"
        ], query
    assert (
        "<html"
        not in at_work.get("/shops/approvals/", headers={"HX-Request": "true"}).content.decode()
    )


def test_a_name_that_no_text_can_hold_finds_nobody(at_work):
    assert at_work.get("/shops/approvals/", {"person": "\x00zoe"}).status_code == 200


def test_they_are_for_those_in_charge(client, clerk):
    client.force_login(clerk.user)
    for address in ("/shops/approvals/", "/shops/permissions/", "/shops/people/"):
        assert client.get(address).status_code == 403


def test_a_locked_pin_is_told_to_the_owner(at_work, shop, owner):
    manager = make.member(of=shop, role="manager")
    set_pin(member=manager, pin=PIN)
    Member.objects.filter(pk=manager.pk).update(
        pin_locked_until=timezone.now() + timedelta(minutes=10)
    )
    for address in ("/shops/approvals/", "/shops/people/"):
        assert "locked until" in at_work.get(address).content.decode(), address
