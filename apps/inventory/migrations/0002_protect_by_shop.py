from django.db import migrations

from apps.core.rls import AppendOnly, ProtectByShop, TieToShop


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial"), ("shops", "0002_protect_by_shop")]
    operations = [
        ProtectByShop("inventory_place"),
        ProtectByShop("inventory_piece"),
        ProtectByShop("inventory_piecemetal"),
        ProtectByShop("inventory_piecestone"),
        ProtectByShop("inventory_movement"),
        ProtectByShop("inventory_pieceimport"),
        TieToShop("inventory_place", "branch_id", "shops_branch"),
        TieToShop("inventory_piece", "place_id", "inventory_place"),
        TieToShop("inventory_piecemetal", "piece_id", "inventory_piece"),
        TieToShop("inventory_piecestone", "piece_id", "inventory_piece"),
        TieToShop("inventory_movement", "piece_id", "inventory_piece"),
        TieToShop("inventory_movement", "place_id", "inventory_place"),
        TieToShop("inventory_movement", "moved_by_id", "shops_member"),
        TieToShop("inventory_pieceimport", "uploaded_by_id", "shops_member"),
        AppendOnly("inventory_movement"),
    ]
