import django.db.models.deletion
from django.db import migrations, models

import apps.shops.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("shops", "0004_protect_shifts"),
    ]

    operations = [
        migrations.CreateModel(
            name="SalesDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("category", models.CharField(max_length=40)),
                ("metal", models.CharField(blank=True, max_length=10)),
                ("pieces", models.IntegerField()),
                ("net_g", models.DecimalField(decimal_places=3, max_digits=14)),
                ("fine_g", models.DecimalField(decimal_places=3, max_digits=14)),
                ("metal_amount", models.DecimalField(decimal_places=4, max_digits=20)),
                ("making", models.DecimalField(decimal_places=4, max_digits=20)),
                ("stones", models.DecimalField(decimal_places=4, max_digits=20)),
                ("extras", models.DecimalField(decimal_places=4, max_digits=20)),
                ("discount", models.DecimalField(decimal_places=4, max_digits=20)),
                ("tax", models.DecimalField(decimal_places=4, max_digits=20)),
                ("total", models.DecimalField(decimal_places=4, max_digits=20)),
                ("cost", models.DecimalField(decimal_places=4, max_digits=20)),
                (
                    "register",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="shops.register",
                    ),
                ),
                (
                    "seller",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="shops.member",
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
                "indexes": [models.Index(fields=["shop", "day"], name="reports_salesday_day")],
            },
        ),
        migrations.CreateModel(
            name="TaxDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("label", models.CharField(max_length=40)),
                ("percent", models.DecimalField(decimal_places=4, max_digits=9)),
                ("part", models.CharField(max_length=40)),
                ("part_percent", models.DecimalField(decimal_places=4, max_digits=9)),
                ("position", models.PositiveSmallIntegerField()),
                ("shown", models.BooleanField()),
                ("documents", models.IntegerField()),
                ("base", models.DecimalField(decimal_places=4, max_digits=20)),
                ("amount", models.DecimalField(decimal_places=4, max_digits=20)),
                (
                    "register",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
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
                "indexes": [models.Index(fields=["shop", "day"], name="reports_taxday_day")],
            },
        ),
    ]
