from pathlib import Path

from django.db import migrations

from apps.core.rls import UpdateOnly

REVERSE = """
    DROP TRIGGER shops_numbers_go_on ON shops_register;
    DROP TRIGGER shops_numbers_go_on ON shops_series;
    DROP FUNCTION shops_keep_counting();
    DROP TRIGGER shops_shift_stays_closed ON shops_shift;
    DROP FUNCTION shops_keep_shift_closed();
"""


class Migration(migrations.Migration):
    dependencies = [("shops", "0004_protect_shifts")]
    operations = [
        UpdateOnly("shops_series", "last_number"),
        migrations.RunSQL(Path(__file__).with_suffix(".sql").read_text(), REVERSE),
    ]
