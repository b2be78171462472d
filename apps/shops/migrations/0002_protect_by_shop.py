from django.db import migrations

from apps.core.rls import ProtectByShop, TieToShop


class Migration(migrations.Migration):
    dependencies = [("shops", "0001_initial")]
    operations = [
        ProtectByShop("shops_branch"),
        ProtectByShop("shops_register"),
        TieToShop("shops_register", "branch_id", "shops_branch"),
    ]
