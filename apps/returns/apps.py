"""What undoes a sale: void, return, exchange, buy-back. Each is a document of its own."""

from django.apps import AppConfig


class ReturnsConfig(AppConfig):
    name = "apps.returns"
    label = "returns"
