from django.db import migrations

from apps.core.rls import TieToShop


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0010_stock_at_hand"),
        ("customers", "0004_protect_papers"),
    ]
    operations = [TieToShop("inventory_piece", "owner_id", "customers_customer")]
