from django.db import migrations

from apps.core.rls import AppendOnly, ProtectByShop, TieToShop


class Migration(migrations.Migration):
    dependencies = [("returns", "0001_initial")]
    operations = [
        ProtectByShop("returns_document"),
        TieToShop("returns_document", "register_id", "shops_register"),
        TieToShop("returns_document", "made_by_id", "shops_member"),
        TieToShop("returns_document", "shift_id", "shops_shift"),
        TieToShop("returns_document", "sale_id", "sales_sale"),
        TieToShop("returns_document", "new_sale_id", "sales_sale"),
        TieToShop("returns_document", "customer_id", "customers_customer"),
        TieToShop("returns_document", "approval_id", "shops_approval"),
        AppendOnly("returns_document"),
        ProtectByShop("returns_documentline"),
        TieToShop("returns_documentline", "document_id", "returns_document"),
        TieToShop("returns_documentline", "sale_line_id", "sales_saleline"),
        TieToShop("returns_documentline", "piece_id", "inventory_piece"),
        AppendOnly("returns_documentline"),
        ProtectByShop("returns_documentprint"),
        TieToShop("returns_documentprint", "document_id", "returns_document"),
        TieToShop("returns_documentprint", "printed_by_id", "shops_member"),
        AppendOnly("returns_documentprint"),
    ]
