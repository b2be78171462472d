"""What things cost: the rate board, tax packs, and the trade's arithmetic."""

from django.apps import AppConfig


class PricingConfig(AppConfig):
    name = "apps.pricing"
    label = "pricing"
