from django.db import migrations

from apps.core.rls import AppendOnly, ProtectByShop, TieToShop


class Migration(migrations.Migration):
    dependencies = [
        ("sales", "0001_initial"),
        ("shops", "0002_protect_by_shop"),
        ("inventory", "0002_protect_by_shop"),
    ]
    operations = [
        ProtectByShop("sales_sale"),
        ProtectByShop("sales_saleline"),
        ProtectByShop("sales_tender"),
        ProtectByShop("sales_opensale"),
        ProtectByShop("sales_opensaleline"),
        ProtectByShop("sales_opensaletender"),
        TieToShop("sales_sale", "register_id", "shops_register"),
        TieToShop("sales_sale", "sold_by_id", "shops_member"),
        TieToShop("sales_saleline", "sale_id", "sales_sale"),
        TieToShop("sales_saleline", "piece_id", "inventory_piece"),
        TieToShop("sales_tender", "sale_id", "sales_sale"),
        TieToShop("sales_opensale", "register_id", "shops_register"),
        TieToShop("sales_opensale", "opened_by_id", "shops_member"),
        TieToShop("sales_opensaleline", "open_sale_id", "sales_opensale"),
        TieToShop("sales_opensaleline", "piece_id", "inventory_piece"),
        TieToShop("sales_opensaletender", "open_sale_id", "sales_opensale"),
        AppendOnly("sales_sale"),
        AppendOnly("sales_saleline"),
        AppendOnly("sales_tender"),
    ]
