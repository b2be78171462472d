"""Row-level security as migration operations.

An operation that a released migration uses is never edited; write `…V2`.
"""

from django.db import migrations

# Whose rows may be seen. Loud when nobody said: a policy that merely hides
# every row would turn a forgotten shop_scope() into an empty page.
CREATE_CURRENT_SHOP_ID = """
CREATE FUNCTION current_shop_id() RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE shop text := current_setting('app.shop_id', true);
BEGIN
    IF shop IS NULL OR shop = '' THEN
        RAISE EXCEPTION 'no shop in scope'
            USING HINT = 'Wrap the call in apps.shops.scope.shop_scope(shop_id).';
    END IF;
    RETURN shop::bigint;
END $$;
"""
DROP_CURRENT_SHOP_ID = "DROP FUNCTION current_shop_id();"


class ProtectByShop(migrations.RunSQL):
    """Let jewelry_app see and write a table's rows only inside their own shop.

    The unique key (shop_id, id) is what TieToShop of other tables points at.
    """

    def __init__(self, table: str) -> None:
        self.table = table
        super().__init__(
            sql=f"""
                ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
                CREATE POLICY shop ON {table} USING (shop_id = (SELECT current_shop_id()));
                ALTER TABLE {table} ADD CONSTRAINT {table}_shop_row UNIQUE (shop_id, id);
            """,
            reverse_sql=f"""
                ALTER TABLE {table} DROP CONSTRAINT {table}_shop_row;
                DROP POLICY shop ON {table};
                ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
            """,
        )

    def describe(self) -> str:
        return f"Protect {self.table} by shop"


class TieToShop(migrations.RunSQL):
    """Let a foreign key point only at a row of the same shop.

    PostgreSQL checks foreign keys without row-level security, so a plain one
    may name another shop's row. This adds a second, two-column key; `key` is
    the target's column where it is not the id.
    """

    def __init__(self, table: str, column: str, target: str, *, key: str = "id") -> None:
        self.table, self.column = table, column
        name = f"{table}_{column}_same_shop"
        super().__init__(
            sql=f"""
                ALTER TABLE {table} ADD CONSTRAINT {name}
                    FOREIGN KEY (shop_id, {column}) REFERENCES {target} (shop_id, {key})
                    DEFERRABLE INITIALLY DEFERRED;
            """,
            reverse_sql=f"ALTER TABLE {table} DROP CONSTRAINT {name};",
        )

    def describe(self) -> str:
        return f"Tie {self.table}.{self.column} to the same shop"


class AppendOnly(migrations.RunSQL):
    """Take UPDATE and DELETE on a table from the serving role: history is new rows."""

    def __init__(self, table: str) -> None:
        self.table = table
        super().__init__(
            sql=f"REVOKE UPDATE, DELETE ON {table} FROM jewelry_app;",
            reverse_sql=f"GRANT UPDATE, DELETE ON {table} TO jewelry_app;",
        )

    def describe(self) -> str:
        return f"Make {self.table} append-only for the serving role"


class UpdateOnly(migrations.RunSQL):
    """Let the serving role change nothing of a table but the named columns, and delete no row.

    For a document whose state moves on (held, released) while what it says stays.
    """

    def __init__(self, table: str, *columns: str) -> None:
        self.table, self.columns = table, columns
        super().__init__(
            sql=f"""
                REVOKE UPDATE, DELETE ON {table} FROM jewelry_app;
                GRANT UPDATE ({", ".join(columns)}) ON {table} TO jewelry_app;
            """,
            reverse_sql=f"""
                REVOKE UPDATE ({", ".join(columns)}) ON {table} FROM jewelry_app;
                GRANT UPDATE, DELETE ON {table} TO jewelry_app;
            """,
        )

    def describe(self) -> str:
        return f"Let only {', '.join(self.columns)} of {self.table} change"
