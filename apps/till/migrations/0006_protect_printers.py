from django.db import migrations

from apps.core.rls import ProtectByShop, TieToShop


class Migration(migrations.Migration):
    dependencies = [("till", "0005_printers")]
    operations = [
        ProtectByShop("till_printer"),
        TieToShop("till_printer", "register_id", "shops_register"),
    ]
