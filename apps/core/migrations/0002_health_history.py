"""Tables for what the installation remembers of its own health. They belong to no shop."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_grants"),
    ]

    operations = [
        migrations.CreateModel(
            name="HealthChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("name", models.CharField(max_length=40)),
                ("before", models.CharField(max_length=4)),
                ("after", models.CharField(max_length=4)),
                ("word", models.CharField(blank=True, max_length=12)),
                ("finding", models.CharField(blank=True, max_length=40)),
                ("said", models.CharField(blank=True, max_length=500)),
                ("server", models.CharField(max_length=64)),
                ("process", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("at", "server", "process", "name"), name="core_healthchange_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HealthReporter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("server", models.CharField(max_length=64)),
                ("kind", models.CharField(max_length=6)),
                ("seen_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("server", "kind"), name="core_healthreporter_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HealthSample",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                ("quarter_at", models.DateTimeField()),
                ("state", models.PositiveSmallIntegerField()),
                ("word", models.CharField(blank=True, max_length=12)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("quarter_at", "name"), name="core_healthsample_quarter"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__range", (0, 2))),
                        name="core_healthsample_state_known",
                    ),
                ],
            },
        ),
    ]
