from django.db import migrations

from apps.core.rls import ProtectByShop, TieToShop


class Migration(migrations.Migration):
    dependencies = [
        ("sales", "0010_held_sales"),
        ("shops", "0004_protect_shifts"),
    ]
    operations = [
        ProtectByShop("sales_favourite"),
        TieToShop("sales_opensale", "held_by_id", "shops_member"),
        TieToShop("sales_opensaleline", "discount_by_id", "shops_member"),
        TieToShop("sales_opensaleline", "discount_approved_by_id", "shops_member"),
    ]
