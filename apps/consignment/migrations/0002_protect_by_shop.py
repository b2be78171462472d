from django.db import migrations

from apps.core.rls import AppendOnly, ProtectByShop, TieToShop, UpdateOnly

_TIES = {
    "consignment_memo": {
        "party_id": "customers_customer",
        "by_id": "shops_member",
        "approved_by_id": "shops_member",
    },
    "consignment_memoday": {"memo_id": "consignment_memo", "by_id": "shops_member"},
    "consignment_memoreturn": {"memo_id": "consignment_memo", "by_id": "shops_member"},
    "consignment_memoline": {
        "memo_id": "consignment_memo",
        "piece_id": "inventory_piece",
        "returned_id": "consignment_memoreturn",
    },
    "consignment_ownerpayment": {"party_id": "customers_customer", "by_id": "shops_member"},
}


class Migration(migrations.Migration):
    dependencies = [("consignment", "0001_initial")]
    operations = [
        *(ProtectByShop(table) for table in _TIES),
        *(
            TieToShop(table, column, target)
            for table, ties in _TIES.items()
            for column, target in ties.items()
        ),
        # The day may be another; what was agreed about the pieces stays as it was signed.
        UpdateOnly("consignment_memo", "due"),
        UpdateOnly("consignment_memoline", "state", "ended_at", "returned_id", "reference", "owed"),
        AppendOnly("consignment_memoday"),
        AppendOnly("consignment_memoreturn"),
        AppendOnly("consignment_ownerpayment"),
    ]
