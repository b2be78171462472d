from django.db import migrations

from apps.core.history import KeepHistory


class Migration(migrations.Migration):
    """What a lot is called and sold for, and where it lies. Its moves tell what it holds."""

    dependencies = [("lots", "0002_protect_by_shop"), ("shops", "0008_history")]
    operations = [
        KeepHistory("lots_lot", ignored=["pieces", "grams", "carats", "cost", "parts"]),
    ]
