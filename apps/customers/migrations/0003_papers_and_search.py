import django.db.models.deletion
from django.db import migrations, models

import apps.shops.models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0002_protect_by_shop"),
        ("shops", "0004_protect_shifts"),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="idempotency_key",
            field=models.CharField(editable=False, max_length=80, null=True),
        ),
        migrations.AddField(
            model_name="customer",
            name="search_text",
            field=models.CharField(blank=True, default="", editable=False, max_length=500),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.UniqueConstraint(
                fields=("shop", "idempotency_key"), name="customers_customer_key_unique"
            ),
        ),
        migrations.CreateModel(
            name="IdentityPaper",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="customers.customer",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("national_id", "National identity card"),
                            ("passport", "Passport"),
                            ("driving_licence", "Driving licence"),
                            ("residence", "Residence permit"),
                            ("tax_card", "Tax card (PAN)"),
                            ("other", "Another paper"),
                        ],
                        max_length=16,
                    ),
                ),
                ("sealed", models.TextField()),
                ("last4", models.CharField(max_length=4)),
                ("country", models.CharField(blank=True, default="", max_length=2)),
                ("expires_on", models.DateField(blank=True, null=True)),
                ("seen_at", models.DateTimeField()),
                (
                    "seen_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="shops.member",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["shop", "customer", "-id"], name="customers_paper_newest"),
                    models.Index(fields=["shop", "last4"], name="customers_paper_last4"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "national_id",
                                    "passport",
                                    "driving_licence",
                                    "residence",
                                    "tax_card",
                                    "other",
                                ],
                            ),
                            models.Q(("sealed", ""), _negated=True),
                            models.Q(("last4", ""), _negated=True),
                        ),
                        name="customers_identitypaper_possible",
                    )
                ],
            },
        ),
    ]
