from django.db import migrations

from apps.core.rls import TieToShop


class Migration(migrations.Migration):
    dependencies = [
        ("sales", "0006_tenders"),
        ("customers", "0002_protect_by_shop"),
        ("shops", "0004_protect_shifts"),
    ]
    operations = [
        TieToShop("sales_sale", "shift_id", "shops_shift"),
        TieToShop("sales_sale", "customer_id", "customers_customer"),
        TieToShop("sales_opensale", "customer_id", "customers_customer"),
    ]
