"""A new lot: what it is, what of it is counted, what its parts are sold for."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.constraints import refuse_on
from apps.core.errors import Conflict, Invalid
from apps.core.signs import is_readable
from apps.core.typed import fold_digits
from apps.core.units import currency
from apps.inventory.models import MakingMode, Piece, Place, WastageMode
from apps.inventory.services.moving import demand_open
from apps.lots.models import Lot, LotKind, LotMode, LotPrice
from apps.lots.selectors import held_by
from apps.lots.services.writing import locked
from apps.pricing.models import Metal
from apps.shops.models import Member

CODE_LENGTH: Final = 20
_MOST: Final = Decimal(10) ** 13
_NOT_IN_A_CODE: Final = set("/?#\\")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLot:
    code: str
    name: str
    kind: str
    mode: str
    category: str = ""
    metal: str = ""
    fineness: int | None = None  # parts per ten thousand
    stone: str = ""
    place: Place | None = None
    price_mode: str = LotPrice.BY_RATE
    price_value: Decimal = Decimal(0)
    making_mode: str = MakingMode.NONE
    making_value: Decimal = Decimal(0)
    wastage_mode: str = WastageMode.NONE
    wastage_value: Decimal = Decimal(0)
    tax_category: str = ""


@dataclass(eq=False)
class LotImpossible(Invalid):
    """A value that no lot can have; `field` names it, `reason` is the sentence."""

    field: str
    value: str
    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass(eq=False)
class CodeTaken(Conflict):
    code: str

    def __str__(self) -> str:
        return _("%(code)s is on another lot or piece already. Give this lot another code.") % {
            "code": self.code
        }


def open_lot(*, lot: NewLot, by: Member, at: datetime) -> Lot:
    """Begin a lot that holds nothing yet. Raises LotImpossible, CodeTaken."""
    code = fold_digits(lot.code).strip()
    for field, value, reason in _impossible(lot, code, by.shop.currency):
        raise LotImpossible(field=field, value=value, reason=reason)
    if Piece.objects.filter(tag=code).exists():
        raise CodeTaken(code=code)
    metal = lot.kind == LotKind.METAL
    with refuse_on({"lots_lot_code_unique": CodeTaken(code=code)}):
        return Lot.objects.create(
            code=code,
            name=lot.name.strip(),
            category=lot.category.strip(),
            kind=lot.kind,
            mode=lot.mode,
            metal=lot.metal if metal else "",
            fineness=lot.fineness if metal else None,
            stone="" if metal else lot.stone.strip(),
            place=lot.place,
            price_mode=lot.price_mode,
            price_value=lot.price_value,
            making_mode=lot.making_mode,
            making_value=lot.making_value,
            wastage_mode=lot.wastage_mode,
            wastage_value=lot.wastage_value,
            tax_category=lot.tax_category.strip(),
            opened_at=at,
            opened_by=by,
        )


@transaction.atomic
def change_terms(*, lot: Lot, terms: NewLot, by: Member) -> Lot:
    """Give a lot another name, place or price. What it is, and what it holds, stays.

    Pieces that were drawn already keep the terms they were drawn with. What a lot holds stays in
    the branch where it lies. Raises LotImpossible, PlaceClosed.
    """
    now = locked(lot)
    same = replace(
        terms,
        code=lot.code,
        kind=lot.kind,
        mode=lot.mode,
        metal=lot.metal,
        fineness=lot.fineness,
        stone=lot.stone,
    )
    for field, value, reason in _impossible(same, lot.code, by.shop.currency):
        raise LotImpossible(field=field, value=value, reason=reason)
    if terms.place != now.place:
        _demand_same_branch(now, terms.place)
    Lot.objects.filter(pk=lot.pk).update(
        name=terms.name.strip(),
        category=terms.category.strip(),
        place=terms.place,
        price_mode=terms.price_mode,
        price_value=terms.price_value,
        making_mode=terms.making_mode,
        making_value=terms.making_value,
        wastage_mode=terms.wastage_mode,
        wastage_value=terms.wastage_value,
        tax_category=terms.tax_category.strip(),
    )
    lot.refresh_from_db()
    return lot


def _demand_same_branch(lot: Lot, place: Place | None) -> None:
    """A lot that is empty, or lies nowhere yet, is of every branch.

    Raises LotImpossible, PlaceClosed.
    """
    if place is not None:
        demand_open(place)
    if lot.place is None or (held_by(lot).is_nothing and not lot.cost):
        return
    branch = lot.place.branch
    if place is None:
        raise LotImpossible(
            field="place",
            value="",
            reason=_("%(code)s holds goods in %(branch)s. Say where they lie.")
            % {"code": lot.code, "branch": branch.name},
        )
    if place.branch_id != branch.pk:
        raise LotImpossible(
            field="place",
            value=place.name,
            reason=_(
                "%(code)s holds goods in %(branch)s, and %(place)s is not there."
                " Choose a place of %(branch)s."
            )
            % {"code": lot.code, "branch": branch.name, "place": place.name},
        )


def _impossible(lot: NewLot, code: str, code_of_money: str) -> Iterator[tuple[str, str, str]]:
    """Each thing that is wrong: field, value, sentence."""
    if not code or not code.isprintable() or set(code) & _NOT_IN_A_CODE or code in (".", ".."):
        yield (
            "code",
            code,
            _("The code is empty or has a sign that no label carries. Write letters and digits."),
        )
    if len(code) > CODE_LENGTH:
        yield (
            "code",
            code,
            _("The code has %(count)s characters; %(most)s is the most. Shorten it.")
            % {"count": len(code), "most": CODE_LENGTH},
        )
    if not lot.name.strip():
        yield "name", lot.name, _("The lot has no name. Write what it is.")
    for field, text, most in (
        ("name", lot.name, 120),
        ("category", lot.category, 40),
        ("stone", lot.stone, 40),
        ("tax_category", lot.tax_category, 40),
    ):
        if len(text) > most or not is_readable(text):
            yield (
                field,
                text,
                _("“%(text)s” is longer than %(most)s characters, or has one that nobody sees.")
                % {"text": text[:20], "most": most},
            )
    yield from _wrong_choices(lot)
    yield from _wrong_goods(lot)
    yield from _wrong_amounts(lot, currency(code_of_money).exponent)


def _wrong_choices(lot: NewLot) -> Iterator[tuple[str, str, str]]:
    making = [mode for mode in MakingMode.values if mode != MakingMode.SLAB]
    for field, value, known in (
        ("kind", lot.kind, LotKind.values),
        ("mode", lot.mode, LotMode.values),
        ("price_mode", lot.price_mode, LotPrice.values),
        ("making_mode", lot.making_mode, making),
        ("wastage_mode", lot.wastage_mode, WastageMode.values),
    ):
        if value not in known:
            yield (
                field,
                value,
                _("%(value)s is none of %(known)s.")
                % {"value": value[:40] or "“”", "known": ", ".join(known)},
            )


def _wrong_goods(lot: NewLot) -> Iterator[tuple[str, str, str]]:
    if lot.kind == LotKind.METAL:
        if lot.metal not in Metal.values or not lot.fineness or not 1 <= lot.fineness <= 10_000:
            yield "metal", lot.metal, _("A lot of metal has one metal and fineness. Write both.")
        if lot.price_mode == LotPrice.PER_CARAT:
            yield (
                "price_mode",
                lot.price_mode,
                _("Metal is not weighed in carats. Choose another price."),
            )
        return
    if not lot.stone.strip():
        yield "stone", lot.stone, _("A lot of stones says what stones they are. Write it.")
    if lot.price_mode not in (LotPrice.PER_CARAT, LotPrice.PER_PIECE):
        yield (
            "price_mode",
            lot.price_mode,
            _("Stones are sold by the carat or by the piece. Choose one of the two."),
        )


def _wrong_amounts(lot: NewLot, exponent: int) -> Iterator[tuple[str, str, str]]:
    for field, value in (
        ("price_value", lot.price_value),
        ("making_value", lot.making_value),
        ("wastage_value", lot.wastage_value),
    ):
        if not 0 <= value < _MOST:
            yield (
                field,
                str(value),
                _("%(value)s is below zero or too large. Check the amount.") % {"value": value},
            )
    if lot.price_mode != LotPrice.BY_RATE and not lot.price_value:
        yield "price_value", "0", _("The price is missing. Write what is asked for one.")
    paid = [
        ("price_value", lot.price_value, lot.price_mode == LotPrice.PER_PIECE),
        ("making_value", lot.making_value, lot.making_mode == MakingMode.PER_PIECE),
    ]
    for field, value, as_it_stands in paid:
        if as_it_stands and -int(value.normalize().as_tuple().exponent) > exponent:
            yield (
                field,
                str(value),
                _("%(value)s has more decimals than the shop's money. Round it.")
                % {"value": value},
            )
