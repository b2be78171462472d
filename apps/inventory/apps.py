"""What the shop has: pieces, their metals and stones, where they lie, how they moved."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "apps.inventory"
    label = "inventory"
