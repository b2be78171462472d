"""`manage.py add_branch --shop S --name N` opens another branch of a shop, with a till."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import Refusal
from apps.shops.branches import open_branch
from apps.shops.scope import shop_scope
from apps.shops.selectors import shop_named


class Command(BaseCommand):
    help = "Open another branch of a shop, with a till of its own."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--shop", required=True, metavar="SHOP", help="slug or id")
        parser.add_argument("--name", required=True, help="what people call it; up to 60 signs")
        parser.add_argument("--address", default="", help="up to 200 signs")
        parser.add_argument(
            "--till", default="", metavar="NUMBER", help="of its till; the next free one else"
        )

    def handle(self, *, shop: str, name: str, address: str, till: str, **options: Any) -> None:
        try:
            of = shop_named(shop)
            with shop_scope(of.pk):
                opened = open_branch(name=name, address=address, till=till)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{opened.branch.name} is a branch of {of.name}, with {opened.name}.")
