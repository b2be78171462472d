from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sales", "0011_tie_held_sales")]
    operations = [
        migrations.RemoveConstraint("receiptprint", "sales_receiptprint_possible"),
        migrations.AlterField(
            model_name="receiptprint",
            name="paper",
            field=models.CharField(
                choices=[("a4", "A4"), ("a5", "A5"), ("80", "80 mm"), ("mail", "Mail")],
                max_length=4,
            ),
        ),
        migrations.AddConstraint(
            "receiptprint",
            models.CheckConstraint(
                condition=models.Q(("copy__isnull", True), ("paper", "mail"))
                | models.Q(
                    ("copy__gte", 1),
                    ("copy__isnull", False),
                    ("paper__in", ["a4", "a5", "80"]),
                    ("printed_by__isnull", False),
                ),
                name="sales_receiptprint_possible",
            ),
        ),
    ]
