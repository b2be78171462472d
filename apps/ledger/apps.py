"""The books: double entry in money and in fine grams. Knows nothing of sales."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "apps.ledger"
    label = "ledger"
