from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import BtreeGinExtension, TrigramExtension
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inventory", "0003_weigh_pieces")]
    operations = [
        # Both are trusted extensions: the owner of the database may create them.
        TrigramExtension(),
        BtreeGinExtension(),
        migrations.AddField(
            model_name="piece",
            name="made_of",
            field=models.CharField(blank=True, default="", max_length=60),
        ),
        migrations.RemoveIndex(model_name="piece", name="inventory_piece_stock"),
        migrations.AddIndex(
            model_name="piece",
            index=models.Index(
                name="inventory_piece_listed",
                fields=["shop", "state", "-arrived_at", "-id"],
                include=["category", "place", "made_of"],
            ),
        ),
        migrations.AddIndex(
            model_name="piece",
            index=models.Index(name="inventory_piece_category", fields=["shop", "category"]),
        ),
        migrations.AddIndex(
            model_name="piece",
            index=GinIndex(
                name="inventory_piece_search",
                fields=["shop", "search_text"],
                opclasses=["int8_ops", "gin_trgm_ops"],
                gin_pending_list_limit=256,
            ),
        ),
    ]
