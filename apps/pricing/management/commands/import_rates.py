"""`manage.py import_rates --shop SLUG FILE` loads a dated price history into the rate board."""

from argparse import ArgumentParser, ArgumentTypeError
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.core.currencies import CURRENCIES, PER_DOLLAR
from apps.core.errors import Refusal
from apps.core.units import FinenessRefused, permille
from apps.pricing.models import Metal, RateSide, RateUnit
from apps.pricing.rate_files import prices_in
from apps.pricing.services import load_history
from apps.shops.models import Shop
from apps.shops.scope import shop_scope
from apps.shops.selectors import shop_named

_LARGEST_FILE = 20 * 1024 * 1024


def _factor(text: str) -> Decimal:
    try:
        factor = Decimal(text) if text.isascii() and "_" not in text else Decimal(0)
    except InvalidOperation:
        factor = Decimal(0)
    if not (factor.is_finite() and factor > 0):
        raise ArgumentTypeError(f"{text} is no factor. Give a number above zero, such as 3.6725.")
    return factor


def _fineness(text: str) -> int:
    try:
        return permille(text)
    except FinenessRefused as refused:
        raise ArgumentTypeError(str(refused)) from None


def _currency(text: str) -> str:
    if text not in CURRENCIES:
        raise ArgumentTypeError(f"{text} is no currency here. Give its three letters: USD.")
    return text


class Command(BaseCommand):
    help = (
        "Load a dated price history (CSV with the columns Date and Price; dates as 2026-07 or"
        " 2026-07-14) into a shop's rate board: all rows or none. Running it twice adds nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--shop", required=True, metavar="SHOP", help="slug or id")
        parser.add_argument("--metal", choices=Metal.values, default=Metal.GOLD)
        parser.add_argument(
            "--fineness", type=_fineness, default=10_000, help="parts per thousand (default 1000)"
        )
        parser.add_argument("--side", choices=RateSide.values, default=RateSide.SELL)
        parser.add_argument("--unit", choices=RateUnit.values, default=RateUnit.TROY_OUNCE)
        parser.add_argument(
            "--currency", type=_currency, default="USD", help="of the prices (default USD)"
        )
        parser.add_argument(
            "--per-unit-of-currency",
            type=_factor,
            metavar="FACTOR",
            help="money of the shop for one unit of that currency; known for dollars and the"
            " currencies of the Gulf that are tied to it",
        )
        parser.add_argument(
            "--source-name", default="", metavar="TEXT", help="where the prices are from"
        )

    def handle(self, *, file: Path, shop: str, source_name: str, **options: Any) -> None:
        try:
            into = shop_named(shop)
            factor = _conversion(into, options["currency"], options["per_unit_of_currency"])
            with shop_scope(into.pk):
                loaded = load_history(
                    shop=into,
                    prices=prices_in(_text_of(file)),
                    metal=options["metal"],
                    fineness=options["fineness"],
                    side=options["side"],
                    unit=options["unit"],
                    at=timezone.now(),
                    per_unit_of_currency=factor,
                    source_name=_short(source_name or file.name),
                )
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{file.name}: {loaded.new} added, {loaded.known} there already.")
        if factor != 1:
            given = options["currency"]
            self.stdout.write(f"One {given} was taken for {factor} {into.currency}.")


def _conversion(shop: Shop, given: str, factor: Decimal | None) -> Decimal:
    """The factor from the file's currency to the shop's: given, or a fixed one; never guessed."""
    if given == shop.currency:
        if factor is not None and factor != 1:
            raise CommandError(
                f"The prices and the shop are both in {given}, so --per-unit-of-currency {factor}"
                " contradicts itself. Leave it out, or name the file's currency by --currency."
            )
        return Decimal(1)
    if factor is None and given == "USD" and shop.currency in PER_DOLLAR:
        return PER_DOLLAR[shop.currency]
    if factor is None:
        raise CommandError(
            f"The prices are in {given} and the shop keeps its books in {shop.currency}. Say how"
            f" many {shop.currency} one {given} is: --per-unit-of-currency FACTOR. If the file is"
            f" in {shop.currency} already: --currency {shop.currency}."
        )
    return factor


def _short(name: str) -> str:
    if "\x00" in name or len(name) > 120:
        raise CommandError("--source-name takes up to 120 characters of plain text. Shorten it.")
    return name


def _text_of(file: Path) -> str:
    try:
        if file.stat().st_size > _LARGEST_FILE:
            raise CommandError(f"{file} is larger than 20 MB, which no price history is.")
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise CommandError(f"{file} is not in UTF-8. Save it as CSV in UTF-8.") from None
    except OSError as failure:
        raise CommandError(f"{file} cannot be read: {failure.strerror}.") from None
