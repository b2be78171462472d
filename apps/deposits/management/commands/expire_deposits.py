"""`manage.py expire_deposits` marks the deposits whose last day is over."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.core.errors import Refusal
from apps.deposits.services.expiry import mark_expired
from apps.shops.scope import shop_scope
from apps.shops.selectors import shop_named


class Command(BaseCommand):
    help = "Mark the deposits of a shop whose last day is over. Safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--shop", required=True, metavar="SHOP", help="slug or id")

    def handle(self, *, shop: str, **options: Any) -> None:
        try:
            where = shop_named(shop)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        with shop_scope(where.pk):
            marked = mark_expired(shop=where, at=timezone.now())
        self.stdout.write(f"{marked} deposits of {where.name} ran out.")
