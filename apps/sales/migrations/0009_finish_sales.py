from pathlib import Path

from django.db import migrations

REVERSE = """
    DROP TRIGGER sales_saleline_stays_ended ON sales_saleline;
    DROP FUNCTION sales_refuse_revival();
    DROP TRIGGER sales_tender_finished ON sales_tender;
    DROP TRIGGER sales_saleline_finished ON sales_saleline;
    DROP TRIGGER sales_sale_finished ON sales_sale;
    DROP FUNCTION sales_demand_finished();
"""


class Migration(migrations.Migration):
    dependencies = [("sales", "0008_count_lines")]
    operations = [
        migrations.RunSQL(Path(__file__).with_suffix(".sql").read_text(), REVERSE),
        # The one thing that may change: whether a later document took the piece back.
        migrations.RunSQL(
            "GRANT UPDATE (live) ON sales_saleline TO jewelry_app;",
            "REVOKE UPDATE (live) ON sales_saleline FROM jewelry_app;",
        ),
    ]
