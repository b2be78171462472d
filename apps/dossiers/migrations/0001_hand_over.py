from pathlib import Path

from django.db import migrations

FORWARD = Path(__file__).with_suffix(".sql").read_text()
REVERSE = """
    DROP TRIGGER ledger_posting_follow_merge ON ledger_posting;
    DROP FUNCTION dossiers_follow_merge();
    DROP FUNCTION dossiers_forget_mail(bigint);
    DROP FUNCTION dossiers_hand_over(bigint);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("customers", "0007_fill_search"),
        ("credit", "0003_keep_credit_above_zero"),
        ("deposits", "0002_protect_by_shop"),
        ("purchasing", "0004_protect_scraps"),
        ("returns", "0003_finish_documents"),
        ("sales", "0009_finish_sales"),
        ("inventory", "0013_protect_hands"),
        ("consignment", "0002_protect_by_shop"),
    ]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]
