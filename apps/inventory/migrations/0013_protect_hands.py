from django.db import migrations

from apps.core.rls import AppendOnly, ProtectByShop, TieToShop, UpdateOnly

_TIES = {
    "inventory_custody": {
        "place_id": "inventory_place",
        "custodian_id": "shops_member",
        "given_by_id": "shops_member",
    },
    "inventory_stockdocument": {"by_id": "shops_member"},
    "inventory_pieceorigin": {
        "document_id": "inventory_stockdocument",
        "parent_id": "inventory_piece",
        "child_id": "inventory_piece",
    },
    "inventory_piecechange": {"movement_id": "inventory_movement"},
    "inventory_reservation": {
        "piece_id": "inventory_piece",
        "customer_id": "customers_customer",
        "made_by_id": "shops_member",
        "ended_by_id": "shops_member",
    },
    "inventory_transfer": {
        "source_id": "shops_branch",
        "target_id": "shops_branch",
        "made_by_id": "shops_member",
        "sent_by_id": "shops_member",
    },
    "inventory_transferreceipt": {
        "transfer_id": "inventory_transfer",
        "place_id": "inventory_place",
        "by_id": "shops_member",
    },
    "inventory_transferline": {
        "transfer_id": "inventory_transfer",
        "piece_id": "inventory_piece",
        "source_place_id": "inventory_place",
        "receipt_id": "inventory_transferreceipt",
    },
}


class Migration(migrations.Migration):
    dependencies = [("inventory", "0012_hands_of_the_stock")]
    operations = [
        *(ProtectByShop(table) for table in _TIES),
        *(
            TieToShop(table, column, target)
            for table, ties in _TIES.items()
            for column, target in ties.items()
        ),
        AppendOnly("inventory_custody"),
        AppendOnly("inventory_stockdocument"),
        AppendOnly("inventory_pieceorigin"),
        AppendOnly("inventory_piecechange"),
        AppendOnly("inventory_transferreceipt"),
        UpdateOnly("inventory_reservation", "ended_at", "ended_by_id", "ending"),
        UpdateOnly(
            "inventory_transfer", "code", "state", "carrier", "sent_at", "sent_by_id", "ended_at"
        ),
    ]
