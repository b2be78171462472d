from django.db import migrations

from apps.core.rls import AppendOnly, ProtectByShop, TieToShop, UpdateOnly


class Migration(migrations.Migration):
    dependencies = [
        ("lots", "0001_initial"),
        ("inventory", "0011_tie_owners"),
        ("shops", "0004_protect_shifts"),
    ]
    operations = [
        ProtectByShop("lots_lot"),
        ProtectByShop("lots_lotmove"),
        TieToShop("lots_lot", "place_id", "inventory_place"),
        TieToShop("lots_lot", "opened_by_id", "shops_member"),
        TieToShop("lots_lotmove", "lot_id", "lots_lot"),
        TieToShop("lots_lotmove", "piece_id", "inventory_piece"),
        TieToShop("lots_lotmove", "by_id", "shops_member"),
        # What it holds, where it lies and what it is sold for change; what it is does not.
        UpdateOnly(
            "lots_lot",
            "name",
            "category",
            "place_id",
            "price_mode",
            "price_value",
            "making_mode",
            "making_value",
            "wastage_mode",
            "wastage_value",
            "tax_category",
            "pieces",
            "grams",
            "carats",
            "cost",
            "parts",
        ),
        AppendOnly("lots_lotmove"),
    ]
