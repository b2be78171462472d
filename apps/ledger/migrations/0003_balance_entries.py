from pathlib import Path

from django.db import migrations

FORWARD = Path(__file__).with_suffix(".sql").read_text()
REVERSE = """
    DROP TRIGGER ledger_entry_balances ON ledger_posting;
    DROP FUNCTION ledger_demand_balance();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_protect_by_shop")]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]
