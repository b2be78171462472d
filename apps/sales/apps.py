"""The counter: open sales, finished sales, tenders, receipts."""

from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "apps.sales"
    label = "sales"
