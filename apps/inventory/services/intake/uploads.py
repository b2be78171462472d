"""An uploaded file: kept, looked at, and brought in by a job, once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from apps.core.errors import Conflict, Invalid, NotFound, Refusal
from apps.inventory.models import PieceImport
from apps.inventory.services.intake.columns import is_field
from apps.inventory.services.intake.look import Look, RefusedRow, look
from apps.inventory.services.take_in import take_in_all
from apps.shops.models import Member

BRING_IN: Final = "inventory.bring_in"
_SHOWN_ROWS: Final = 200  # of the refused; the download has all
_SHOWN_VALUE: Final = 80
_SHOWN_KARATS: Final = 20  # ways to write them
_LONGEST_NAME: Final = 120
State = PieceImport.State


@dataclass(eq=False)
class ImportNotFound(NotFound):
    def __str__(self) -> str:
        return _("This import is not in this shop. Open the import page and choose the file again.")


@dataclass(eq=False)
class RowsRefused(Invalid):
    """A file of which some rows cannot come in, and nobody said to leave them out."""

    rows: int
    refused: int

    def __str__(self) -> str:
        return ngettext(
            "%(refused)s of %(rows)s rows was refused. Nothing has been brought in."
            " Correct it in the file, or say that it stays out.",
            "%(refused)s of %(rows)s rows were refused. Nothing has been brought in."
            " Correct them in the file, or say that they stay out.",
            self.refused,
        ) % {"refused": f"{self.refused:,}", "rows": f"{self.rows:,}"}


@dataclass(eq=False)
class NothingToBringIn(Invalid):
    def __str__(self) -> str:
        return _("No row of this file can come in. Correct the file and choose it again.")


@dataclass(eq=False)
class ImportUnderWay(Conflict):
    def __str__(self) -> str:
        return _("This file is being brought in or was brought in. Its columns stay as they are.")


def upload(*, file_name: str, content: bytes, by: Member, at: datetime) -> PieceImport:
    """Keep a file and look at it; nothing is brought in. Raises FileUnreadable."""
    seen = look(content, shop=by.shop)
    name = "".join(sign for sign in file_name if sign.isprintable())[-_LONGEST_NAME:]
    return PieceImport.objects.create(
        file_name=name or "pieces",
        content=content,
        preview=_preview(seen),
        rows=seen.rows,
        uploaded_at=at,
        uploaded_by=by,
    )


def choose_columns(*, upload_id: int, columns: Mapping[int, str], by: Member) -> PieceImport:
    """Look at a kept file again, with its columns as a person named them.

    What is no field of ours, or no column of the file, is left out. Raises ImportNotFound,
    ImportUnderWay, FileUnreadable.
    """
    kept = import_to_change(upload_id=upload_id)
    if kept.state not in (State.READ, State.FAILED):
        raise ImportUnderWay
    named: dict[int, str] = {}
    for index, field in sorted(columns.items()):
        known = index < len(kept.preview["header"]) and is_field(field)
        if known and field not in named.values():
            named[index] = field
    seen = look(bytes(kept.content), shop=by.shop, columns=named)
    kept.preview, kept.rows = _preview(seen), seen.rows
    kept.state, kept.done_rows, kept.failure = State.READ, 0, ""
    kept.save(update_fields=["preview", "rows", "state", "done_rows", "failure"])
    return kept


def start(*, upload_id: int, leave_out: bool) -> PieceImport:
    """Let a job bring the file in. A second call changes nothing.

    With `leave_out` refused rows stay out; without, one of them keeps the whole file out.
    Raises ImportNotFound, RowsRefused, NothingToBringIn.
    """
    kept = import_to_change(upload_id=upload_id)
    if kept.state != State.READ:
        return kept
    if not kept.preview["new"]:
        raise NothingToBringIn
    if kept.preview["refused"] and not leave_out:
        raise RowsRefused(rows=kept.rows, refused=kept.preview["refused"])
    kept.state, kept.done_rows = State.RUNNING, 0
    kept.save(update_fields=["state", "done_rows"])
    app.configure_task(BRING_IN).defer(shop_id=kept.shop_id, upload_id=kept.pk)
    return kept


def bring_in(
    *, upload_id: int, at: datetime, progress: Callable[[int], None] | None = None
) -> None:
    """Bring a started file in: all its pieces in one transaction, or none and the reason.

    Runs twice without harm: the second run waits for the first, and then finds it done. The row
    of the import itself is not locked meanwhile, so that `progress` can write to it.
    """
    try:
        with transaction.atomic():
            _wait_for_other_runs(upload_id)
            kept = PieceImport.objects.select_related("uploaded_by__shop").get(pk=upload_id)
            if kept.state != State.RUNNING:
                return
            with override(kept.preview["language"]):
                _bring_in(kept, at=at, progress=progress)
    except Refusal as refused:
        with override(kept.preview["language"]):
            note_failure(upload_id=upload_id, failure=str(refused))


def note_failure(*, upload_id: int, failure: str) -> None:
    """Say on the import why nothing came in."""
    PieceImport.objects.filter(pk=upload_id, state=State.RUNNING).update(
        state=State.FAILED, done_rows=0, failure=failure[:300]
    )


def import_by_id(*, upload_id: int) -> PieceImport:
    """A kept file, without its content. Raises ImportNotFound."""
    try:
        return PieceImport.objects.defer("content").get(pk=upload_id)
    except PieceImport.DoesNotExist:
        raise ImportNotFound from None


def newest_imports(*, most: int) -> QuerySet[PieceImport]:
    """The last files of the shop, without their contents."""
    return PieceImport.objects.defer("content", "preview").order_by("-pk")[:most]


def import_to_change(*, upload_id: int) -> PieceImport:
    """A kept file, locked until the transaction ends. Raises ImportNotFound."""
    try:
        return PieceImport.objects.select_for_update(of=("self",)).get(pk=upload_id)
    except PieceImport.DoesNotExist:
        raise ImportNotFound from None


def refused_rows(*, upload_id: int, by: Member) -> tuple[list[str], list[RefusedRow]]:
    """The file's header and all its refused rows, read again. Raises ImportNotFound."""
    kept = import_by_id(upload_id=upload_id)
    columns = {int(index): field for index, field in kept.preview["columns"].items()}
    seen = look(
        bytes(kept.content), shop=by.shop, columns=None if kept.preview["shopify"] else columns
    )
    return seen.table.header, seen.refused


def _bring_in(kept: PieceImport, *, at: datetime, progress: Callable[[int], None] | None) -> None:
    columns = {int(index): field for index, field in kept.preview["columns"].items()}
    seen = look(
        bytes(kept.content),
        shop=kept.uploaded_by.shop,
        columns=None if kept.preview["shopify"] else columns,
    )
    if len(seen.refused) != kept.preview["refused"]:
        # Since the look at it, the stock has changed: nobody agreed to leave these rows out.
        raise RowsRefused(rows=seen.rows, refused=len(seen.refused))
    taken = take_in_all(
        pieces=seen.pieces,
        by=kept.uploaded_by,
        at=at,
        reference=kept.file_name,
        progress=progress,
    )
    kept.state, kept.done_rows = State.DONE, len(taken)
    kept.save(update_fields=["state", "done_rows"])


def _wait_for_other_runs(upload_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('inventory.bring_in', %s))", [upload_id]
        )


def _preview(seen: Look) -> dict[str, Any]:
    """What the page shows of a look, as JSON."""
    return {
        "language": get_language(),
        "kind": seen.table.kind,
        "encoding": seen.table.encoding,
        "delimiter": seen.table.delimiter,
        "shopify": seen.is_shopify,
        "header": [_cut(title) for title in seen.table.header],
        "columns": {str(index): field for index, field in seen.columns.items()},
        "new": len(seen.pieces),
        "refused": len(seen.refused),
        "refused_rows": [
            {
                "line": row.line,
                "problems": [
                    {
                        "column": seen.column_of(problem.field),
                        "value": _cut(problem.value),
                        "reason": problem.reason,
                    }
                    for problem in row.problems
                ],
            }
            for row in seen.refused[:_SHOWN_ROWS]
        ],
        "karats": [
            {"text": _cut(text), "fineness": fineness}
            for text, fineness in list(seen.karats.items())[:_SHOWN_KARATS]
        ],
        "first": [
            {"tag": piece.tag, "name": piece.name, "category": piece.category}
            for piece in seen.pieces[:5]
        ],
    }


def _cut(text: str) -> str:
    """Short enough to stand in a table, and without NUL, which JSON of PostgreSQL cannot hold."""
    shown = text.replace("\x00", "�")
    return shown if len(shown) <= _SHOWN_VALUE else f"{shown[: _SHOWN_VALUE - 1]}…"
