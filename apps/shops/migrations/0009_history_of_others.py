from django.db import migrations

from apps.core.history import KeepHistory


class Migration(migrations.Migration):
    """The history of what other apps keep. A piece's state and place are told by its movements."""

    dependencies = [
        ("shops", "0008_history"),
        ("inventory", "0011_tie_owners"),
        ("sales", "0009_finish_sales"),
    ]
    operations = [
        KeepHistory("inventory_piece", ignored=["state", "place_id", "search_text", "made_of"]),
        KeepHistory("inventory_piecemetal"),
        KeepHistory("inventory_piecestone"),
        KeepHistory("inventory_place"),
        # A piece that was scanned and taken off again; the line itself is gone soon after.
        KeepHistory(
            "sales_opensaleline",
            when="NEW.removed AND NOT OLD.removed",
            ignored=["discount_at"],
            named=["piece_id", "open_sale_id"],
            deletes=False,
        ),
    ]
