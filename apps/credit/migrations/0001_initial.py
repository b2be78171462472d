from decimal import Decimal

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import apps.shops.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("customers", "0004_protect_papers"),
        ("shops", "0004_protect_shifts"),
    ]

    operations = [
        migrations.CreateModel(
            name="GiftCard",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=20)),
                ("digest", models.CharField(max_length=64)),
                ("last4", models.CharField(max_length=4)),
                ("amount", models.DecimalField(decimal_places=4, max_digits=20)),
                ("balance", models.DecimalField(decimal_places=4, max_digits=20)),
                ("expires_on", models.DateField(blank=True, null=True)),
                ("sold_at", models.DateTimeField()),
                ("day", models.DateField()),
                ("idempotency_key", models.CharField(max_length=80)),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "shift",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="shops.shift",
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
                    "sold_by",
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
                    models.Index(fields=["shop", "-id"], name="credit_giftcard_newest"),
                    models.Index(fields=["shop", "last4"], name="credit_giftcard_last4"),
                    models.Index(
                        condition=models.Q(("balance__gt", 0), ("expires_on__isnull", False)),
                        fields=["shop", "expires_on"],
                        name="credit_giftcard_expiry",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("shop", "number"), name="credit_giftcard_number"
                    ),
                    models.UniqueConstraint(
                        fields=("shop", "digest"), name="credit_giftcard_digest"
                    ),
                    models.UniqueConstraint(
                        fields=("shop", "idempotency_key"), name="credit_giftcard_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount__gt", 0), ("amount__lt", Decimal("10000000000000000"))
                        ),
                        name="credit_giftcard_possible",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("balance__gte", 0), ("balance__lte", models.F("amount"))
                        ),
                        name="credit_giftcard_balance",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GiftCardMove",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sold", "Sold"),
                            ("spent", "Spent"),
                            ("refunded", "Paid back on it"),
                            ("expired", "Ran out"),
                        ],
                        max_length=8,
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=4, max_digits=20)),
                ("reference", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="shops.member",
                    ),
                ),
                (
                    "card",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to="credit.giftcard",
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
                "indexes": [
                    models.Index(fields=["shop", "card", "id"], name="credit_giftcardmove_card")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount__gt", 0), ("kind__in", ["sold", "refunded"])),
                            models.Q(("amount__lt", 0), ("kind__in", ["spent", "expired"])),
                            _connector="OR",
                        ),
                        name="credit_giftcardmove_possible",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CashRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("rate", models.DecimalField(decimal_places=6, max_digits=20)),
                ("valid_from", models.DateTimeField()),
                (
                    "set_by",
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
                "indexes": [
                    models.Index(
                        fields=["shop", "currency", "-valid_from", "-id"],
                        name="credit_cashrate_newest",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("rate__gt", 0)), name="credit_cashrate_positive"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DuesPayment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=20)),
                ("amount", models.DecimalField(decimal_places=4, max_digits=20)),
                ("to_dues", models.DecimalField(decimal_places=4, max_digits=20)),
                ("to_credit", models.DecimalField(decimal_places=4, max_digits=20)),
                ("left", models.DecimalField(decimal_places=4, max_digits=20)),
                ("note", models.CharField(blank=True, default="", max_length=200)),
                ("at", models.DateTimeField()),
                ("day", models.DateField()),
                ("idempotency_key", models.CharField(max_length=80)),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="shops.member",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "shift",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="shops.shift",
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
                "indexes": [
                    models.Index(
                        fields=["shop", "customer", "-id"], name="credit_duespayment_customer"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("shop", "number"), name="credit_duespayment_number"
                    ),
                    models.UniqueConstraint(
                        fields=("shop", "idempotency_key"), name="credit_duespayment_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "amount",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("to_dues"), "+", models.F("to_credit")
                                ),
                            ),
                            ("amount__gt", 0),
                            ("amount__lt", Decimal("10000000000000000")),
                            ("left__gte", 0),
                            ("to_credit__gte", 0),
                            ("to_dues__gte", 0),
                        ),
                        name="credit_duespayment_adds_up",
                    ),
                ],
            },
        ),
    ]
