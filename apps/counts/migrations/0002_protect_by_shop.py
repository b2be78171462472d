from pathlib import Path

from django.db import migrations

from apps.core.rls import AppendOnly, ProtectByShop, TieToShop, UpdateOnly

HERE = Path(__file__)
TABLES = (
    "stockcount",
    "countfound",
    "countsheet",
    "counthand",
    "countexpected",
    "countscan",
    "countweighing",
)


class Migration(migrations.Migration):
    dependencies = [
        ("counts", "0001_initial"),
        ("inventory", "0011_tie_owners"),
        ("lots", "0002_protect_by_shop"),
        ("shops", "0004_protect_shifts"),
    ]
    operations = [
        *(ProtectByShop(f"counts_{table}") for table in TABLES),
        *(
            TieToShop(f"counts_{table}", column, target)
            for table, column, target in (
                ("stockcount", "branch_id", "shops_branch"),
                ("stockcount", "started_by_id", "shops_member"),
                ("stockcount", "ended_by_id", "shops_member"),
                ("countfound", "count_id", "counts_stockcount"),
                ("countfound", "piece_id", "inventory_piece"),
                ("countfound", "place_id", "inventory_place"),
                ("countfound", "by_id", "shops_member"),
                ("countsheet", "count_id", "counts_stockcount"),
                ("countsheet", "place_id", "inventory_place"),
                ("countsheet", "counted_by_id", "shops_member"),
                ("counthand", "sheet_id", "counts_countsheet"),
                ("counthand", "member_id", "shops_member"),
                ("countexpected", "sheet_id", "counts_countsheet"),
                ("countexpected", "piece_id", "inventory_piece"),
                ("countscan", "sheet_id", "counts_countsheet"),
                ("countscan", "piece_id", "inventory_piece"),
                ("countscan", "by_id", "shops_member"),
                ("countweighing", "sheet_id", "counts_countsheet"),
                ("countweighing", "lot_id", "lots_lot"),
                ("countweighing", "by_id", "shops_member"),
            )
        ),
        *(
            AppendOnly(f"counts_{table}")
            for table in ("countfound", "countexpected", "countscan", "countweighing")
        ),
        UpdateOnly("counts_stockcount", "state", "ended_at", "ended_by_id", "reason", "result"),
        UpdateOnly("counts_countsheet", "state", "started_at", "counted_at", "counted_by_id"),
        UpdateOnly("counts_counthand", "until"),
        migrations.RunSQL(
            HERE.with_suffix(".sql").read_text(),
            "DROP TRIGGER counts_stockcount_ended ON counts_stockcount;"
            "DROP FUNCTION counts_refuse_ended();",
        ),
    ]
