"""A broken constraint becomes the refusal that explains it; an unknown one stays loud."""

from dataclasses import dataclass

import pytest
from django.db import IntegrityError, connection, transaction

from apps.core.constraints import refuse_on
from apps.core.errors import Conflict
from apps.shops.models import Branch


@dataclass(eq=False)
class NameTaken(Conflict):
    name: str

    def __str__(self) -> str:
        return f"{self.name} is taken."


UNIQUE = "shops_branch_name_unique"


def test_a_listed_constraint_is_the_refusal(scope):
    Branch.objects.create(name="Souq")

    with pytest.raises(NameTaken) as refused, refuse_on({UNIQUE: NameTaken("Souq")}):
        Branch.objects.create(name="Souq")

    assert isinstance(refused.value.__cause__, IntegrityError)


def test_the_transaction_around_it_lives_on(scope):
    Branch.objects.create(name="Souq")
    with pytest.raises(NameTaken), refuse_on({UNIQUE: NameTaken("Souq")}):
        Branch.objects.create(name="Souq")

    assert Branch.objects.filter(name="Souq").count() == 1


def test_what_the_block_did_before_is_undone(scope):
    Branch.objects.create(name="Souq")
    with pytest.raises(NameTaken), refuse_on({UNIQUE: NameTaken("Souq")}):
        Branch.objects.bulk_create([Branch(name="Mall"), Branch(name="Souq")], batch_size=1)

    assert not Branch.objects.filter(name="Mall").exists()


def test_an_unlisted_constraint_is_a_bug_and_loud(scope):
    Branch.objects.create(name="Souq")

    with pytest.raises(IntegrityError), refuse_on({"another": NameTaken("Souq")}):
        Branch.objects.create(name="Souq")


def test_without_a_savepoint_the_transaction_is_given_up(scope):
    Branch.objects.create(name="Souq")
    with transaction.atomic():
        with pytest.raises(NameTaken), refuse_on({UNIQUE: NameTaken("Souq")}, savepoint=False):
            Branch.objects.create(name="Souq")
        assert connection.needs_rollback


def test_other_exceptions_pass_through(scope):
    with pytest.raises(ZeroDivisionError), refuse_on({UNIQUE: NameTaken("Souq")}):
        1 / 0  # noqa: B018
