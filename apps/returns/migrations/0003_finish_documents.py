from pathlib import Path

from django.db import migrations

REVERSE = """
    DROP TRIGGER returns_saleline_ended_by_document ON sales_saleline;
    DROP FUNCTION returns_demand_document();
    DROP TRIGGER returns_documentline_finished ON returns_documentline;
    DROP TRIGGER returns_document_finished ON returns_document;
    DROP FUNCTION returns_demand_finished();
"""


class Migration(migrations.Migration):
    dependencies = [("returns", "0002_protect_by_shop"), ("sales", "0009_finish_sales")]
    operations = [
        migrations.RunSQL(Path(__file__).with_suffix(".sql").read_text(), REVERSE),
    ]
