"""Who the shop deals with: customers, suppliers, refiners."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "apps.customers"
    label = "customers"
