"""Who works in the shop: taken on, made something else, let go; and what then no longer opens."""

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from apps.shops.models import ApiToken, Member, Role
from apps.shops.people import LastOwner, change_role, let_go
from apps.shops.scope import shop_scope
from apps.shops.selectors import MemberNotFound, member_named, staff_of
from tests import make

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough one"


@pytest.fixture
def at_work(client, owner):
    client.force_login(owner.user)
    return client


def test_somebody_new_is_taken_on_with_a_first_password(at_work, client, shop):
    given = {"username": "zoe", "name": "Zoë Brandt", "role": "salesperson", "password": PASSWORD}
    assert at_work.post("/shops/people/new/", given).status_code == 302
    member = Member.objects.get(shop=shop, user__username="zoe")
    assert member.role == Role.SALESPERSON
    assert member.user.check_password(PASSWORD)
    assert "Zoë Brandt" in at_work.get("/shops/people/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"username": ""}, "required"),
        ({"password": ""}, "password"),
        ({"password": "12345"}, "too short"),
        ({"role": "emperor"}, "valid choice"),
        ({"username": "x" * 151}, "150"),
        ({"username": "a b"}, "letters"),
        ({"username": "zo\x00e"}, "ull characters"),
    ],
)
def test_what_cannot_be_taken_on(at_work, shop, wrong, said):
    given = {"username": "zoe", "role": "salesperson", "password": PASSWORD} | wrong
    answer = at_work.post("/shops/people/new/", given)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Member.objects.filter(shop=shop).count() == 1
    assert PASSWORD not in answer.content.decode()


def test_who_works_here_already_is_not_taken_on_twice(at_work, shop):
    make.member(of=shop, role=Role.CASHIER, username="zoe")
    answer = at_work.post("/shops/people/new/", {"username": "zoe", "role": "manager"})
    assert answer.status_code == 422
    assert Member.objects.get(shop=shop, user__username="zoe").role == Role.CASHIER


def test_who_was_let_go_can_come_back_and_has_no_pin(at_work, shop, owner):
    zoe = make.member(of=shop, role=Role.MANAGER, username="zoe")
    let_go(member=zoe.pk, by=owner, at=make.NOON)
    sent = at_work.post("/shops/people/new/", {"username": "zoe", "role": "cashier"})
    assert sent.status_code == 302
    zoe.refresh_from_db()
    assert (zoe.let_go_at, zoe.role, zoe.pin) == (None, Role.CASHIER, "")


class TestLettingGo:
    def test_pages_and_programs_are_closed_at_once(self, client, shop, owner):
        zoe = make.member(of=shop, role=Role.MANAGER, username="zoe")
        token = make.token(of=zoe)
        client.force_login(zoe.user)
        header = {"Authorization": f"Bearer {token}"}
        assert client.get("/rates/").status_code == 200
        assert client.get("/api/v1/rates", headers=header).status_code == 200

        let_go(member=zoe.pk, by=owner, at=make.NOON)

        assert ApiToken.objects.get(member=zoe).revoked_at == make.NOON
        assert zoe.pk not in {member.pk for member in staff_of(shop)}
        with pytest.raises(MemberNotFound):
            member_named(shop=shop, member="zoe")
        assert client.get("/rates/").status_code == 403
        assert client.get("/api/v1/rates", headers=header).status_code == 401

    def test_not_oneself_and_not_the_last_owner(self, at_work, client, shop, owner):
        assert at_work.post(f"/shops/members/{owner.pk}/go/").status_code == 409
        changed = at_work.post(f"/shops/members/{owner.pk}/role/", {"role": "cashier"})
        assert changed.status_code == 409
        assert "no owner" in changed.content.decode()
        owner.refresh_from_db()
        assert owner.role == Role.OWNER
        # What the service asks, the database holds too.
        with pytest.raises(IntegrityError, match="no owner"), transaction.atomic():
            Member.objects.filter(pk=owner.pk).update(let_go_at=make.NOON)

    def test_one_of_two_owners_may_go_and_the_other_stays(self, shop, owner):
        other = make.member(of=shop, username="second")
        let_go(member=owner.pk, by=other, at=make.NOON)
        with pytest.raises(LastOwner):
            change_role(member=other.pk, role=Role.CASHIER, by=other)

    def test_another_shops_person_is_not_found(self, at_work):
        stranger = make.member(of=make.shop(name="Other"), role=Role.CASHIER)
        for door in ("go/", "role/", "pin/"):
            sent = at_work.post(f"/shops/members/{stranger.pk}/{door}", {"role": "manager"})
            assert sent.status_code == 404, door
        stranger.refresh_from_db()
        assert (stranger.role, stranger.let_go_at) == (Role.CASHIER, None)


def test_a_role_taken_away_in_the_middle_of_a_form(client, shop, owner, scope):
    """The page was open; the press after the change is refused and does nothing."""
    zoe = make.member(of=shop, role=Role.OWNER, username="zoe")
    client.force_login(zoe.user)
    form = client.get("/shops/permissions/").context["form"]
    assert form is not None
    Member.objects.filter(pk=zoe.pk).update(role=Role.SALESPERSON)

    answer = client.post("/shops/people/new/", {"username": "friend", "role": "owner"})

    assert answer.status_code == 403
    assert "Your role does not allow this." in answer.content.decode()
    assert not Member.objects.filter(user__username="friend").exists()
    assert client.post("/shops/permissions/", {}).status_code == 403
    assert client.post("/rates/making/new/", {}).status_code == 403


def test_only_the_owner_decides(client, shop, clerk):
    for role in (Role.MANAGER, Role.SALESPERSON, Role.CASHIER):
        member = make.member(of=shop, role=role)
        client.force_login(member.user)
        assert client.get("/shops/people/").status_code == (200 if role == Role.MANAGER else 403)
        for door in ("role/", "go/", "pin/"):
            assert client.post(f"/shops/members/{clerk.pk}/{door}").status_code == 403


def test_a_key_is_revoked_once_and_only_here(at_work, shop, owner):
    make.token(of=owner)
    token = ApiToken.objects.get(member=owner)
    stranger = make.member(of=make.shop(name="Other"))
    make.token(of=stranger)
    theirs = ApiToken.objects.get(member=stranger)
    assert at_work.post(f"/shops/tokens/{token.pk}/revoke/").status_code == 302
    assert at_work.post(f"/shops/tokens/{token.pk}/revoke/").status_code == 404
    assert at_work.post(f"/shops/tokens/{theirs.pk}/revoke/").status_code == 404
    theirs.refresh_from_db()
    assert theirs.revoked_at is None


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM shops_member",
        "UPDATE shops_member SET user_id = user_id",
        "UPDATE shops_member SET shop_id = shop_id",
        "DELETE FROM shops_apitoken",
        "UPDATE shops_apitoken SET member_id = member_id",
    ],
)
def test_the_serving_role_moves_no_place_to_somebody_else(owner, statement):
    with (
        shop_scope(owner.shop_id),
        connection.cursor() as cursor,
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
    ):
        cursor.execute(statement)
