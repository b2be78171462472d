"""Whose data it is: shops, their branches, registers and members."""

from django.apps import AppConfig


class ShopsConfig(AppConfig):
    name = "apps.shops"
    label = "shops"
