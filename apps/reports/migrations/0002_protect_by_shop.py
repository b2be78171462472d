from django.db import migrations

from apps.core.rls import ProtectByShop, TieToShop


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0001_sums_by_day"),
        ("ledger", "0007_watch_days"),
    ]
    operations = [
        ProtectByShop("reports_salesday"),
        ProtectByShop("reports_taxday"),
        TieToShop("reports_salesday", "register_id", "shops_register"),
        TieToShop("reports_salesday", "seller_id", "shops_member"),
        TieToShop("reports_taxday", "register_id", "shops_register"),
    ]
