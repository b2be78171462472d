"""What customers owe the shop and what it owes them: dues, store credit, gift cards."""

from django.apps import AppConfig


class CreditConfig(AppConfig):
    name = "apps.credit"
    label = "credit"
