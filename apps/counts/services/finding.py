"""A piece that a finished count missed turns up."""

from datetime import datetime

from django.db import transaction

from apps.core.typed import fold_digits
from apps.counts.models import CountFound, CountState, StockCount
from apps.counts.refusals import NotMissed
from apps.counts.results import Done, Found
from apps.counts.selectors.found import result_of
from apps.inventory.models import Piece, PieceState, Place
from apps.inventory.selectors import IN_THE_SHOP, whole_pieces
from apps.inventory.services.moving import move
from apps.inventory.services.writing_off import find_again
from apps.shops.approvals import Approver, permit
from apps.shops.models import Action, Member


@transaction.atomic
def found_later(
    *,
    count: StockCount,
    tag: str,
    place: Place,
    by: Member,
    at: datetime,
    approver: Approver | None = None,
) -> CountFound:
    """Write down that a missed piece was found, and where it lies now.

    What the count wrote off comes back into the books, which needs the permission COUNT; what it
    left to be looked for is only put into its place. Twice it is once.

    Raises NotMissed, PieceNotFound, what `permit` raises, and whatever the stock refuses.
    """
    tag = fold_digits(tag).strip()[:40]
    missed = {
        line.tag: line
        for _sheet, line in result_of(count, code=by.shop.currency).lines
        if line.found == Found.MISSING and not line.seen_at
    }
    tag = tag if tag in missed else tag.upper()
    if count.state != CountState.POSTED or tag not in missed:
        raise NotMissed(tag=tag, code=count.code)
    piece: Piece = whole_pieces(tags=[tag], to_change=True)[0].piece
    done = CountFound.objects.filter(count=count, piece=piece).first()
    if done is not None:
        return done
    if missed[tag].done == Done.WRITE_OFF and piece.state == PieceState.LOST:
        permit(
            Action.COUNT,
            by=by,
            reason=count.code,
            reference=tag,
            at=at,
            amount=piece.cost,
            approver=approver,
        )
        find_again(pieces=[piece], place=place, by=by, at=at, reference=count.code, what="count")
    elif piece.state in IN_THE_SHOP:
        move(tags=[tag], place=place, by=by, at=at)
    else:
        raise NotMissed(tag=tag, code=count.code)
    return CountFound.objects.create(count=count, piece=piece, place=place, at=at, by=by)
