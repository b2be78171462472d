from django.db import migrations

from apps.core.rls import AppendOnly, ProtectByShop, TieToShop


class Migration(migrations.Migration):
    dependencies = [("labels", "0001_tags")]
    operations = [
        ProtectByShop("labels_labeltemplate"),
        ProtectByShop("labels_tagprint"),
        TieToShop("labels_tagprint", "piece_id", "inventory_piece"),
        TieToShop("labels_tagprint", "printed_by_id", "shops_member"),
        TieToShop("labels_tagprint", "approval_id", "shops_approval"),
        AppendOnly("labels_tagprint"),
    ]
