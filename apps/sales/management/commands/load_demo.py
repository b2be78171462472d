"""`manage.py load_demo` makes the demo shops and says how to sign in."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.sales.demo.drawers import PIN
from apps.sales.demo.load import load


class Command(BaseCommand):
    help = (
        "Make three shops to try everything in; loaded again, it keeps them and adds today's rates."
    )

    def handle(self, **options: Any) -> None:
        signin = settings.DEMO_SIGNIN
        if signin is None:
            raise CommandError(
                "This installation has no demo: its password is known to everybody."
                " Demo shops belong on a laptop, under config.settings.development."
            )
        load(password=signin["password"], at=timezone.now())
        self.stdout.write(
            f"sign in as {signin['user']}, password {signin['password']}"
            " (also: manager, clerk, cashier, operator; tehran reads Persian);"
            f" PIN for approvals: {PIN}"
        )
