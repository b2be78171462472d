"""The history of a table as a migration operation: who changed which row, kept by a trigger.

The trigger's function (`shops_keep_history`, made by the shops app) runs as the owner of the
tables, so the serving role can neither switch it off nor write into the history itself. It sees
raw SQL and bulk changes as well as a form.

An operation that a released migration uses is never edited; write `…V2`.
"""

from collections.abc import Iterable

from django.db import migrations

FUNCTION = "shops_keep_history"


class KeepHistory(migrations.RunSQL):
    """Write each change and each removal of a row of this table into the shop's history.

    `hidden` columns are written as "…": that they changed, never what they say. A change of
    `ignored` columns alone is not written: another table tells it (a movement, a document).
    `named` columns are written with each change, though they stay: what a row that is soon gone
    was of. `when` is a condition in SQL instead, on OLD and NEW. `inserts`: new rows are written
    too; without it a row's own columns tell when it came.
    """

    def __init__(
        self,
        table: str,
        *,
        hidden: Iterable[str] = (),
        ignored: Iterable[str] = (),
        named: Iterable[str] = (),
        when: str = "",
        inserts: bool = False,
        deletes: bool = True,
    ) -> None:
        self.table = table
        given = ", ".join(f"'{','.join(columns)}'" for columns in (hidden, ignored, named))
        left = f" - '{{{','.join(ignored)}}}'::text[]" if ignored else ""
        changed = when or f"(to_jsonb(OLD){left}) IS DISTINCT FROM (to_jsonb(NEW){left})"
        events = {"changed": ("UPDATE", f"WHEN ({changed})")}
        if inserts:
            events["new"] = ("INSERT", "")
        if deletes:
            events["gone"] = ("DELETE", "")
        super().__init__(
            sql="".join(
                f"CREATE TRIGGER {table}_history_{name} AFTER {event} ON {table}"
                f" FOR EACH ROW {when} EXECUTE FUNCTION {FUNCTION}({given});\n"
                for name, (event, when) in events.items()
            ),
            reverse_sql="".join(
                f"DROP TRIGGER {table}_history_{name} ON {table};\n" for name in events
            ),
        )

    def describe(self) -> str:
        return f"Keep the history of {self.table}"
