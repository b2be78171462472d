"""A piece is described or weighed anew: what changed is a row, and the books follow the weight."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.core.formatting import carats, when
from apps.core.units import format_permille, plain
from apps.inventory.models import (
    Movement,
    MovementKind,
    Ownership,
    Piece,
    PieceChange,
    PieceMetal,
    PieceState,
    PieceStone,
)
from apps.inventory.search import search_text
from apps.inventory.selectors import WholePiece, whole_pieces
from apps.inventory.services.amounts import check_amounts
from apps.inventory.services.differences import post_difference
from apps.inventory.services.moving import demand_open, demand_same_branch
from apps.inventory.services.new_pieces import check
from apps.inventory.services.new_terms import NewMetal, NewPiece, NewStone
from apps.inventory.services.shop_words import asks_for_words, check_words, shop_words
from apps.inventory.services.steps import demand_state, step
from apps.inventory.services.writing import fine_of, write_metals, write_stones
from apps.shops.approvals import Approver, permit
from apps.shops.models import Action, Member

WHAT: Final = "piece-changed"
_WORDS: Final = ("name", "category", "hallmark")
# What makes the price and the books: whoever changes it says why.
_TERMS: Final = (
    "gross_weight_g",
    "making_mode",
    "making_value",
    "making_basis",
    "making_table",
    "wastage_mode",
    "wastage_value",
    "fixed_price",
    "profit_percent",
    "tax_category",
    "hallmark_fee",
    "margin_purchase_price",
    "cost",
)
_SHOWN: Final = 200


@dataclass(eq=False)
class ChangedMeanwhile(Conflict):
    """Somebody did something with the piece after the form was opened."""

    tag: str
    member: str
    at: datetime
    now: datetime

    def __str__(self) -> str:
        return _(
            "%(member)s did something with %(tag)s %(when)s. Look at it again, then change it."
        ) % {
            "tag": self.tag,
            "member": self.member or _("The shop"),
            "when": when(self.at, now=self.now),
        }


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a piece, as it was and as it is to be; words for the history."""

    field: str
    before: str
    after: str

    @property
    def is_term(self) -> bool:
        return self.field not in (*_WORDS, "place")


def version_of(piece: Piece) -> int:
    """What a form of the piece carries: its newest movement. One query."""
    newest = Movement.objects.filter(piece=piece).order_by("-pk").values_list("pk", flat=True)
    return newest.first() or 0


def terms_of(whole: WholePiece) -> NewPiece:
    """A piece of the stock as the terms it would be taken in with."""
    piece = whole.piece
    return NewPiece(
        tag=piece.tag,
        name=piece.name,
        category=piece.category,
        metals=tuple(
            NewMetal(
                metal=part.metal,
                fineness=part.fineness,
                net_weight_g=part.net_weight_g,
                fine_weight_g=part.fine_weight_g,
            )
            for part in whole.metals
        ),
        stones=tuple(
            NewStone(
                kind=part.kind,
                count=part.count,
                carats=part.carats,
                certificate=part.certificate,
                price_mode=part.price_mode,
                price_value=part.price_value,
                certificate_lab=part.certificate_lab,
                certificate_fee=part.certificate_fee,
            )
            for part in whole.stones
        ),
        hallmark=piece.hallmark,
        place=piece.place,
        **{name: getattr(piece, name) for name in _TERMS},
    )


@transaction.atomic
def edit(
    *,
    tag: str,
    terms: NewPiece,
    version: int,
    by: Member,
    at: datetime,
    reason: str = "",
    approver: Approver | None = None,
) -> Piece:
    """Let a piece be as `terms` say; its tag stays. The same terms again change nothing.

    Name, kind, hallmark and place are changed by whoever keeps the stock. A weight, a metal, a
    stone or a term of the price wants `permit(WEIGHT)` and a reason. The difference in cost and
    in fine grams is posted against "stock lost and found" where the piece is ours.

    `version`: what `version_of` said when the form was opened.

    Raises PieceNotFound, PieceElsewhere, ChangedMeanwhile, PieceImpossible, PlaceClosed,
    OtherBranch, DayClosed, and what `permit` raises.
    """
    whole = whole_pieces(tags=[tag], to_change=True)[0]
    piece = whole.piece
    old, new = terms_of(whole), _kept_fine(replace(terms, tag=piece.tag), whole)
    changes = list(changes_between(old, new))
    if not changes:
        return piece
    demand_state([piece], PieceState.IN_STOCK, PieceState.RESERVED)
    _demand_version(piece, version, now=at)
    check(new)
    check_amounts(new, code=by.shop.currency)
    if asks_for_words(new):
        check_words(new, shop_words(by.shop))
    if new.place is not None and new.place != old.place:
        demand_open(new.place)
        demand_same_branch([piece], new.place)
    if any(change.is_term for change in changes):
        permit(Action.WEIGHT, by=by, reason=reason, reference=tag, at=at, approver=approver)
    _write(piece, new, parts=_parts_changed(changes))
    (movement,) = step([piece], MovementKind.CHANGED, by=by, at=at)
    PieceChange.objects.bulk_create(
        PieceChange(
            shop_id=piece.shop_id,
            movement=movement,
            field=change.field,
            before=change.before[:_SHOWN],
            after=change.after[:_SHOWN],
        )
        for change in changes
    )
    if piece.ownership == Ownership.OWNED:
        _post(old, new, tag=tag, by=by, at=at)
    return piece


def changes_between(old: NewPiece, new: NewPiece) -> Iterator[Change]:
    """Each field that differs, in words of programs; the history shows them in the reader's."""
    for name in (*_WORDS, *_TERMS):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Change(name, _told(before), _told(after))
    if old.place != new.place:
        yield Change("place", str(old.place or ""), str(new.place or ""))
    before, after = _metals(old), _metals(new)
    if before != after:
        yield Change("metals", before, after)
    before, after = _stones(old), _stones(new)
    if before != after:
        yield Change("stones", before, after)


def _kept_fine(new: NewPiece, whole: WholePiece) -> NewPiece:
    """A metal that is not weighed anew keeps the fine grams it has: a split shared them out."""
    known = {
        (part.metal, part.fineness, part.net_weight_g): part.fine_weight_g for part in whole.metals
    }
    return replace(
        new,
        metals=tuple(
            replace(
                metal,
                fine_weight_g=known.get((metal.metal, metal.fineness, metal.net_weight_g)),
            )
            for metal in new.metals
        ),
    )


def _demand_version(piece: Piece, version: int, *, now: datetime) -> None:
    newest = Movement.objects.filter(piece=piece).select_related("moved_by__user").latest("pk")
    if newest.pk != version:
        raise ChangedMeanwhile(
            tag=piece.tag,
            member=str(newest.moved_by.user) if newest.moved_by else "",
            at=newest.moved_at,
            now=now,
        )


def _parts_changed(changes: Sequence[Change]) -> tuple[bool, bool]:
    fields = {change.field for change in changes}
    return "metals" in fields, "stones" in fields


def _write(piece: Piece, new: NewPiece, *, parts: tuple[bool, bool]) -> None:
    for name in (*_WORDS, *_TERMS):
        setattr(piece, name, getattr(new, name))
    piece.place = new.place
    piece.made_of = " ".join(sorted({metal.metal for metal in new.metals}))
    piece.search_text = search_text(
        tag=piece.tag,
        name=piece.name,
        category=piece.category,
        certificates=[*(stone.certificate for stone in new.stones), piece.hallmark],
    )
    piece.save(update_fields=[*_WORDS, *_TERMS, "place", "made_of", "search_text"])
    metals, stones = parts
    if metals:
        PieceMetal.objects.filter(piece=piece).delete()
        write_metals([(piece, new.metals)])
    if stones:
        PieceStone.objects.filter(piece=piece).delete()
        write_stones([(piece, new.stones)])


def _post(old: NewPiece, new: NewPiece, *, tag: str, by: Member, at: datetime) -> None:
    """Dr stock, Cr stock lost and found, with what is more now; the other way with what is less."""
    more: dict[str, Decimal] = {by.shop.currency: new.cost - old.cost}
    for sign, terms in ((1, new), (-1, old)):
        for metal in terms.metals:
            more[metal.metal] = more.get(metal.metal, Decimal(0)) + sign * fine_of(metal)
    post_difference(more.items(), what=WHAT, reference=tag, by=by, at=at)


def _told(value: object) -> str:
    if value is None:
        return ""
    return plain(value) if isinstance(value, Decimal) else str(value)


def _metals(terms: NewPiece) -> str:
    return ", ".join(
        f"{metal.metal} {format_permille(metal.fineness)} {metal.net_weight_g:.3f} g"
        for metal in terms.metals
    )


def _stones(terms: NewPiece) -> str:
    return ", ".join(
        " ".join(
            part
            for part in (
                f"{stone.count} {stone.kind}",
                f"{carats(stone.carats, unit=False, language='en')} ct",
                stone.certificate,
                stone.certificate_lab,
                _told(stone.certificate_fee),
                "" if stone.price_mode == "none" else stone.price_mode,
                "" if stone.price_mode == "none" else plain(stone.price_value),
            )
            if part
        )
        for stone in terms.stones
    )
