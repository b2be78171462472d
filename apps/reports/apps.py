"""What the owner reads: one file a report. Its tables hold sums of other apps' rows, no more."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "apps.reports"
    label = "reports"
