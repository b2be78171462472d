"""The table of permissions: who may do what, up to which amount alone, and what it was before."""

from datetime import time
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.shops.approvals import Rule, may, rules_now, set_rules
from apps.shops.forms import OTHERS
from apps.shops.hours import Hours, hours_at
from apps.shops.models import Action, PolicyVersion, Role
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_work(client, owner):
    client.force_login(owner.user)
    return client


def as_sent(at_work):
    form = at_work.get("/shops/permissions/").context["form"]
    given = {}
    for name, field in form.fields.items():
        if name.startswith("may_"):
            if field.initial:
                given[name] = "on"
        else:
            given[name] = "" if field.initial is None else str(field.initial)
    return given


def test_keeping_the_table_as_it_is_writes_no_version(at_work, scope):
    before = rules_now(at=timezone.now())
    assert at_work.post("/shops/permissions/", as_sent(at_work)).status_code == 302
    assert rules_now(at=timezone.now()) == before
    assert not PolicyVersion.objects.exists()


def test_the_owner_sets_who_may_do_what_up_to_which_amount(at_work, scope):
    said = as_sent(at_work) | {"second_void": "never", "second_return": "above"}
    said |= {"limit_return": "1,500", "may_see_cost_salesperson": "on"}
    del said["may_void_salesperson"], said["may_void_cashier"]
    assert at_work.post("/shops/permissions/", said).status_code == 302
    rules = rules_now(at=timezone.now())
    assert rules[Action.VOID] == Rule(("owner", "manager"), None)
    assert rules[Action.RETURN].limit == Decimal(1500)
    assert rules[Action.SEE_COST].roles == ("owner", "manager", "salesperson")
    assert set(PolicyVersion.objects.get().values) == {"void", "return", "see_cost"}
    for wrong in ({"limit_return": "a lot"}, {"limit_return": ""}, {"second_void": "nobody"}):
        assert at_work.post("/shops/permissions/", said | wrong).status_code == 422
    page = at_work.get("/shops/permissions/").content.decode()
    assert "Void a document · Take a piece back · See what pieces cost" in page


def test_an_owner_cannot_lock_themself_out(at_work, owner, scope):
    said = {name: value for name, value in as_sent(at_work).items() if not name.startswith("may_")}
    assert at_work.post("/shops/permissions/", said).status_code == 302
    assert all(may(action, by=owner, at=timezone.now()) for action in Action)
    assert at_work.get("/shops/permissions/").status_code == 200
    # Nor by a version that some program wrote.
    set_rules({Action.VOID: Rule((), None)}, by=owner, at=timezone.now())
    assert may(Action.VOID, by=owner, at=timezone.now())


@pytest.mark.parametrize("role", OTHERS)
def test_the_table_is_the_owners_alone(client, shop, role):
    client.force_login(make.member(of=shop, role=Role(role)).user)
    assert client.get("/shops/permissions/").status_code == 403
    assert client.post("/shops/permissions/", {}).status_code == 403
    assert client.post("/shops/permissions/hours/", {}).status_code == 403


def test_the_hours_of_the_shop(at_work, scope):
    assert hours_at(timezone.now()) is None
    sent = at_work.post("/shops/permissions/hours/", {"since": "09:30", "until": "21:00"})
    assert sent.status_code == 302
    assert hours_at(timezone.now()) == Hours(time(9, 30), time(21))
    for wrong in ({"since": "09:30"}, {"since": "x", "until": "21:00"}):
        assert at_work.post("/shops/permissions/hours/", wrong).status_code == 422
    assert at_work.post("/shops/permissions/hours/", {}).status_code == 302
    assert hours_at(timezone.now()) is None


@pytest.mark.parametrize(
    ("since", "until", "inside"), [(9, 21, True), (20, 4, False), (13, 23, False), (22, 13, True)]
)
def test_hours_past_midnight(since, until, inside):
    assert Hours(time(since), time(until)).holds(time(12)) is inside
