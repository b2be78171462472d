"""`manage.py create_api_token --shop SLUG --member NAME` prints a new key to the API."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.core.errors import Refusal
from apps.shops.selectors import member_named, shop_named
from apps.shops.services import issue_token


class Command(BaseCommand):
    help = "Make a key to the API for a member of a shop and print it. It is shown only now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--shop", required=True, metavar="SHOP", help="slug or id")
        parser.add_argument("--member", required=True, metavar="NAME", help="user name")

    def handle(self, *, shop: str, member: str, **options: Any) -> None:
        try:
            holder = member_named(shop=shop_named(shop), member=member)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(issue_token(member=holder, at=timezone.now()))
