"""The drawer opened without a sale: a reason, a second person where the table asks, counted."""

import pytest
from django.utils import timezone

from apps.shops.approvals import set_pin
from apps.shops.models import Action, Approval, Register, Role
from apps.till.report import report_of
from tests import make

pytestmark = pytest.mark.django_db
DOOR = "/till/no-sale/"


@pytest.fixture
def at_work(client, clerk):
    make.shift(by=clerk, at=timezone.now())
    client.force_login(clerk.user)
    return client


def given(client, **more):
    key = client.get(DOOR).context["form"]["key"].value()
    return {"key": key, "reason": "change for a note", **more}


def test_a_clerk_needs_a_second_person_and_it_is_counted(at_work, shop, clerk):
    set_pin(member=make.member(of=shop, role=Role.MANAGER, username="mona"), pin="48213")
    assert at_work.post(DOOR, given(at_work)).status_code == 409
    wrong = given(at_work, approver="mona", pin="11112")
    assert at_work.post(DOOR, wrong).status_code == 403
    assert not Approval.objects.exists()

    right = given(at_work, approver="mona", pin="48213")
    assert at_work.post(DOOR, right).status_code == 302

    said = Approval.objects.get(action=Action.DRAWER)
    assert (said.asked_by, said.approved_by.user.username) == (clerk, "mona")
    shift = Register.objects.get().shift
    assert report_of(shift, currency=shop.currency).openings == 1


def test_an_owner_opens_it_alone_and_reads_it_in_the_x_report(client, shop, owner, scope):
    make.shift(by=owner, at=timezone.now())
    client.force_login(owner.user)
    assert client.post(DOOR, given(client)).status_code == 302
    assert "Drawer opened without a sale" in client.get("/till/x/").content.decode()


def test_not_without_a_reason_nor_at_a_closed_till(client, owner, scope):
    client.force_login(owner.user)
    assert client.post(DOOR, given(client, reason="")).status_code == 422
    closed = client.post(DOOR, given(client))
    assert closed.status_code == 409
    assert "is closed" in closed.content.decode()
    assert not Approval.objects.exists()
