"""Money taken before a sale: deposits, layaway, savings schemes."""

from django.apps import AppConfig


class DepositsConfig(AppConfig):
    name = "apps.deposits"
    label = "deposits"
