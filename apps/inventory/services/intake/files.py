"""A file on a disk brought in at once, for a command."""

from collections.abc import Callable
from datetime import datetime

from apps.inventory.services.intake.look import Look, look
from apps.inventory.services.intake.uploads import NothingToBringIn, RowsRefused
from apps.inventory.services.take_in import take_in_all
from apps.shops.models import Member


def bring_in_file(
    *,
    seen: Look,
    file_name: str,
    by: Member,
    at: datetime,
    leave_out: bool = False,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Bring in what a look found; the number of pieces. All of them or none.

    Raises RowsRefused when there are refused rows and nobody says to leave
    them out; NothingToBringIn, PieceImpossible, TagTaken.
    """
    if seen.refused and not leave_out:
        raise RowsRefused(rows=seen.rows, refused=len(seen.refused))
    if not seen.pieces:
        raise NothingToBringIn
    return len(
        take_in_all(pieces=seen.pieces, by=by, at=at, reference=file_name, progress=progress)
    )


def look_at_file(content: bytes, *, by: Member) -> Look:
    """What a file comes to in the member's shop, which is in scope. Raises FileUnreadable."""
    return look(content, shop=by.shop)
