from pathlib import Path

from django.db import migrations

HERE = Path(__file__)
FORWARD = HERE.with_suffix(".sql").read_text()
# The function as 0003 made it, without the triggers that stay.
EARLIER = HERE.with_name("0003_weigh_pieces.sql").read_text().partition("CREATE CONSTRAINT")[0]
REVERSE = EARLIER.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


class Migration(migrations.Migration):
    dependencies = [("inventory", "0005_find_pieces")]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]
