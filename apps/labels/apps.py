"""Tags for pieces: templates by field and position, pictures of them, ZPL for the printer."""

from django.apps import AppConfig


class LabelsConfig(AppConfig):
    name = "apps.labels"
    label = "labels"
