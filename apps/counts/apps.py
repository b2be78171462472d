"""The stock count: tray by tray, expected against seen, recounted, approved, posted."""

from django.apps import AppConfig


class CountsConfig(AppConfig):
    name = "apps.counts"
    label = "counts"
