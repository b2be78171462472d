"""Goods that are no single piece: loose stones, chain by the gram, at average cost."""

from django.apps import AppConfig


class LotsConfig(AppConfig):
    name = "apps.lots"
    label = "lots"
