"""`manage.py add_place --shop S --name N --kind K` adds a safe, tray, window or bench."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import Refusal
from apps.inventory.models import PlaceKind
from apps.inventory.services.places import add_place
from apps.shops.scope import shop_scope
from apps.shops.selectors import branch_named, shop_named


class Command(BaseCommand):
    help = "Add a place where pieces lie: a safe, a tray, a window, a bench."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--shop", required=True, metavar="SHOP", help="slug or id")
        parser.add_argument("--name", required=True, help="what people call it; up to 40 signs")
        parser.add_argument("--kind", required=True, choices=PlaceKind.values)
        parser.add_argument(
            "--branch", default="", metavar="NAME", help="of a shop that has several"
        )

    def handle(self, *, shop: str, name: str, kind: str, branch: str, **options: Any) -> None:
        try:
            of = shop_named(shop)
            with shop_scope(of.pk):
                where = branch_named(branch)
                place = add_place(name=name, kind=kind, branch=where)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{place.name} is a {place.kind} of {where.name}.")
