"""`manage.py export_pieces --shop S [--format csv|xlsx] [FILE]` writes the stock as a file."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import Refusal
from apps.inventory.services.export import export_csv, export_xlsx
from apps.shops.scope import shop_scope
from apps.shops.selectors import shop_named


class Command(BaseCommand):
    help = (
        "Write every piece that is in the shop as a file that import_pieces reads back. Costs are"
        " in it: keep it where only the owner looks."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", nargs="?", default="-", metavar="FILE", help="where to; - prints it"
        )
        parser.add_argument("--shop", required=True, metavar="SHOP", help="slug or id")
        parser.add_argument(
            "--format", choices=("csv", "xlsx"), help="by default what FILE ends with, else csv"
        )

    def handle(self, *, file: str, shop: str, format: str | None, **options: Any) -> None:
        chosen = format or ("xlsx" if file.lower().endswith(".xlsx") else "csv")
        try:
            of = shop_named(shop)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        with shop_scope(of.pk):
            self._write(
                file,
                export_csv(code=of.currency)
                if chosen == "csv"
                else iter([export_xlsx(code=of.currency)]),
            )

    def _write(self, file: str, parts: Iterator[bytes]) -> None:
        if file == "-":
            # The bytes themselves: a terminal's own encoding would change them.
            out = getattr(self.stdout, "buffer", None) or sys.stdout.buffer
            for part in parts:
                out.write(part)
            out.flush()
            return
        try:
            with Path(file).open("wb") as target:
                for part in parts:
                    target.write(part)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from error
