from pathlib import Path

from django.db import migrations

from apps.core.rls import TieToShop

HERE = Path(__file__)
BEFORE = (HERE.parent / "0003_balance_entries.sql").read_text()
REVERSE = BEFORE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").partition(
    "CREATE CONSTRAINT TRIGGER"
)[0]


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_shifts_and_parties"), ("shops", "0004_protect_shifts")]
    operations = [
        TieToShop("ledger_entry", "shift_id", "shops_shift"),
        migrations.RunSQL(HERE.with_suffix(".sql").read_text(), REVERSE),
    ]
