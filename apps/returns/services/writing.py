"""What every document does alike: a number, a permission, its rows, and the end of lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from apps.core.constraints import refuse_on
from apps.customers.models import Customer
from apps.inventory.models import Piece
from apps.inventory.selectors import whole_pieces
from apps.inventory.services.ways import scrap, take_back
from apps.ledger.services import Amount, post
from apps.purchasing.models import OldGoldItem, SlipState
from apps.purchasing.services.scraps import add_scraps
from apps.returns.models import Document, DocumentKind, DocumentLine, Fate
from apps.returns.orders import Asked
from apps.returns.refusals import (
    BoughtAsOldGold,
    CameBackAlready,
    KeyUsed,
    ResultChanged,
)
from apps.returns.services.scraps import scraps_of
from apps.returns.taxes import taxes_back
from apps.sales.models import Sale, SaleLine
from apps.sales.receipts.head import head_of
from apps.shops.approvals import permit
from apps.shops.days import day_of
from apps.shops.models import Action, Approval, Member
from apps.shops.services import DocumentNumber

ACTIONS = {
    DocumentKind.VOID: Action.VOID,
    DocumentKind.RETURN: Action.RETURN,
    DocumentKind.EXCHANGE: Action.EXCHANGE,
    DocumentKind.BUY_BACK: Action.BUY_BACK,
}
LETTERS = {
    DocumentKind.VOID: "V",
    DocumentKind.RETURN: "R",
    DocumentKind.EXCHANGE: "X",
    DocumentKind.BUY_BACK: "B",
}
_ZERO = Decimal(0)
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDraft:
    """One line of a document to be."""

    line: SaleLine
    refunded: Decimal
    kept: Decimal
    tax: Decimal
    fate: Fate
    worth: Decimal
    sold_weight_g: Decimal | None = None
    weighed_g: Decimal | None = None
    metal_share: Decimal = _ONE  # of its metal that came back
    result: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A document to be, without its number."""

    kind: DocumentKind
    sale: Sale
    lines: Sequence[LineDraft]
    customer: Customer | None = None
    round_off: Decimal = _ZERO
    cash_rounding: Decimal = _ZERO
    claim: Decimal = _ZERO
    new_sale: Sale | None = None

    @property
    def total(self) -> Decimal:
        return sum((line.refunded for line in self.lines), _ZERO) + self.round_off


def made_before(asked: Asked, digest: str) -> Document | None:
    """The document of this key, if there is one. Raises KeyUsed when it was another request's."""
    found = Document.objects.filter(idempotency_key=asked.key).first()
    if found is not None and found.request_digest != digest:
        raise KeyUsed(key=asked.key, number=found.code)
    return found


def demand_seen(asked: Asked, total: Decimal, currency: str) -> None:
    """Refuse another result than the one the clerk told the customer. Raises ResultChanged."""
    if asked.seen is not None and asked.seen != total:
        raise ResultChanged(seen=asked.seen, total=total, currency=currency)


def pieces_to_change(lines: Sequence[SaleLine], *, besides: Sequence[str] = ()) -> list[Piece]:
    """The pieces of these lines, locked in tag order together with the tags `besides`.

    Raises BoughtAsOldGold: until its bag is melted such a piece still counts as sold.
    """
    tags = [line.tag for line in lines]
    locked = whole_pieces(tags=[*tags, *besides], to_change=True)
    taken = OldGoldItem.objects.filter(own_tag__in=tags).exclude(slip__state=SlipState.VOIDED)
    bought = taken.select_related("slip").order_by("own_tag").first()
    if bought is not None:
        raise BoughtAsOldGold(tag=bought.own_tag, slip=bought.slip.code)
    return [whole.piece for whole in locked[: len(tags)]]


def permitted(
    draft: Draft, number: DocumentNumber, *, asked: Asked, by: Member, at: datetime
) -> Approval:
    """The row that lets this document be made. Raises what `permit` raises."""
    return permit(
        ACTIONS[draft.kind],
        by=by,
        reason=asked.reason,
        reference=str(number),
        at=at,
        amount=draft.total,
        approver=asked.approver,
    )


def write(
    draft: Draft,
    number: DocumentNumber,
    *,
    asked: Asked,
    digest: str,
    by: Member,
    at: datetime,
    approval: Approval | None = None,
) -> Document:
    """Permit the document, write its rows, end the lines of the bill, move the pieces.

    The pieces are locked already. `approval`: where it was permitted before. Raises what
    `permit` raises, KeyUsed, CameBackAlready, PieceElsewhere.
    """
    if approval is None:
        approval = permitted(draft, number, asked=asked, by=by, at=at)
    document = Document(
        kind=draft.kind,
        register_id=number.register_id,
        number=number.number,
        code=str(number),
        made_at=at,
        day=day_of(by.shop, at),
        made_by=by,
        shift_id=number.shift_id,
        sale=draft.sale,
        new_sale=draft.new_sale,
        customer=draft.customer,
        customer_name=draft.customer.name if draft.customer else draft.sale.customer_name,
        approval=approval,
        currency=draft.sale.currency,
        terms={"head": head_of(by), "taxes": _taxes_of(draft)},
        total=draft.total,
        kept=sum((line.kept for line in draft.lines), _ZERO),
        tax=sum((line.tax for line in draft.lines), _ZERO),
        round_off=draft.round_off,
        cash_rounding=draft.cash_rounding,
        claim=draft.claim,
        line_count=len(draft.lines),
        idempotency_key=asked.key,
        request_digest=digest,
    )
    # Another request under the same key may be going on at this moment.
    with refuse_on({"returns_document_key_unique": KeyUsed(key=asked.key, number="")}):
        document.save(force_insert=True)
    _write_lines(document, draft.lines)
    _move_pieces(draft.lines, by=by, at=at, reference=str(number))
    return document


def book(
    kind: DocumentKind,
    amounts: Iterable[Amount],
    number: DocumentNumber,
    *,
    by: Member,
    at: datetime,
) -> None:
    """Post the document's entry; its sum in each commodity is zero or it cannot commit."""
    post(
        what=kind,
        reference=str(number),
        at=at,
        day=day_of(by.shop, at),
        by=by,
        amounts=amounts,
        shift=number.shift_id,
    )


def _taxes_of(draft: Draft) -> list[dict[str, Any]]:
    """By rate: of a void all taxes of the bill, of a buy-back, which undoes none, nothing."""
    if draft.kind == DocumentKind.VOID:
        return list(draft.sale.terms["taxes"])
    if draft.kind == DocumentKind.BUY_BACK:
        return []
    return list(taxes_back(draft.sale, [each.result for each in draft.lines]))


def _write_lines(document: Document, lines: Sequence[LineDraft]) -> None:
    ended = SaleLine.objects.filter(pk__in=[each.line.pk for each in lines], live=True)
    if ended.update(live=False) != len(lines):
        raise CameBackAlready(tag=lines[0].line.tag, document="")
    DocumentLine.objects.bulk_create(
        DocumentLine(
            shop_id=document.shop_id,
            document=document,
            position=position,
            sale_line=each.line,
            piece_id=each.line.piece_id,
            tag=each.line.tag,
            name=each.line.name,
            sold_weight_g=each.sold_weight_g,
            weighed_g=each.weighed_g,
            result=each.result,
            refunded=each.refunded,
            kept=each.kept,
            tax=each.tax,
            fate=each.fate,
            worth=each.worth,
        )
        for position, each in enumerate(lines)
    )


def _move_pieces(lines: Sequence[LineDraft], *, by: Member, at: datetime, reference: str) -> None:
    # As they stand now, under their locks: the lines were read before.
    now = {piece.pk: piece for piece in pieces_to_change([each.line for each in lines])}
    to_stock = [now[each.line.piece_id] for each in lines if each.fate == Fate.STOCK]
    to_old_gold = [now[each.line.piece_id] for each in lines if each.fate == Fate.OLD_GOLD]
    if to_stock:
        take_back(pieces=to_stock, by=by, at=at, reference=reference)
    if not to_old_gold:
        return
    scrap(pieces=to_old_gold, by=by, at=at, reference=reference)
    metals = (
        metal
        for each in lines
        if each.fate == Fate.OLD_GOLD
        for metal in scraps_of(
            each.line, share=each.metal_share, weighed_g=each.weighed_g, worth=each.worth
        )
    )
    add_scraps(metals, reference=reference, by=by, at=at)
