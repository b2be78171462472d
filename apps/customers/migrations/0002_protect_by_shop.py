from django.db import migrations

from apps.core.rls import ProtectByShop, TieToShop


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial"), ("shops", "0004_protect_shifts")]
    operations = [
        ProtectByShop("customers_customer"),
        TieToShop("customers_customer", "created_by_id", "shops_member"),
    ]
