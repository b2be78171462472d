from django.db import migrations

from apps.core.rls import AppendOnly, ProtectByShop, TieToShop


class Migration(migrations.Migration):
    dependencies = [("sales", "0003_receiptprint")]
    operations = [
        ProtectByShop("sales_receiptprint"),
        TieToShop("sales_receiptprint", "sale_id", "sales_sale"),
        TieToShop("sales_receiptprint", "printed_by_id", "shops_member"),
        AppendOnly("sales_receiptprint"),
    ]
