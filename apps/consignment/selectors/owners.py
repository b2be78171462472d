"""What the owner of pieces in our care sees: sold, given back, still here, owed, paid."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from apps.consignment.models import Direction, LineState, MemoLine, OwnerPayment
from apps.consignment.refusals import PaymentNotFound
from apps.customers.models import Customer
from apps.customers.selectors import customer_by_id, same_person
from apps.inventory.models import PieceState
from apps.ledger import chart
from apps.ledger.models import Posting

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerStatement:
    """How it stands with one owner. `owed` is the sum of their account in the books.

    It may differ from `sold` less `paid`: other things that were bought of them stand there too.
    """

    owner: Customer
    here: Sequence[MemoLine]
    sold: Sequence[MemoLine]
    back: Sequence[MemoLine]
    gone: Sequence[MemoLine]  # written off while it was in our care
    payments: Sequence[OwnerPayment]
    sold_sum: Decimal
    paid_sum: Decimal
    owed: Decimal


def statement_of(owner: int, *, currency: str) -> OwnerStatement:
    """The statement of an owner. Five queries. Raises CustomerNotFound."""
    who = customer_by_id(owner)
    people = same_person(who)
    lines = list(
        MemoLine.objects.filter(memo__party__in=people, memo__direction=Direction.IN)
        .select_related("piece", "memo")
        .order_by("-pk")
    )
    lost = {line.pk for line in lines if _is_lost(line)}
    sold = [line for line in lines if line.state in (LineState.SOLD, LineState.BOUGHT)]
    payments = list(
        OwnerPayment.objects.filter(party__in=people).select_related("by__user").order_by("-pk")
    )
    return OwnerStatement(
        owner=who,
        here=[each for each in lines if each.state == LineState.OPEN and each.pk not in lost],
        sold=sold,
        back=[each for each in lines if each.state == LineState.BACK],
        gone=[each for each in lines if each.pk in lost],
        payments=payments,
        sold_sum=sum((each.owed or _ZERO for each in sold), _ZERO),
        paid_sum=sum((each.amount for each in payments), _ZERO),
        owed=owed_to(people, currency=currency),
    )


def _is_lost(line: MemoLine) -> bool:
    written_off = line.state == LineState.OPEN and line.piece.state == PieceState.LOST
    return written_off or line.state == LineState.LOST


def owed_to(people: Sequence[int], *, currency: str) -> Decimal:
    """What the books owe these rows of one party. Units: the shop's money. One query."""
    found = Posting.objects.filter(
        party__in=people, account=chart.PAYABLE, commodity=currency
    ).aggregate(total=Sum("amount"))
    total: Decimal | None = found["total"]
    return -total if total is not None else _ZERO


def payment_by_code(code: str) -> OwnerPayment:
    """The payment with this number. Raises PaymentNotFound."""
    found = OwnerPayment.objects.select_related("party__merged_into", "by__user").filter(code=code)
    payment = found.first() if code.isprintable() else None
    if payment is None:
        raise PaymentNotFound
    return payment
