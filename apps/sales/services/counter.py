"""Pieces go on the counter and come off it again; nothing is sold here.

Every function takes the till's open sale under its lock, so two browsers at
one till change it one after the other.
"""

from datetime import datetime

from django.db import transaction

from apps.consignment.services.sold import demand_sellable
from apps.core.constraints import refuse_on
from apps.core.typed import fold_digits
from apps.deposits.selectors.contracts import aside_for
from apps.inventory.models import Piece, PieceState
from apps.inventory.selectors import PieceNotFound, WholePiece, piece_by_tag
from apps.inventory.services.sell import demand_for_sale
from apps.pricing import rules
from apps.sales.counter import discounts_of, sold_where
from apps.sales.favourites import favourite_by_id, tag_for
from apps.sales.held_refusals import CounterTaken
from apps.sales.models import OpenSale, OpenSaleLine, OpenSaleTender, TenderKind
from apps.sales.open_sales import held_elsewhere, working_sale
from apps.sales.pricing import Wanted, price
from apps.sales.quoted import quoted_for
from apps.sales.refusals import (
    AlreadyOnBill,
    LineGone,
    PieceAside,
    TagUnreadable,
)
from apps.shops.models import Member, Register

_LONGEST_TAG = 30
_SHOWN_OF_A_TAG = 40


def tag_of(typed: str) -> str:
    """The tag in what was scanned or typed, without the blanks around it. Raises TagUnreadable."""
    tag = typed.strip()
    if len(tag) > _LONGEST_TAG or not tag.isprintable():
        readable = "".join(sign for sign in tag if sign.isprintable())
        short = readable[:_SHOWN_OF_A_TAG]
        raise TagUnreadable(tag=short if short == readable else f"{short}…")
    return tag


def open_sale_to_change(*, register: Register, by: Member, at: datetime) -> OpenSale:
    """The till's open sale, made if there is none, locked until the transaction ends.

    Raises CounterTaken: one was there for a moment, and was held or finished meanwhile.
    """
    with refuse_on({"sales_opensale_register": CounterTaken(till=register.name)}, savepoint=False):
        sale, _ = OpenSale.objects.select_for_update(of=("self",)).get_or_create(
            register=register, held_at=None, defaults={"opened_at": at, "opened_by": by}
        )
    return sale


@transaction.atomic
def put_on(
    *, tag: str, register: Register, by: Member, at: datetime, after: int | None = None
) -> OpenSaleLine:
    """Put the piece with this tag on the till's sale, at the rates in force at `at`.

    Digits of any alphabet and small letters are read as the tag's own. A piece
    that was taken off comes back as the newest line, without its discount.
    `after` is the newest line the caller has seen: a piece that came on after
    it is the same request again, and is answered with its line.

    Raises TagUnreadable, PieceNotFound, AlreadyOnBill, PieceWasSold,
    PieceNotForSale, RateMissing, PriceImpossible.
    """
    whole = _piece(tag_of(tag))
    sale = open_sale_to_change(register=register, by=by, at=at)
    line = OpenSaleLine.objects.filter(open_sale=sale, piece=whole.piece).first()
    if line is not None and not line.removed:
        if after is not None and line.pk > after:
            return line
        raise AlreadyOnBill(tag=whole.piece.tag)
    _quote_from_now(sale, at)
    _demand_sellable(whole, sale, by=by, at=at)
    if line is None:
        return OpenSaleLine.objects.create(open_sale=sale, piece=whole.piece, added_at=at)
    line.removed, line.added_at = False, at
    forget_discount(line)
    line.save()
    return line


@transaction.atomic
def press_favourite(
    *, pk: int, register: Register, by: Member, at: datetime, after: int | None = None
) -> OpenSaleLine:
    """Put the oldest piece that a favourite means on the till's sale. `after` is as in `put_on`.

    Raises FavouriteGone, NoneInStock, and what `put_on` says no with.
    """
    favourite = favourite_by_id(pk)
    sale = open_sale_to_change(register=register, by=by, at=at)
    if after is not None:
        newer = OpenSaleLine.objects.filter(open_sale=sale, pk__gt=after, removed=False).first()
        if newer is not None:
            return newer
    return put_on(tag=tag_for(favourite), register=register, by=by, at=at)


def _quote_from_now(sale: OpenSale, at: datetime) -> None:
    """With its first piece, and before anything is paid, a sale is quoted at the board of now."""
    if OpenSaleLine.objects.filter(open_sale=sale, removed=False).exists():
        return
    if not OpenSaleTender.objects.filter(open_sale=sale).exists():
        sale.rates_at, sale.rates_kept_at = at, None
        sale.save(update_fields=["rates_at", "rates_kept_at"])


def _piece(tag: str) -> WholePiece:
    """The piece with this tag, else with its digits in ASCII, else in capitals too."""
    folded = fold_digits(tag)
    for candidate in dict.fromkeys((tag, folded, folded.upper())):
        try:
            return piece_by_tag(tag=candidate)
        except PieceNotFound:
            continue
    raise PieceNotFound(tag=tag)


def _demand_sellable(
    whole: WholePiece,
    sale: OpenSale,
    *,
    by: Member,
    at: datetime,
    discounts: tuple[rules.DiscountTerms, ...] = (),
) -> None:
    """Refuse a piece that is gone or has no price. Raises as `put_on` says."""
    _demand_in_stock(whole.piece, sale, by=by, at=at)
    board = quoted_for(sale, shop=by.shop, pieces=[whole], at=at).board
    wanted = Wanted(whole.piece.tag, discounts)
    price(shop=by.shop, pieces=[whole], wanted=[wanted], board=board, at=at)


def _demand_in_stock(piece: Piece, sale: OpenSale, *, by: Member, at: datetime) -> None:
    """A piece that lies aside for a deposit is sold on the bill that the deposit pays.

    One in a held sale waits for that customer; one that is lent, or kept, is sold to who has it
    or for whom it is kept.
    """
    if piece.state == PieceState.SOLD:
        sold = sold_where([piece.pk])
        if piece.pk in sold:
            raise sold[piece.pk]
    if piece.state == PieceState.RESERVED:
        deposit = aside_for([piece.tag]).get(piece.tag)
        if deposit is not None:
            paid = OpenSaleTender.objects.filter(
                open_sale=sale, kind=TenderKind.DEPOSIT, instrument=deposit
            )
            if paid.exists():
                return
            raise PieceAside(tag=piece.tag, deposit=deposit)
    if piece.pk not in demand_sellable([piece], buyer=sale.customer_id, by=by, at=at):
        demand_for_sale([piece], buyer=sale.customer_id)
    held = held_elsewhere([piece.pk], but=sale).get(piece.pk)
    if held is not None:
        raise held


def line_to_change(*, line: int, register: Register) -> OpenSaleLine:
    """A line of this till's sale, the sale locked. Raises LineGone."""
    try:
        sale = working_sale(register).select_for_update(of=("self",)).get()
        found = OpenSaleLine.objects.select_related("piece").get(pk=line, open_sale=sale)
    except (OpenSale.DoesNotExist, OpenSaleLine.DoesNotExist):
        raise LineGone from None
    found.open_sale = sale
    return found


@transaction.atomic
def take_off(*, line: int, register: Register) -> OpenSaleLine:
    """Take a piece off the bill; its row stays, so that it can come back. Raises LineGone."""
    found = line_to_change(line=line, register=register)
    found.removed = True
    found.save(update_fields=["removed"])
    return found


@transaction.atomic
def put_back(*, line: int, register: Register, by: Member, at: datetime) -> OpenSaleLine:
    """Put a piece back that was taken off, in its old place and with its discount.

    Raises LineGone, and refuses a piece that went meanwhile as `put_on` does.
    """
    found = line_to_change(line=line, register=register)
    if found.removed:
        whole = piece_by_tag(tag=found.piece.tag)
        _demand_sellable(whole, found.open_sale, by=by, at=at, discounts=discounts_of(found))
        found.removed = False
        found.save(update_fields=["removed"])
    return found


def forget_discount(line: OpenSaleLine) -> None:
    """The price of the tag again: no discount, nothing agreed on top."""
    line.discount_on = line.discount_reason = ""
    line.discount_percent = line.discount_amount = line.raised_amount = None
    line.discount_by = line.discount_approved_by = line.discount_at = None
