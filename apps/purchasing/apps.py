"""Old gold: bought over the counter, held, bagged, melted, assayed."""

from django.apps import AppConfig


class PurchasingConfig(AppConfig):
    name = "apps.purchasing"
    label = "purchasing"
