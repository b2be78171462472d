import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import apps.shops.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("inventory", "0011_tie_owners"),
        ("shops", "0006_more_actions"),
    ]

    operations = [
        migrations.CreateModel(
            name="LabelTemplate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                (
                    "stock",
                    models.CharField(
                        choices=[
                            ("barbell", "Barbell: two pads and a bridge"),
                            ("rat_tail", "Rat tail: two pads and a tail"),
                        ],
                        max_length=8,
                    ),
                ),
                ("width_mm", models.DecimalField(decimal_places=2, max_digits=5)),
                ("height_mm", models.DecimalField(decimal_places=2, max_digits=5)),
                ("front_x_mm", models.DecimalField(decimal_places=2, max_digits=5)),
                ("front_width_mm", models.DecimalField(decimal_places=2, max_digits=5)),
                ("back_x_mm", models.DecimalField(decimal_places=2, max_digits=5)),
                ("back_width_mm", models.DecimalField(decimal_places=2, max_digits=5)),
                (
                    "dpi",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (203, "203 dpi, 8 dots per mm"),
                            (300, "300 dpi, 11.8 dots per mm"),
                        ],
                        default=203,
                    ),
                ),
                ("darkness", models.PositiveSmallIntegerField(default=20)),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("fa", "Persian")], default="en", max_length=2
                    ),
                ),
                ("printers_letters", models.BooleanField(default=False)),
                ("fields", models.JSONField(default=list)),
                ("is_usual", models.BooleanField(default=False)),
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
                        fields=("shop", "name"), name="labels_labeltemplate_name_unique"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_usual", True)),
                        fields=("shop",),
                        name="labels_labeltemplate_one_usual",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("back_width_mm__gt", 0),
                            (
                                "back_x_mm__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("front_x_mm"), "+", models.F("front_width_mm")
                                ),
                            ),
                            ("darkness__lte", 30),
                            ("dpi__in", [203, 300]),
                            ("front_width_mm__gt", 0),
                            ("front_x_mm__gte", 0),
                            ("height_mm__gte", 5),
                            ("height_mm__lte", 100),
                            ("language__in", ["en", "fa"]),
                            ("stock__in", ["barbell", "rat_tail"]),
                            (
                                "width_mm__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("back_x_mm"), "+", models.F("back_width_mm")
                                ),
                            ),
                            ("width_mm__lte", 200),
                            models.Q(("name", ""), _negated=True),
                        ),
                        name="labels_labeltemplate_possible",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TagPrint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("copy", models.PositiveSmallIntegerField()),
                ("template", models.CharField(max_length=40)),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("printer", "The till's tag printer"),
                            ("file", "A file for the printer"),
                        ],
                        max_length=8,
                    ),
                ),
                ("printed_at", models.DateTimeField()),
                (
                    "approval",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="shops.approval",
                    ),
                ),
                (
                    "piece",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tag_prints",
                        to="inventory.piece",
                    ),
                ),
                (
                    "printed_by",
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("shop", "piece", "copy"), name="labels_tagprint_copy_unique"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("way__in", ["printer", "file"]),
                            models.Q(
                                models.Q(("approval__isnull", True), ("copy", 1)),
                                models.Q(("approval__isnull", False), ("copy__gt", 1)),
                                _connector="OR",
                            ),
                        ),
                        name="labels_tagprint_possible",
                    ),
                ],
            },
        ),
    ]
