from pathlib import Path

from django.db import migrations

FORWARD = Path(__file__).with_suffix(".sql").read_text()
REVERSE = """
    DROP TRIGGER inventory_piece_weights_possible ON inventory_piece;
    DROP TRIGGER inventory_piece_weights_possible ON inventory_piecemetal;
    DROP TRIGGER inventory_piece_weights_possible ON inventory_piecestone;
    DROP FUNCTION inventory_demand_weights();
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0002_protect_by_shop")]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]
