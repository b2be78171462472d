"""One tag becomes several, several become one. A tag that ended is never used again.

The old pieces end as RETAGGED and the new ones go on, with their cost, their age and their place;
which came from which is a row (`PieceOrigin`). The books see nothing of it but metal that a saw
took.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.constraints import refuse_on
from apps.inventory.models import (
    DocumentKind,
    MovementKind,
    Ownership,
    Piece,
    PieceOrigin,
    PieceState,
    StockDocument,
)
from apps.inventory.policy import stock_rules
from apps.inventory.selectors import MetalPart, WholePiece, tags_of, whole_pieces
from apps.inventory.services.differences import post_difference
from apps.inventory.services.new_pieces import TAG_LENGTH
from apps.inventory.services.new_terms import NewPiece
from apps.inventory.services.numbers import (
    LETTERS,
    KeyOfAnother,
    document_of_key,
    new_document,
    next_code,
)
from apps.inventory.services.parts import (
    MOST_PARTS,
    Part,
    PartsUnclear,
    StonesDoNotSum,
    WeightsDoNotSum,
    demand_possible,
    joined_terms,
    losses,
    merged,
    split_terms,
)
from apps.inventory.services.sell import demand_for_sale
from apps.inventory.services.steps import step_to
from apps.inventory.services.writing import Arrival, fine_of, write_pieces
from apps.shops.approvals import Approver, permit
from apps.shops.models import Action, Member, Register

__all__ = [
    "MOST_PARTS",
    "WHAT",
    "Part",
    "PartsUnclear",
    "StonesDoNotSum",
    "WeightsDoNotSum",
    "join",
    "split",
]

WHAT: Final = "retag"
_ZERO: Final = Decimal(0)


@transaction.atomic
def split(
    *,
    tag: str,
    parts: Sequence[Part],
    by: Member,
    at: datetime,
    key: str,
    reason: str = "",
    register: Register | None = None,
    approver: Approver | None = None,
) -> StockDocument:
    """Make several pieces of one: a pair of earrings, a chain that is cut.

    Metal that the parts have less than the whole is posted as lost; more of it than the shop's
    rule allows wants `permit(WEIGHT)` and a reason. The form sent twice splits once.

    Raises PieceNotFound, PieceNotForSale, PartsUnclear, WeightsDoNotSum, StonesDoNotSum,
    PieceImpossible, TagTaken, KeyOfAnother, RegisterNotFound, DayClosed, and what `permit` raises.
    """
    wholes = _locked([tag])
    first = document_of_key(key, DocumentKind.SPLIT)
    if first is not None:
        return first
    demand_for_sale([whole.piece for whole in wholes])
    (whole,) = wholes
    demand_possible(whole, parts)
    lost = losses(
        [metal.net_weight_g for metal in whole.metals],
        [sum((part.net_g[n] for part in parts), _ZERO) for n in range(len(whole.metals))],
    )
    new = split_terms(whole, parts, tags=_new_tags(whole.piece.tag, parts), code=by.shop.currency)
    code = next_code(LETTERS[DocumentKind.SPLIT], register=register)
    _ask(lost, reason=reason, code=code, by=by, at=at, approver=approver)
    return _retag(DocumentKind.SPLIT, wholes, new, code=code, reason=reason, by=by, at=at, key=key)


@transaction.atomic
def join(
    *,
    tags: Sequence[str],
    by: Member,
    at: datetime,
    key: str,
    tag: str = "",
    name: str = "",
    nets_g: Sequence[Decimal] | None = None,
    gross_g: Decimal | None = None,
    reason: str = "",
    register: Register | None = None,
    approver: Approver | None = None,
) -> StockDocument:
    """Make one piece of several; as `split`. It takes the terms of the first of them.

    `nets_g`: what the scale says of each metal of `parts.merged`; None is what they weighed
    apart, as is the gross weight.

    Raises what `split` raises.
    """
    wholes = _locked(tags)
    first = document_of_key(key, DocumentKind.JOIN)
    if first is not None:
        return first
    pieces = [whole.piece for whole in wholes]
    _demand_joinable(pieces)
    metals = merged(wholes)
    nets = [part.net_weight_g for part in metals] if nets_g is None else list(nets_g)
    _demand_a_weight_each(metals, nets)
    lost = losses([part.net_weight_g for part in metals], nets)
    if gross_g is None and all(piece.gross_weight_g is not None for piece in pieces):
        gross_g = sum((piece.gross_weight_g or _ZERO for piece in pieces), _ZERO) - sum(lost, _ZERO)
    new = joined_terms(
        wholes,
        tag=tag.strip() or _free_tags(pieces[0].tag, 1, taken=set())[0],
        name=name,
        nets=nets,
        gross_g=gross_g,
    )
    code = next_code(LETTERS[DocumentKind.JOIN], register=register)
    _ask(lost, reason=reason, code=code, by=by, at=at, approver=approver)
    return _retag(DocumentKind.JOIN, wholes, [new], code=code, reason=reason, by=by, at=at, key=key)


def _locked(tags: Sequence[str]) -> list[WholePiece]:
    return whole_pieces(tags=tags_of(tags), to_change=True)


def _demand_joinable(pieces: Sequence[Piece]) -> None:
    from_whom = {(piece.ownership, piece.owner_id) for piece in pieces}
    if not 2 <= len(pieces) <= MOST_PARTS:
        raise PartsUnclear(reason=_two_to_join())
    if len(from_whom) > 1:
        raise PartsUnclear(reason=_("The pieces do not belong to the same owner. Keep them apart."))
    branches = {piece.place.branch_id for piece in pieces if piece.place is not None}
    if len(branches) > 1:
        raise PartsUnclear(
            reason=_("The pieces lie in different branches. Bring them together first.")
        )
    demand_for_sale(pieces)


def _two_to_join() -> str:
    return _("Two to %(most)s tags are joined. Scan each of them.") % {"most": MOST_PARTS}


def _demand_a_weight_each(metals: Sequence[MetalPart], nets: Sequence[Decimal]) -> None:
    if len(metals) != len(nets) or any(net < 0 for net in nets):
        raise PartsUnclear(
            reason=_("The piece was changed meanwhile. Open the page again, then split it.")
        )


def _ask(
    lost: Sequence[Decimal],
    *,
    reason: str,
    code: str,
    by: Member,
    at: datetime,
    approver: Approver | None,
) -> None:
    """A loss above the rule is a change of weight, with all that one needs."""
    if any(loss > stock_rules(at=at).allowed_loss_g for loss in lost):
        permit(Action.WEIGHT, by=by, reason=reason, reference=code, at=at, approver=approver)


def _retag(
    kind: DocumentKind,
    olds: Sequence[WholePiece],
    news: Sequence[NewPiece],
    *,
    code: str,
    reason: str,
    by: Member,
    at: datetime,
    key: str,
) -> StockDocument:
    first = olds[0].piece
    with refuse_on({"inventory_document_key": KeyOfAnother()}):
        document = new_document(kind, code=code, amount=_ZERO, reason=reason, by=by, at=at, key=key)
    arrival = Arrival(
        owner=first.owner,
        ownership=first.ownership,
        kind=MovementKind.RETAGGED,
        reference=code,
        since=min(old.piece.arrived_at for old in olds),
    )
    made = write_pieces(news, by=by, at=at, arrival=arrival)
    PieceOrigin.objects.bulk_create(
        PieceOrigin(shop_id=by.shop_id, document=document, parent=old.piece, child=child)
        for old in olds
        for child in made
    )
    step_to(
        [old.piece for old in olds],
        MovementKind.RETAGGED,
        place=None,
        by=by,
        at=at,
        reference=code,
        state=PieceState.RETAGGED,
    )
    if first.ownership == Ownership.OWNED:
        _post_loss(olds, news, code=code, by=by, at=at)
    return document


def _post_loss(
    olds: Sequence[WholePiece], news: Sequence[NewPiece], *, code: str, by: Member, at: datetime
) -> None:
    more: dict[str, Decimal] = {}
    for whole in olds:
        for part in whole.metals:
            more[part.metal] = more.get(part.metal, _ZERO) - part.fine_weight_g
    for new in news:
        for metal in new.metals:
            more[metal.metal] += fine_of(metal)
    post_difference(more.items(), what=WHAT, reference=code, by=by, at=at)


def _new_tags(old: str, parts: Sequence[Part]) -> list[str]:
    """The tags that were written, and free ones of the old where none was."""
    written = {part.tag.strip() for part in parts if part.tag.strip()}
    free = iter(_free_tags(old, sum(1 for part in parts if not part.tag.strip()), taken=written))
    return [part.tag.strip() or next(free) for part in parts]


def _free_tags(old: str, wanted: int, *, taken: set[str]) -> list[str]:
    """`R-1` → `R-1-1`, `R-1-2`: the next that no piece ever had."""
    if not wanted:
        return []
    stem = f"{old[: TAG_LENGTH - 4]}-"
    used = set(Piece.objects.filter(tag__startswith=stem).values_list("tag", flat=True)) | taken
    free: list[str] = []
    for number in count(1):
        tag = f"{stem}{number}"
        if tag not in used:
            free.append(tag)
        if len(free) == wanted:
            break
    return free
