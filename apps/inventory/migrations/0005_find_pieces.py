from pathlib import Path

from django.db import migrations

FORWARD = Path(__file__).with_suffix(".sql").read_text()
REVERSE = """
    DROP FUNCTION inventory_sum_pieces(text[], text[], text, text, bigint);
    DROP FUNCTION inventory_find_pieces(
        text[], text[], text, text, bigint, timestamptz, bigint, boolean, integer, integer);
    DROP FUNCTION inventory_pieces_sql(bigint, text[], text[], text, text, bigint, text);
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0004_list_pieces")]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]
