"""`manage.py open_shop` founds a shop with its books, a till and its owner."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, transaction

from apps.core.constraints import broken_by
from apps.core.errors import Refusal
from apps.ledger.services import open_books
from apps.pricing import rules
from apps.shops.models import Role
from apps.shops.scope import shop_scope
from apps.shops.services import enrol, open_shop
from apps.users.asking import password_of
from apps.users.services import person


class Command(BaseCommand):
    help = (
        "Found a shop: its books, one branch, Till 1, and its owner. A new owner's password is"
        " asked for, or read from standard input."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="short name for commands: noor")
        parser.add_argument("--name", required=True, help="as printed on receipts")
        parser.add_argument("--currency", required=True, metavar="CODE", help="AED")
        parser.add_argument(
            "--tax-pack", required=True, metavar="CODE", help=", ".join(rules.codes())
        )
        parser.add_argument("--time-zone", default="UTC", metavar="ZONE", help="Asia/Dubai")
        parser.add_argument("--owner", required=True, metavar="USER", help="new or known")

    def handle(self, *, slug: str, owner: str, tax_pack: str, **options: Any) -> None:
        if tax_pack not in rules.codes():
            known = ", ".join(rules.codes())
            raise CommandError(f"There is no tax pack {tax_pack}. There are: {known}.")
        try:
            with transaction.atomic():
                shop = open_shop(
                    name=options["name"],
                    slug=slug,
                    currency=options["currency"],
                    tax_pack=tax_pack,
                    time_zone=options["time_zone"],
                )
                user = person(name=owner, password=lambda: password_of(owner))
                enrol(user=user, shop=shop, role=Role.OWNER)
                with shop_scope(shop.pk):
                    open_books()
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        except IntegrityError as error:
            if broken_by(error) != "shops_shop_slug_unique":
                raise
            raise CommandError(f"There is a shop called {slug} already. Take another.") from error
        self.stdout.write(f"{shop.name} is open. {owner} signs in as its owner.")
