"""`manage.py create_operator` lets a person see how the installation is."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.core.errors import Refusal
from apps.users.asking import password_of
from apps.users.services import make_operator, person


class Command(BaseCommand):
    help = (
        "Make a person an operator, who runs the installation: /status/ shows them everything. A"
        " new person's password is asked for, or read from standard input."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", metavar="USER", help="user name, new or known")
        parser.add_argument("--end", action="store_true", help="they are one no longer")

    def handle(self, *, user: str, end: bool, **options: Any) -> None:
        try:
            with transaction.atomic():
                who = person(name=user, password=lambda: self._password(user, end=end))
                make_operator(user=who, is_one=not end)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{user} is {'no operator any more' if end else 'an operator'}.")

    def _password(self, user: str, *, end: bool) -> str:
        if end:
            raise CommandError(f"Nobody is called {user} here. Check the name.")
        return password_of(user)
