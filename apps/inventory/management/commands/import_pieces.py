"""`manage.py import_pieces --shop S --member M FILE` brings a CSV or XLSX of pieces in."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.core.errors import Refusal
from apps.core.units import format_permille
from apps.inventory.permissions import demand_keeper
from apps.inventory.services.intake.files import bring_in_file, look_at_file
from apps.inventory.services.intake.look import Look
from apps.shops.scope import shop_scope
from apps.shops.selectors import member_named, shop_named

_NAMED_ROWS: Final = 50


class Command(BaseCommand):
    help = (
        "Bring a file of pieces into the stock: CSV, XLSX or a Shopify product export. All rows or"
        " none: a row that cannot come in is named with its line, column, value and reason, and"
        " keeps the file out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--shop", required=True, metavar="SHOP", help="slug or id")
        parser.add_argument(
            "--member", required=True, metavar="NAME", help="who brings the pieces in: a user name"
        )
        parser.add_argument("--dry-run", action="store_true", help="look only, write nothing")
        parser.add_argument(
            "--leave-out-refused", action="store_true", help="bring in the rows that can come in"
        )

    def handle(
        self,
        *,
        file: Path,
        shop: str,
        member: str,
        dry_run: bool,
        leave_out_refused: bool,
        **options: Any,
    ) -> None:
        content = _content(file)
        try:
            by = member_named(shop=shop_named(shop), member=member)
            demand_keeper(by)
            with shop_scope(by.shop_id):
                seen = look_at_file(content, by=by)
                self._tell(seen)
                if dry_run:
                    self.stdout.write(
                        f"{len(seen.pieces):,} new · {len(seen.refused):,} refused ·"
                        " nothing written (dry run)"
                    )
                    if seen.refused:
                        raise CommandError("Correct the rows above, then look again.")
                    return
                done = bring_in_file(
                    seen=seen,
                    file_name=file.name,
                    by=by,
                    at=timezone.now(),
                    leave_out=leave_out_refused,
                    progress=lambda written: self._progress(written, len(seen.pieces)),
                )
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"{_counted(done, 'piece')} brought in · {_counted(len(seen.refused), 'row')} left out"
        )

    def _tell(self, seen: Look) -> None:
        """How the file was read, and each row that cannot come in."""
        table = seen.table
        read_as = "a Shopify product export" if seen.is_shopify else table.kind.upper()
        encoding = f" in {table.encoding}" if table.encoding else ""
        self.stderr.write(f"Read as {read_as}{encoding}: {_counted(seen.rows, 'row')}.")
        if seen.karats:
            taken = ", ".join(
                f"{text} for {format_permille(fineness)}" for text, fineness in seen.karats.items()
            )
            self.stderr.write(f"Karats were taken for the marks of gold: {taken}.")
        for row in seen.refused[:_NAMED_ROWS]:
            for problem in row.problems:
                self.stderr.write(
                    f"line {row.line}, {seen.column_of(problem.field)},"
                    f" “{problem.value[:80]}”: {problem.reason}"
                )
        if len(seen.refused) > _NAMED_ROWS:
            more = _counted(len(seen.refused) - _NAMED_ROWS, "more row")
            self.stderr.write(f"… and {more}.")

    def _progress(self, written: int, all_of_them: int) -> None:
        """One line that grows on a terminal, one line a step elsewhere."""
        share = written * 100 // all_of_them
        bar = "#" * (share // 4)
        at_terminal = self.stderr.isatty()
        line = f"[{bar:<25}] {share:3d}%  {written:,} of {all_of_them:,}"
        self.stderr.write(
            f"\r{line}" if at_terminal else line,
            ending="" if at_terminal and written < all_of_them else "\n",
        )


def _counted(number: int, thing: str) -> str:
    """ "1 piece", "1,500 pieces"."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _content(file: Path) -> bytes:
    """The file's bytes. Raises CommandError."""
    limit: int = settings.UPLOAD_LIMIT_BYTES
    try:
        if file.stat().st_size > limit:
            raise CommandError(
                f"{file} is larger than {limit // 2**20} MB, which is the most that is taken at"
                " once. Split it into smaller files."
            )
        return file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
