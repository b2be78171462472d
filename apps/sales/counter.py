"""What lies on a till's counter: the open sale, priced at the board of this moment.

Reads only. The number of statements is the same for one line and for a hundred.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import chain

from apps.core import formatting
from apps.core.errors import Refusal
from apps.core.units import currency
from apps.inventory.models import PieceState
from apps.inventory.selectors import StonePart, WholePiece, whole_pieces
from apps.inventory.services.sell import PieceNotForSale
from apps.inventory.terms import line_terms
from apps.pricing import rules
from apps.pricing.making import PriceMissing
from apps.pricing.selectors import Board
from apps.pricing.words import explained, karat_name
from apps.sales.bill_price import SchemeExcludes, price_bill
from apps.sales.claim_reads import read_all
from apps.sales.claims import CLAIMS, Claim, Key, key_of
from apps.sales.counter_shown import Counter, LineShown, MetalShown
from apps.sales.counter_tenders import payments, tender_shown, tenders_of
from apps.sales.kept_for import kept_for
from apps.sales.models import OpenSale, OpenSaleLine, SaleLine
from apps.sales.open_sales import held_elsewhere, working_sale
from apps.sales.plain_words import said
from apps.sales.pricing import PriceImpossible, Wanted
from apps.sales.quoted import Quoted, quoted_for
from apps.sales.refusals import PieceWasSold
from apps.sales.rules import Payment
from apps.sales.standing import likely_cash, stand
from apps.shops.days import day_of
from apps.shops.models import Register, Shop

_ZERO = Decimal(0)


def lines_of(open_sale: OpenSale) -> list[OpenSaleLine]:
    """Newest first, removed ones included; one query, their pieces with them."""
    return list(
        OpenSaleLine.objects.filter(open_sale=open_sale)
        .select_related("piece", "discount_by", "discount_approved_by")
        .order_by("-added_at", "-pk")
    )


def discounts_of(line: OpenSaleLine) -> tuple[rules.DiscountTerms, ...]:
    """The line's discount as terms of its price."""
    if not line.discount_on:
        return ()
    terms = rules.DiscountTerms(
        percent=line.discount_percent,
        amount=line.discount_amount,
        on=rules.DiscountOn(line.discount_on),
        reason=line.discount_reason,
    )
    return (terms,)


def wanted(line: OpenSaleLine) -> Wanted:
    return Wanted(line.piece.tag, discounts_of(line), line.raised_amount)


def at_the_counter(*, shop: Shop, register: Register, at: datetime) -> Counter:
    """The till's open sale with every line priced at the rates in force at `at`.

    A line that cannot be sold or priced stays, says why, and is left out of
    the sums; nothing is refused here, since the clerk must see it to mend it.
    """
    open_sale = working_sale(register).first()
    lines = lines_of(open_sale) if open_sale else []
    tenders = tenders_of(open_sale) if open_sale else []
    claims, refused = read_all(
        (payment for payment in payments(tenders) if payment.kind in CLAIMS), shop=shop, at=at
    )
    reserved = frozenset[str]().union(*(claim.reserved for claim in claims.values()))
    pieces = whole_pieces(tags=[line.piece.tag for line in lines]) if lines else []
    quoted = (
        quoted_for(open_sale, shop=shop, pieces=pieces, at=at)
        if pieces
        else Quoted(board=Board({}))
    )
    board = quoted.board
    buyer = open_sale.customer_id if open_sale else None
    kept, refusals = kept_for(buyer, lines, reserved, today=day_of(shop, at))
    troubles = _troubles(lines, pieces, board, reserved | kept, refusals)
    sold = [
        (line, whole)
        for line, whole in zip(lines, pieces, strict=True)
        if not line.removed and not troubles[line.pk]
    ]
    taken = [p for p in payments(tenders) if key_of(p) not in refused]
    quote, paid, trouble = _bill(shop, sold, board, at, taken, claims)
    priced = (
        {line.pk: part for (line, whole), part in zip(sold, quote.lines, strict=True)}
        if quote
        else {}
    )
    cash_step = quote.cash_step if quote else currency(shop.currency).cash_step
    standing = stand(total=quote.total if quote else _ZERO, payments=paid, cash_step=cash_step)
    used = {key_of(payment): payment.given for payment in paid if payment.kind in CLAIMS}
    return Counter(
        register=register,
        currency=shop.currency,
        exponent=currency(shop.currency).exponent,
        open_sale=open_sale,
        lines=tuple(
            _shown(line, whole, priced.get(line.pk), troubles[line.pk], shop.currency)
            for line, whole in zip(lines, pieces, strict=True)
        ),
        tenders=[tender_shown(tender, claims, used, refused) for tender in tenders],
        quote=quote,
        trouble=trouble,
        standing=standing,
        cash_keys=likely_cash(standing.cash_due, shop.currency),
        quoted=quoted,
    )


def _bill(
    shop: Shop,
    sold: Sequence[tuple[OpenSaleLine, WholePiece]],
    board: Board,
    at: datetime,
    taken: Sequence[Payment],
    claims: Mapping[Key, Claim],
) -> tuple[rules.Quote | None, Sequence[Payment], str]:
    """The bill's price and what each payment pays of it, or the sentence why it has no price."""
    nothing = [replace(p, given=_ZERO) if p.kind in CLAIMS else p for p in taken]
    if not sold:
        return None, nothing, ""
    try:
        priced = price_bill(
            shop=shop,
            pieces=[whole for line, whole in sold],
            wanted=[wanted(line) for line, whole in sold],
            board=board,
            at=at,
            payments=taken,
            claims=claims,
        )
    except (PriceImpossible, SchemeExcludes) as refusal:
        return None, nothing, str(refusal)
    return priced.quote, priced.payments, ""


def _troubles(
    lines: Sequence[OpenSaleLine],
    pieces: Sequence[WholePiece],
    board: Board,
    reserved: frozenset[str],
    refusals: Mapping[int, Refusal],
) -> dict[int, str]:
    """Why each line cannot be sold just now; empty where it can. At most one query."""
    gone = {line.piece_id for line in lines if line.piece.state == PieceState.SOLD}
    where: dict[int, Refusal] = {**refusals, **(sold_where(gone) if gone else {})}
    here = {line.piece_id for line in lines if not line.removed} - gone
    if here:
        where |= held_elsewhere(here)
    return {
        line.pk: "" if line.removed else _trouble(line, whole, board, where, reserved)
        for line, whole in zip(lines, pieces, strict=True)
    }


def _trouble(
    line: OpenSaleLine,
    whole: WholePiece,
    board: Board,
    where: Mapping[int, Refusal],
    reserved: frozenset[str],
) -> str:
    refusal: Refusal | None = where.get(line.piece_id)
    here = line.piece.state == PieceState.IN_STOCK or (
        line.piece.state in (PieceState.RESERVED, PieceState.ON_MEMO) and line.piece.tag in reserved
    )
    if refusal is None and not here:
        refusal = PieceNotForSale(tag=line.piece.tag, state=line.piece.state)
    if refusal is None:
        try:
            line_terms(whole, board)
        except PriceMissing as missing:
            refusal = missing
    return str(refusal) if refusal else ""


def sold_where(pieces: Collection[int]) -> dict[int, PieceWasSold]:
    """By piece: the refusal that names the bill it was sold on. One query."""
    found = SaleLine.objects.filter(piece__in=pieces, live=True).select_related("sale__register")
    return {
        line.piece_id: PieceWasSold(
            tag=line.tag,
            sold_at=line.sale.sold_at,
            till=line.sale.register.name,
            bill=line.sale.code,
        )
        for line in found
    }


def _shown(
    line: OpenSaleLine,
    whole: WholePiece,
    priced: rules.QuoteLine | None,
    trouble: str,
    code: str,
) -> LineShown:
    return LineShown(
        pk=line.pk,
        tag=line.piece.tag,
        name=line.piece.name,
        category=line.piece.category,
        removed=line.removed,
        metals=tuple(
            MetalShown(
                part.metal,
                part.fineness,
                karat_name(part.metal, part.fineness),
                part.net_weight_g,
            )
            for part in whole.metals
        ),
        stones_text=" · ".join(chain.from_iterable(_stone_words(stone) for stone in whole.stones)),
        has_discount=bool(line.discount_on),
        is_raised=line.raised_amount is not None,
        components=explained(priced.components, code) if priced else (),
        words=said(priced.components, code) if priced else (),
        total=priced.total if priced else None,
        trouble=trouble,
    )


def _stone_words(stone: StonePart) -> list[str]:
    """ "Diamond 0.31 ct", and its certificate's number."""
    weight = f" {formatting.carats(stone.carats)}" if stone.carats else ""
    said = [f"{stone.kind.capitalize()}{weight}"]
    return [*said, stone.certificate] if stone.certificate else said
