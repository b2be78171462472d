from django.db import migrations

from apps.core.rls import ProtectByShop, TieToShop, UpdateOnly


class Migration(migrations.Migration):
    dependencies = [("customers", "0003_papers_and_search")]
    operations = [
        ProtectByShop("customers_identitypaper"),
        TieToShop("customers_identitypaper", "customer_id", "customers_customer"),
        TieToShop("customers_identitypaper", "seen_by_id", "shops_member"),
        UpdateOnly("customers_identitypaper", "sealed"),
    ]
