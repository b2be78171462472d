"""The shift of a till, and the numbers of its documents."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from apps.shops.models import Branch, Register, Series, Shift
from apps.shops.policies import policy, set_policy
from apps.shops.services import next_number
from apps.shops.shifts import TillNotOpen, TillOpenAlready, begin, end, locked_register
from tests import make

pytestmark = pytest.mark.django_db


def test_each_kind_has_its_own_numbers(scope, owner):
    taken = [str(next_number(by=owner, at=make.NOON, kind=kind)) for kind in ("R", "R", "V", "")]
    assert taken == ["1-R000001", "1-R000002", "1-V000001", "1-000001"]


def test_the_first_document_begins_the_shift_that_the_others_belong_to(scope, owner):
    first = next_number(by=owner, at=make.NOON, kind="G")
    second = next_number(by=owner, at=make.NOON)

    shift = Shift.objects.get()
    assert first.shift_id == second.shift_id == shift.pk
    assert (shift.number, shift.by_hand, shift.opened_by) == (1, False, owner)


def test_a_shop_may_want_its_tills_opened_by_hand(scope, owner):
    set_policy("till", {"open_first": True}, by=owner, at=make.NOON)

    with pytest.raises(TillNotOpen, match="Till 1 is not open"), transaction.atomic():
        next_number(by=owner, at=make.NOON)
    assert not Shift.objects.exists()

    shift = make.shift(by=owner)
    assert next_number(by=owner, at=make.NOON).shift_id == shift.pk


def test_opened_twice_is_refused(scope, owner):
    make.shift(by=owner)
    with pytest.raises(TillOpenAlready):
        begin(register=locked_register(code="1"), by=owner, at=make.NOON)


def test_the_next_shift_has_the_next_number(scope, owner):
    make.shift(by=owner)
    end(register=locked_register(code="1"), by=owner, at=make.NOON + timedelta(hours=8))
    again = make.shift(by=owner, at=make.NOON + timedelta(hours=9))

    assert again.number == 2
    assert list(Shift.objects.filter(closed_at__isnull=True)) == [again]


def test_the_database_keeps_one_open_shift_to_a_till(scope, owner):
    shift = make.shift(by=owner)
    with pytest.raises(IntegrityError, match="shops_shift_one_open"), transaction.atomic():
        Shift.objects.create(
            register=shift.register,
            number=2,
            day=shift.day,
            opened_at=make.NOON,
            opened_by=owner,
            by_hand=True,
        )


def test_only_the_end_of_a_shift_can_be_written_into_it(scope, owner):
    make.shift(by=owner)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Shift.objects.update(number=7)
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM shops_shift")


def test_tills_number_and_open_apart(scope, owner):
    Register.objects.create(branch=Branch.objects.get(), code="B", name="Till B")
    a = next_number(by=owner, at=make.NOON, kind="R")
    b = next_number(by=owner, at=make.NOON, kind="R", code="B")

    assert (str(a), str(b)) == ("1-R000001", "B-R000001")
    assert a.shift_id != b.shift_id


def test_a_policy_counts_from_its_moment_and_the_newest_wins(scope, owner):
    set_policy("returns", {"days": 7}, by=owner, at=make.NOON)
    set_policy("returns", {"days": 14}, by=owner, at=make.NOON + timedelta(days=1))

    assert policy("returns", at=make.NOON - timedelta(seconds=1)) == {}
    assert policy("returns", at=make.NOON) == {"days": 7}
    assert policy("returns", at=make.NOON + timedelta(days=2)) == {"days": 14}
    assert policy("till", at=make.NOON) == {}


def test_a_policy_is_never_changed(scope, owner):
    set_policy("returns", {"days": 7}, by=owner, at=make.NOON)
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE shops_policyversion SET section = 'x'")


def test_a_closed_shift_is_not_opened_again_behind_its_close(scope, owner):
    make.shift(by=owner)
    with transaction.atomic():
        closed = end(register=locked_register(code="1"), by=owner, at=make.NOON)

    with pytest.raises(IntegrityError, match="is closed and stays so"), transaction.atomic():
        Shift.objects.filter(pk=closed.pk).update(closed_at=None, closed_by=None)


def test_a_number_that_was_taken_is_not_taken_again(scope, owner):
    for kind in ("", "R"):
        next_number(by=owner, at=make.NOON, kind=kind)

    for numbered in (Register, Series):
        with pytest.raises(IntegrityError, match="never goes back"), transaction.atomic():
            numbered.objects.update(last_number=0)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Series.objects.all().delete()
