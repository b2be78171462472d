from pathlib import Path

from django.db import migrations

from apps.core.rls import AppendOnly, ProtectByShop, TieToShop

REVERSE = """
    DROP TRIGGER ledger_watch_days ON ledger_posting;
    DROP FUNCTION ledger_watch_days();
    DROP FUNCTION ledger_books_key(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_periods"), ("shops", "0004_protect_shifts")]
    operations = [
        ProtectByShop("ledger_daytotal"),
        ProtectByShop("ledger_summedthrough"),
        ProtectByShop("ledger_lateday"),
        ProtectByShop("ledger_periodlock"),
        TieToShop("ledger_periodlock", "set_by_id", "shops_member"),
        AppendOnly("ledger_periodlock"),
        migrations.RunSQL(Path(__file__).with_suffix(".sql").read_text(), REVERSE),
    ]
