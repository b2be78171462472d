"""manage.py break_gift_cards: what is left on cards that ran out becomes income."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.core.errors import Refusal
from apps.credit.breakage import post_breakage
from apps.shops.scope import shop_scope
from apps.shops.selectors import shop_named


class Command(BaseCommand):
    help = "Post what is left on gift cards that ran out, by the rules of the shop."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--shop", required=True, help="slug or id of the shop")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            shop = shop_named(options["shop"])
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        with shop_scope(shop.pk):
            cards = post_breakage(shop=shop, at=timezone.now())
        self.stdout.write(f"Gift cards that ran out: {len(cards)}.")
