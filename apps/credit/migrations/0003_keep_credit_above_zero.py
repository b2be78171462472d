from pathlib import Path

from django.db import migrations

FORWARD = Path(__file__).with_suffix(".sql").read_text()
REVERSE = """
    DROP TRIGGER credit_store_credit_not_negative ON ledger_posting;
    DROP FUNCTION credit_demand_store_credit();
"""


class Migration(migrations.Migration):
    dependencies = [("credit", "0002_protect_by_shop"), ("ledger", "0005_count_postings")]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]
