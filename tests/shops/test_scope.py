"""Tenancy as the database keeps it: loud with no scope, blind to other shops, bound to one."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from apps.inventory.models import Movement, Piece
from apps.ledger.models import Account
from apps.pricing.models import MetalRate
from apps.shops.models import Branch, Register
from apps.shops.scope import shop_scope
from tests import make


def setting():
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('app.shop_id', true), '')")
        return cursor.fetchone()[0]


def at_commit(model, **values):
    """Write a row and ask the deferred constraints, as a commit does."""
    with transaction.atomic():
        model.objects.create(**values)
        connection.check_constraints()


@pytest.fixture
def other(db):
    return make.shop(name="Other")


@pytest.mark.parametrize("model", [Branch, Register, Account, MetalRate, Piece])
def test_reading_with_no_shop_in_scope_is_loud(shop, owner, model):
    # PostgreSQL asks the policy when it meets a row: an empty table has nothing to hide.
    with shop_scope(shop.pk):
        make.rate(of=shop)
        make.piece(by=owner)

    with pytest.raises(DatabaseError, match="no shop in scope"), transaction.atomic():
        model.objects.exists()


def test_the_loud_answer_names_the_way_in(shop):
    with pytest.raises(DatabaseError) as loud, transaction.atomic():
        Branch.objects.count()

    assert "shop_scope" in loud.value.__cause__.diag.message_hint


def test_writing_with_no_shop_in_scope_is_loud(shop):
    with pytest.raises(DatabaseError, match="no shop in scope"), transaction.atomic():
        Branch.objects.create(name="Nowhere")
    with pytest.raises(DatabaseError, match="no shop in scope"), transaction.atomic():
        Branch.objects.create(name="Here", shop=shop)
    with pytest.raises(DatabaseError, match="no shop in scope"), transaction.atomic():
        Branch.objects.update(name="Everywhere")
    with pytest.raises(DatabaseError, match="no shop in scope"), transaction.atomic():
        Branch.objects.all().delete()


def test_other_shops_rows_are_invisible(shop, other):
    with shop_scope(shop.pk):
        assert [branch.name for branch in Branch.objects.all()] == ["Noor"]
        assert not Branch.objects.filter(shop=other).exists()
    with shop_scope(other.pk):
        assert [branch.name for branch in Branch.objects.all()] == ["Other"]


def test_other_shops_rows_are_out_of_reach(shop, other):
    with shop_scope(other.pk):
        theirs = Branch.objects.get()
    with shop_scope(shop.pk):
        assert Branch.objects.filter(pk=theirs.pk).update(name="mine") == 0
        assert Branch.objects.filter(pk=theirs.pk).delete()[0] == 0
    with shop_scope(other.pk):
        assert Branch.objects.get().name == "Other"


def test_a_row_of_another_shop_cannot_be_written(shop, other):
    with (
        shop_scope(shop.pk),
        pytest.raises(DatabaseError, match="row-level security"),
        transaction.atomic(),
    ):
        Branch.objects.create(name="Theirs", shop=other)


def test_a_row_cannot_be_given_away(shop, other):
    with (
        shop_scope(shop.pk),
        pytest.raises(DatabaseError, match="row-level security"),
        transaction.atomic(),
    ):
        Branch.objects.update(shop=other)


def test_the_database_fills_in_the_shop(shop):
    with shop_scope(shop.pk):
        branch = Branch.objects.create(name="Souq")
        branch.refresh_from_db()
    assert branch.shop_id == shop.pk


def test_a_scope_leaves_nothing_behind(shop):
    with shop_scope(shop.pk):
        assert setting() == str(shop.pk)
    assert setting() == ""


def test_scopes_nest(shop, other):
    with shop_scope(shop.pk):
        with shop_scope(other.pk):
            assert Branch.objects.get().name == "Other"
        assert Branch.objects.get().name == "Noor"


def test_an_inner_scope_that_fails_restores_the_outer(shop, other):
    with shop_scope(shop.pk):
        with pytest.raises(RuntimeError), shop_scope(other.pk):
            raise RuntimeError
        assert setting() == str(shop.pk)
        assert Branch.objects.get().name == "Noor"


def test_an_inner_scope_whose_statement_failed_restores_the_outer(shop, other):
    with shop_scope(shop.pk):
        with pytest.raises(IntegrityError), shop_scope(other.pk):
            Branch.objects.create(name="Other")
        assert Branch.objects.get().name == "Noor"


def test_what_a_failed_scope_wrote_is_gone(shop):
    def write_and_fail():
        with shop_scope(shop.pk):
            Branch.objects.create(name="Souq")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    with shop_scope(shop.pk):
        assert not Branch.objects.filter(name="Souq").exists()


@pytest.mark.parametrize("nonsense", ["", "x", "1; SELECT 1", "1 OR true"])
def test_a_scope_that_is_no_shop_shows_nothing(shop, nonsense):
    with pytest.raises(DatabaseError), shop_scope(nonsense):
        Branch.objects.exists()


def test_a_shop_that_does_not_exist_has_no_rows(shop):
    with shop_scope(2**40):
        assert not Branch.objects.exists()
        with pytest.raises(IntegrityError, match="shops_shop"):
            at_commit(Branch, name="Ghost")


def test_a_foreign_key_cannot_name_another_shops_row(shop, other):
    """PostgreSQL looks past row-level security when it checks a foreign key."""
    with shop_scope(other.pk):
        theirs = make.piece(by=make.member(of=other))
    with (
        shop_scope(shop.pk),
        pytest.raises(IntegrityError, match="inventory_movement_piece_id_same_shop"),
    ):
        at_commit(Movement, piece_id=theirs.pk, kind="moved", moved_at=make.NOON)


def test_a_member_of_another_shop_cannot_be_named(shop, other):
    stranger = make.member(of=other)
    with (
        shop_scope(shop.pk),
        pytest.raises(IntegrityError, match="pricing_metalrate_entered_by_id_same_shop"),
    ):
        at_commit(
            MetalRate,
            metal="gold",
            fineness=10_000,
            side="sell",
            unit="g",
            amount=100,
            currency="AED",
            valid_from=make.NOON,
            source="board",
            entered_by=stranger,
        )


@pytest.mark.django_db(transaction=True)
class TestOneConnection:
    """Committed transactions on one connection, as a pooler hands them out."""

    def test_the_next_transaction_has_no_scope(self):
        shop = make.shop()
        with shop_scope(shop.pk):
            Branch.objects.create(name="Souq")
            backend = connection.connection.info.backend_pid

        assert connection.connection.info.backend_pid == backend
        assert setting() == ""
        with pytest.raises(DatabaseError, match="no shop in scope"):
            Branch.objects.count()

    def test_after_a_rollback_neither(self):
        shop = make.shop()
        with pytest.raises(RuntimeError), shop_scope(shop.pk):
            raise RuntimeError

        assert setting() == ""

    def test_two_shops_in_turn(self):
        shop, other = make.shop(), make.shop(name="Other")
        for each in (shop, other, shop):
            with shop_scope(each.pk):
                assert Branch.objects.get().name == each.name

    def test_a_scope_commits(self):
        shop = make.shop()
        with shop_scope(shop.pk):
            Branch.objects.create(name="Souq")
        connection.close()
        with shop_scope(shop.pk):
            assert Branch.objects.filter(name="Souq").exists()

    def test_row_security_cannot_be_switched_off(self):
        shop = make.shop()
        with shop_scope(shop.pk), connection.cursor() as cursor:
            cursor.execute("SET LOCAL row_security = off")
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                cursor.execute("SELECT count(*) FROM shops_branch")
