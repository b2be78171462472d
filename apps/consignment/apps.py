"""Pieces on approval, both ways: lent out, and taken in from their owners."""

from django.apps import AppConfig


class ConsignmentConfig(AppConfig):
    name = "apps.consignment"
    label = "consignment"
