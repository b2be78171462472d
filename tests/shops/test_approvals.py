"""Permission, a reason, and the PIN of a second person."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from apps.shops import approvals
from apps.shops.approvals import (
    ApprovalNeeded,
    Approver,
    NotAllowed,
    PinImpossible,
    PinLocked,
    PinRefused,
    ReasonMissing,
    count_wrong,
    needs_second,
    permit,
    set_pin,
)
from apps.shops.models import Action, Approval, Role
from apps.shops.policies import set_policy
from tests import make

pytestmark = pytest.mark.django_db
PIN = "4821"


@pytest.fixture
def manager(shop, scope):
    member = make.member(of=shop, role=Role.MANAGER, username="mona")
    set_pin(member=member, pin=PIN)
    return member


def asked(by, *, amount="100", reason="wrong size", approver=None, action=Action.RETURN):
    with transaction.atomic():
        return permit(
            action,
            by=by,
            amount=Decimal(amount),
            reason=reason,
            approver=approver,
            reference="1-R000001",
            at=make.NOON,
        )


def test_who_is_in_charge_needs_a_reason_and_nobody_else(owner, scope):
    approval = asked(owner)
    assert (approval.asked_by, approval.approved_by, approval.reason) == (
        owner,
        None,
        "wrong size",
    )
    with pytest.raises(ReasonMissing):
        asked(owner, reason="  ")


def test_a_clerk_needs_a_second_person(clerk, manager):
    with pytest.raises(ApprovalNeeded, match="second person"):
        asked(clerk)
    approved = asked(clerk, approver=Approver(username="mona", pin=PIN))
    assert approved.approved_by == manager


def test_up_to_the_shops_limit_a_clerk_needs_nobody(clerk, owner):
    set_policy("approvals", {"return": {"limit": "100"}}, by=owner, at=make.NOON)
    assert asked(clerk, amount="100").approved_by is None
    with pytest.raises(ApprovalNeeded):
        asked(clerk, amount="100.01")
    with pytest.raises(ApprovalNeeded):
        asked(clerk, amount="-100.01")
    assert not needs_second(Action.RETURN, by=clerk, amount=Decimal(1), at=make.NOON)


def test_a_role_that_may_not_ask(clerk, owner, manager):
    set_policy("approvals", {"return": {"roles": ["owner"]}}, by=owner, at=make.NOON)
    with pytest.raises(NotAllowed):
        asked(clerk, approver=Approver(username="mona", pin=PIN))
    with pytest.raises(NotAllowed):
        asked(manager)


@pytest.mark.parametrize("pin", ["0000", "", "4821 ", "48211"])
def test_a_wrong_pin_is_refused_in_the_same_words_as_a_wrong_person(clerk, manager, pin):
    with pytest.raises(PinRefused) as wrong:
        asked(clerk, approver=Approver(username="mona", pin=pin))
    with pytest.raises(PinRefused) as unknown:
        asked(clerk, approver=Approver(username="nobody", pin=PIN))
    assert str(wrong.value) == str(unknown.value)
    assert pin not in repr(wrong.value.facts()) or not pin
    assert not Approval.objects.exists()


def test_nobody_approves_themselves_nor_does_a_colleague(shop, clerk, manager):
    set_pin(member=clerk, pin="9273")
    colleague = make.member(of=shop, role=Role.CASHIER, username="zoe")
    set_pin(member=colleague, pin="9273")
    for name in (clerk.user.username, "zoe"):
        with pytest.raises(PinRefused):
            asked(clerk, approver=Approver(username=name, pin="9273"))
    with pytest.raises(PinRefused):
        asked(manager, approver=Approver(username="mona", pin=PIN))


def test_another_shops_manager_approves_nothing_here(clerk):
    elsewhere = make.shop(name="Other")
    member = make.member(of=elsewhere, role=Role.MANAGER, username="otto")
    set_pin(member=member, pin=PIN)
    with pytest.raises(PinRefused):
        asked(clerk, approver=Approver(username="otto", pin=PIN))


def test_five_wrong_pins_lock_it_for_a_quarter_of_an_hour(clerk, manager):
    for _ in range(5):
        wrong = []
        token = approvals.wrong_pins.set(wrong)
        with pytest.raises(PinRefused):
            asked(clerk, approver=Approver(username="mona", pin="0001"))
        approvals.wrong_pins.reset(token)
        count_wrong(wrong, by=clerk, at=make.NOON)

    with pytest.raises(PinLocked):
        asked(clerk, approver=Approver(username="mona", pin=PIN))
    manager.refresh_from_db()
    assert manager.pin_locked_until == make.NOON + timedelta(minutes=15)


def test_a_right_pin_forgets_the_wrong_ones(clerk, manager):
    count_wrong([manager.pk] * 4, by=clerk, at=make.NOON)
    asked(clerk, approver=Approver(username="mona", pin=PIN))
    manager.refresh_from_db()
    assert manager.pin_failures == 0


@pytest.mark.parametrize("pin", ["", "123", "1111", "12a4", "١٢٣٤", "1" * 13])
def test_a_pin_that_is_none(owner, pin):
    with pytest.raises(PinImpossible):
        set_pin(member=owner, pin=pin)


def test_the_pin_itself_is_kept_nowhere(manager):
    assert PIN not in manager.__class__.objects.get(pk=manager.pk).pin


def test_the_database_refuses_an_approval_by_oneself(owner, scope):
    with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
        Approval.objects.create(
            action=Action.VOID,
            reference="1-V000001",
            reason="typed twice",
            asked_by=owner,
            approved_by=owner,
            at=make.NOON,
        )
