from django.db import migrations

from apps.core.rls import AppendOnly, ProtectByShop, TieToShop


class Migration(migrations.Migration):
    dependencies = [("pricing", "0001_initial")]
    operations = [
        ProtectByShop("pricing_metalrate"),
        TieToShop("pricing_metalrate", "entered_by_id", "shops_member"),
        AppendOnly("pricing_metalrate"),
    ]
