"""All that the shop knows of one customer: history, merge, export, erasure."""

from django.apps import AppConfig


class DossiersConfig(AppConfig):
    name = "apps.dossiers"
    label = "dossiers"
