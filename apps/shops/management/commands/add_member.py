"""`manage.py add_member` gives a person a place in a shop."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, transaction

from apps.core.constraints import broken_by
from apps.core.errors import Refusal
from apps.shops.models import Role
from apps.shops.selectors import shop_named
from apps.shops.services import enrol
from apps.users.asking import password_of
from apps.users.services import person


class Command(BaseCommand):
    help = (
        "Make a person a member of a shop. A new person's password is asked for, or read from"
        " standard input."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", metavar="USER", help="user name, new or known")
        parser.add_argument("--shop", required=True, metavar="SHOP", help="slug or id")
        parser.add_argument("--role", required=True, choices=Role.values)

    def handle(self, *, user: str, shop: str, role: str, **options: Any) -> None:
        try:
            with transaction.atomic():
                where = shop_named(shop)
                who = person(name=user, password=lambda: password_of(user))
                enrol(user=who, shop=where, role=Role(role))
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        except IntegrityError as error:
            if broken_by(error) != "shops_member_unique":
                raise
            raise CommandError(f"{user} is a member of {shop} already.") from error
        self.stdout.write(f"{user} is {Role(role).label.lower()} of {where.name}.")
