"""`manage.py quote FILE` prices what the file describes: docs/reference/quote.md."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from pydantic import ValidationError

from apps.core.errors import Refusal
from apps.pricing.schemas import QuoteIn, QuoteOut
from apps.sales.quotes import quote_alone, quote_of_shop
from apps.shops.scope import shop_scope
from apps.shops.selectors import shop_named


class Command(BaseCommand):
    help = "Price a quote written as JSON and print its lines as JSON. Writes nothing."
    # A quote that says everything itself asks no database.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the quote; - for standard input")
        parser.add_argument(
            "--shop",
            metavar="SHOP",
            help="slug or id: its stock, board, tax pack and rounding fill in what is left out",
        )

    def handle(self, *, file: str, shop: str | None, **options: Any) -> None:
        try:
            text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        except OSError as failure:
            raise CommandError(f"{file} cannot be read: {failure.strerror}.") from failure
        except UnicodeDecodeError as failure:
            raise CommandError(f"{file} is not in UTF-8. Save it so.") from failure
        now = timezone.now()
        try:
            given = QuoteIn.model_validate_json(text)
            if shop is None:
                quote = quote_alone(given, today=timezone.localdate(now))
            else:
                where = shop_named(shop)
                with shop_scope(where.pk):
                    quote = quote_of_shop(given, shop=where, at=now)
        except ValidationError as wrong:
            raise CommandError("\n".join(_sentences(wrong))) from wrong
        except Refusal as refusal:
            field = getattr(refusal, "field", "")
            raise CommandError(f"{field}: {refusal}" if field else str(refusal)) from refusal
        self.stdout.write(QuoteOut.from_quote(quote).model_dump_json(indent=2))


def _sentences(wrong: ValidationError) -> list[str]:
    """Each field by its path, with what is wrong with it."""
    return [
        f"{'.'.join(str(part) for part in problem['loc']) or 'quote'}: "
        f"{problem['msg'].removeprefix('Value error, ')}"
        for problem in wrong.errors()
    ]
