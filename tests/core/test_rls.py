"""The operations of apps.core.rls on tables of their own: forth, tried as who serves, and back."""

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.migrations.state import ProjectState

from apps.core.rls import AppendOnly, ProtectByShop, TieToShop
from apps.shops.scope import shop_scope
from tests import conftest, make

OPERATIONS = [
    ProtectByShop("scratch_note"),
    ProtectByShop("scratch_line"),
    TieToShop("scratch_line", "note_id", "scratch_note"),
    AppendOnly("scratch_line"),
]
STATE = ProjectState()


def as_owner(work):
    conftest.log_in(conftest.OWNER)
    try:
        work()
    finally:
        conftest.log_in(settings.TEST_APP_LOGIN)


def run(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def migrate(operations, *, back=False):
    with connection.schema_editor() as editor:
        for operation in reversed(operations) if back else operations:
            apply = operation.database_backwards if back else operation.database_forwards
            apply("core", editor, STATE, STATE)


@pytest.fixture
def scratch(transactional_db):
    """Two protected tables; gone afterwards."""
    as_owner(
        lambda: run(
            "CREATE TABLE scratch_note (id bigint PRIMARY KEY,"
            " shop_id bigint NOT NULL DEFAULT current_shop_id())",
            "CREATE TABLE scratch_line (id bigint PRIMARY KEY, note_id bigint"
            " REFERENCES scratch_note, shop_id bigint NOT NULL DEFAULT current_shop_id())",
        )
    )
    as_owner(lambda: migrate(OPERATIONS))
    yield
    as_owner(lambda: run("DROP TABLE scratch_line, scratch_note"))


def test_each_shop_sees_its_own(scratch):
    with shop_scope(1):
        run("INSERT INTO scratch_note (id) VALUES (10)")
    with shop_scope(2), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM scratch_note")
        assert cursor.fetchone() == (0,)
    with shop_scope(1), connection.cursor() as cursor:
        cursor.execute("SELECT id, shop_id FROM scratch_note")
        assert cursor.fetchall() == [(10, 1)]


def test_a_tie_holds_where_a_foreign_key_does_not(scratch):
    with shop_scope(1):
        run("INSERT INTO scratch_note (id) VALUES (10)")

    @transaction.atomic
    def cross():
        with shop_scope(2):
            run("INSERT INTO scratch_line (id, note_id) VALUES (1, 10)")

    with pytest.raises(DatabaseError, match="scratch_line_note_id_same_shop"):
        cross()


def test_a_tie_lets_nothing_be_nothing(scratch):
    with shop_scope(2):
        run("INSERT INTO scratch_line (id, note_id) VALUES (1, NULL)")


@pytest.mark.parametrize("change", ["UPDATE scratch_line SET id = 2", "DELETE FROM scratch_line"])
def test_append_only(scratch, change):
    with shop_scope(1):
        run("INSERT INTO scratch_line (id) VALUES (1)")
    with pytest.raises(DatabaseError, match="permission denied"), shop_scope(1):
        run(change)


def test_all_of_it_can_be_taken_back(scratch):
    as_owner(lambda: migrate(OPERATIONS, back=True))

    run("INSERT INTO scratch_line (id, shop_id) VALUES (1, 1)", "DELETE FROM scratch_line")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_policies WHERE tablename LIKE 'scratch%%'", [])
        assert cursor.fetchone() == (0,)
        cursor.execute(
            "SELECT count(*) FROM pg_constraint WHERE conname LIKE 'scratch%%shop%%'"
            " AND contype <> 'n'",
            [],
        )
        assert cursor.fetchone() == (0,)


def test_operations_say_what_they_do():
    assert [operation.describe() for operation in OPERATIONS] == [
        "Protect scratch_note by shop",
        "Protect scratch_line by shop",
        "Tie scratch_line.note_id to the same shop",
        "Make scratch_line append-only for the serving role",
    ]


@pytest.mark.django_db
def test_a_scope_costs_one_statement_at_each_end(django_assert_num_queries):
    shop = make.shop()
    # In a test there is a transaction around: savepoint, set, reset, release.
    with django_assert_num_queries(4), shop_scope(shop.pk):
        pass
