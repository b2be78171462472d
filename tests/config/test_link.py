"""The link the tests themselves use is the one that serves: its TLS, and what its role may not."""

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from apps.ledger.models import Entry
from apps.shops.scope import shop_scope

pytestmark = pytest.mark.django_db


def row(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()


def refused(statement, *, match="permission denied|must be owner"):
    with (
        pytest.raises(DatabaseError, match=match),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_connection_is_encrypted():
    encrypted, version, bits = row(
        "SELECT ssl, version, bits FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    )

    assert encrypted
    assert version in ("TLSv1.2", "TLSv1.3")
    assert bits >= 128


def test_the_server_was_verified_by_name_and_authority():
    options = connection.settings_dict["OPTIONS"]

    assert options["sslmode"] == "verify-full"
    assert options["sslrootcert"] == settings.DB_LINK.sslrootcert
    assert connection.connection is None or connection.connection.pgconn.ssl_in_use


def test_the_serving_role_is_nobody_special():
    assert row(
        "SELECT current_user = session_user, current_user::text, rolsuper, rolbypassrls,"
        " rolcreatedb, rolcreaterole, rolreplication FROM pg_roles WHERE rolname = current_user"
    ) == (True, "jewelry_app", False, False, False, False, False)


def test_row_level_security_binds_it():
    assert row("SELECT row_security_active('shops_branch')") == (True,)


def test_it_owns_nothing():
    assert row("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole") == (0,)


def test_it_belongs_to_no_other_role():
    assert row("SELECT count(*) FROM pg_auth_members WHERE member = current_user::regrole") == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE TEMP TABLE mine (id int)",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA mine",
        "ALTER TABLE shops_branch DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE ledger_posting DISABLE TRIGGER ledger_entry_balances",
        "ALTER POLICY shop ON shops_branch USING (true)",
        "DROP POLICY shop ON shops_branch",
        "CREATE POLICY open ON shops_branch USING (true)",
        "TRUNCATE shops_branch",
        "TRUNCATE ledger_posting",
        "SET ROLE jewelry_owner",
        "SET SESSION AUTHORIZATION jewelry_owner",
        "SET session_replication_role = replica",
        "ALTER ROLE jewelry_app BYPASSRLS",
        "CREATE ROLE mine LOGIN",
        "COPY shops_shop TO PROGRAM 'cat'",
        "COPY shops_shop TO '/tmp/shops'",
        "SELECT pg_read_file('PG_VERSION')",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'y', now())",
        "CREATE OR REPLACE FUNCTION current_shop_id() RETURNS bigint LANGUAGE sql AS 'SELECT 1'",
    ],
)
def test_it_may_not(statement):
    refused(statement)


@pytest.mark.parametrize(
    "table",
    [
        "pricing_metalrate",
        "inventory_movement",
        "ledger_entry",
        "ledger_posting",
        "sales_sale",
        "sales_saleline",
        "sales_tender",
    ],
)
def test_history_stays_as_it_was_written(shop, table):
    with shop_scope(shop.pk):
        for change in ("UPDATE {} SET shop_id = shop_id", "DELETE FROM {}"):
            refused(change.format(table), match=f"permission denied for table {table}")


def test_history_cannot_be_changed_through_the_models_either(scope):
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Entry.objects.update(what="other")
