"""The drawer: its shifts, what goes in and out of it, its count and its close."""

from django.apps import AppConfig


class TillConfig(AppConfig):
    name = "apps.till"
    label = "till"
