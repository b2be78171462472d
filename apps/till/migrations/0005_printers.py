import django.db.models.deletion
from django.db import migrations, models

import apps.shops.models


class Migration(migrations.Migration):
    dependencies = [
        ("shops", "0006_more_actions"),
        ("till", "0004_protect_drawers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Printer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "use",
                    models.CharField(
                        choices=[("receipt", "Receipts and slips"), ("label", "Tags")], max_length=8
                    ),
                ),
                ("host", models.CharField(max_length=100)),
                ("port", models.PositiveIntegerField(default=9100)),
                (
                    "dots",
                    models.PositiveSmallIntegerField(
                        choices=[(576, "80 mm paper, 576 dots"), (384, "58 mm paper, 384 dots")],
                        default=576,
                    ),
                ),
                ("cuts", models.BooleanField(default=True)),
                ("opens_drawer", models.BooleanField(default=False)),
                (
                    "register",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="printers",
                        to="shops.register",
                    ),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        db_default=apps.shops.models.CurrentShop(),
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="shops.shop",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("shop", "register", "use"), name="till_printer_unique"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("dots__in", [576, 384]),
                            ("port__gte", 9100),
                            ("port__lt", 9110),
                            ("use__in", ["receipt", "label"]),
                            models.Q(("host", ""), _negated=True),
                        ),
                        name="till_printer_possible",
                    ),
                ],
            },
        ),
    ]
