from django.db import migrations

from apps.core.rls import AppendOnly, ProtectByShop, TieToShop


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [
        ProtectByShop("ledger_account"),
        ProtectByShop("ledger_entry"),
        ProtectByShop("ledger_posting"),
        TieToShop("ledger_entry", "posted_by_id", "shops_member"),
        TieToShop("ledger_posting", "entry_id", "ledger_entry"),
        TieToShop("ledger_posting", "account", "ledger_account", key="code"),
        AppendOnly("ledger_entry"),
        AppendOnly("ledger_posting"),
    ]
