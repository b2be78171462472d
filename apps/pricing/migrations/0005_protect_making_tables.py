from django.db import migrations

from apps.core.rls import AppendOnly, ProtectByShop, TieToShop


class Migration(migrations.Migration):
    dependencies = [
        ("pricing", "0004_making_tables"),
    ]
    operations = [
        ProtectByShop("pricing_makingtable"),
        TieToShop("pricing_makingtable", "set_by_id", "shops_member"),
        AppendOnly("pricing_makingtable"),
        ProtectByShop("pricing_makingslab"),
        TieToShop("pricing_makingslab", "table_id", "pricing_makingtable"),
        AppendOnly("pricing_makingslab"),
    ]
