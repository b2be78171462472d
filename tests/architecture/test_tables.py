"""What nobody may forget about a table. Each failure names the line to add.

The catalogue of the database is asked, not the migrations: what counts is
what PostgreSQL holds after all of them.
"""

import re

import pytest
from django.apps import apps
from django.contrib.contenttypes.fields import GenericForeignKey
from django.db import connection

from apps.shops.models import Member, Shop, ShopOwned

pytestmark = pytest.mark.django_db

# Tables with a shop_id that row-level security does not guard, and why not.
OUTSIDE = {
    "shops_member": "read before the shop is known: it is what tells the shop of a request",
}

# Columns that name a row of the same shop without being a Django foreign key.
NAMED_BY_CODE = {
    ("ledger_posting", "account"): ("ledger_account", "code"),
    ("ledger_posting", "party"): ("customers_customer", "id"),
}


def tenant_models():
    return [model for model in apps.get_models() if issubclass(model, ShopOwned)]


def tenant_tables():
    return {model._meta.db_table for model in tenant_models()}


def rows(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall()


def _columns_of(constraint_kind):
    """(table, columns, target, target's columns) of every constraint of this kind."""
    return {
        (table, tuple(columns), target, tuple(at or ()))
        for table, columns, target, at in rows(
            """
            SELECT c.conrelid::regclass::text,
                   ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY AS k(n, o)
                         JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n
                         ORDER BY k.o),
                   CASE WHEN c.confrelid <> 0 THEN c.confrelid::regclass::text END,
                   ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY AS k(n, o)
                         JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n
                         ORDER BY k.o)
            FROM pg_constraint c
            WHERE c.contype = %s AND c.convalidated AND c.connamespace = 'public'::regnamespace
            """,
            constraint_kind,
        )
    }


def test_there_are_tenant_tables_to_look_at():
    # An empty list would let every other test here pass.
    assert {"shops_register", "inventory_piece", "sales_sale"} <= tenant_tables()


def test_every_tenant_table_is_under_row_level_security():
    guarded = {
        name for (name,) in rows("SELECT oid::regclass::text FROM pg_class WHERE relrowsecurity")
    }
    forgotten = tenant_tables() - guarded
    assert not forgotten, [f'ProtectByShop("{table}")' for table in sorted(forgotten)]


def test_every_tenant_table_has_the_shop_policy_and_no_other():
    policies = {
        table: found
        for table, *found in rows(
            "SELECT tablename::text, array_agg(policyname::text), array_agg(permissive),"
            " array_agg(cmd), array_agg(qual), count(*) FROM pg_policies"
            " WHERE schemaname = 'public' GROUP BY tablename"
        )
    }
    for table in sorted(tenant_tables()):
        assert table in policies, f'ProtectByShop("{table}")'
        names, permissive, command, condition, count = policies[table]
        # A second permissive policy would be joined with OR: it can only open the table.
        assert count == 1, f"{table}: one policy, not {names}"
        assert (names, permissive, command) == (["shop"], ["PERMISSIVE"], ["ALL"]), table
        plain = re.sub(r"[\s()]+|AScurrent_shop_id", "", condition[0].replace(" AS ", "AS"))
        assert plain == "shop_id=SELECTcurrent_shop_id", (table, condition[0])


def test_every_tenant_table_has_the_key_that_others_tie_to():
    unique = {(table, columns) for table, columns, _, _ in _columns_of("u")}
    forgotten = {t for t in tenant_tables() if (t, ("shop_id", "id")) not in unique}
    assert not forgotten, [f'ProtectByShop("{table}")' for table in sorted(forgotten)]


def test_every_table_with_a_shop_is_shop_owned():
    with_shop = {
        name
        for (name,) in rows(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE c.relkind IN ('r', 'p') AND a.attname = 'shop_id'"
            " AND c.relnamespace = 'public'::regnamespace"
        )
    }
    unexplained = with_shop - tenant_tables() - set(OUTSIDE)
    assert not unexplained, f"derive their models from ShopOwned: {sorted(unexplained)}"
    assert set(OUTSIDE) <= with_shop, "OUTSIDE names a table that is gone"


def test_every_reference_between_tenant_tables_is_tied_to_the_shop():
    tied = _columns_of("f")
    forgotten = []
    for model in tenant_models():
        for field in model._meta.concrete_fields:
            target = field.related_model
            if target is None or not (issubclass(target, ShopOwned) or target is Member):
                continue
            table, to = model._meta.db_table, target._meta.db_table
            if (table, ("shop_id", field.column), to, ("shop_id", "id")) not in tied:
                forgotten.append(f'TieToShop("{table}", "{field.column}", "{to}")')
    assert not forgotten, forgotten


def test_what_is_named_by_its_code_is_tied_to_the_shop():
    tied = _columns_of("f")
    for (table, column), (to, key) in NAMED_BY_CODE.items():
        assert (table, ("shop_id", column), to, ("shop_id", key)) in tied, (
            f'TieToShop("{table}", "{column}", "{to}", key="{key}")'
        )


def test_no_reference_to_a_tenant_row_escapes_the_introspection():
    """Many-to-many tables and generic keys have no shop, and a plain table's key has no scope."""
    escaping = []
    for model in apps.get_models():
        fields = model._meta.get_fields()
        escaping += [
            f"{model.__name__}.{field.name}: write the table between as a ShopOwned model"
            for field in model._meta.many_to_many
            if field.remote_field.through._meta.auto_created
            and (issubclass(model, ShopOwned) or issubclass(field.related_model, ShopOwned))
        ]
        escaping += [
            f"{model.__name__}.{field.name}: a generic key cannot be tied to a shop"
            for field in fields
            if isinstance(field, GenericForeignKey) and issubclass(model, ShopOwned)
        ]
        if not issubclass(model, ShopOwned):
            escaping += [
                f"{model.__name__}.{field.name}: derive {model.__name__} from ShopOwned"
                for field in model._meta.concrete_fields
                if field.related_model and issubclass(field.related_model, ShopOwned)
            ]
    assert not escaping, escaping


def test_the_shop_is_filled_in_by_the_database():
    for model in tenant_models():
        field = model._meta.get_field("shop")
        assert field.related_model is Shop
        assert not field.editable, f"{model.__name__}.shop: never from a form"
    defaults = dict(
        rows(
            "SELECT table_name::text, column_default FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name = 'shop_id'"
        )
    )
    wrong = {table for table in tenant_tables() if defaults[table] != "current_shop_id()"}
    assert not wrong, wrong


def test_every_index_of_a_tenant_table_leads_with_the_shop():
    leading = rows(
        "SELECT i.indexrelid::regclass::text, i.indrelid::regclass::text, a.attname::text"
        " FROM pg_index i LEFT JOIN pg_attribute a"
        "  ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
        " WHERE NOT i.indisprimary AND i.indrelid::regclass::text = ANY(%s)",
        sorted(tenant_tables()),
    )
    wrong = [index for index, _, column in leading if column != "shop_id"]
    assert not wrong, f'let fields begin with "shop", and give foreign keys db_index=False: {wrong}'


def test_no_column_of_a_tenant_table_is_unique_across_shops():
    alone = [
        f"{model.__name__}.{field.name}"
        for model in tenant_models()
        for field in model._meta.concrete_fields
        if field.unique and not field.primary_key
    ]
    assert not alone, f"unique=True tells of other shops' rows; use UniqueConstraint: {alone}"
