"""The API of what undoes a sale: voids, returns, exchanges, buy-backs."""

from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router, Status

from apps.core.api import PROBLEMS, ProblemOut, demand_known
from apps.core.api_types import IdempotencyKey
from apps.core.units import currency
from apps.returns.models import Document
from apps.returns.schemas import (
    AskedIn,
    BuyBackIn,
    DocumentOut,
    DocumentRowOut,
    DocumentsQuery,
    ExchangeIn,
    ReturnIn,
)
from apps.returns.selectors.documents import document_by_code, documents_listed, told
from apps.returns.services.buy_back import buy_back
from apps.returns.services.exchange import exchange
from apps.returns.services.take_back import take_back
from apps.returns.services.void import void
from apps.sales.pricing import Wanted
from apps.sales.rules import Payment
from apps.shops.access import MemberRequest

router = Router(tags=["returns"])

_MOST_LISTED = 100
_PROBLEMS = {404: ProblemOut, 409: ProblemOut, **PROBLEMS}


@router.post(
    "/sales/{bill}/void",
    response={201: DocumentOut, **_PROBLEMS},
    summary="Void a bill of today",
)
def voids_create(
    request: MemberRequest, bill: str, given: AskedIn, key: IdempotencyKey, response: HttpResponse
) -> Status[DocumentOut]:
    """Undo a whole bill at its till, on its day, before its drawer is closed.

    404 no such bill; 409 another day, another till, a closed drawer, a piece that came back, too
    little cash, or an approver is needed; 403 the role, or a PIN that is not right.
    """
    now = timezone.now()
    return _made(void(asked=given.asked(bill, key), by=request.member, at=now), now, response)


@router.post(
    "/sales/{bill}/returns",
    response={201: DocumentOut, **_PROBLEMS},
    summary="Take pieces of a bill back",
)
def returns_create(
    request: MemberRequest, bill: str, given: ReturnIn, key: IdempotencyKey, response: HttpResponse
) -> Status[DocumentOut]:
    """Give back what pieces had cost, by the shop's rules.

    409 too late, lighter or heavier than sold, back already, a limit of cash that asks why, or an
    approver is needed.
    """
    now = timezone.now()
    document = take_back(
        asked=given.asked(bill, key),
        backs=given.backs(),
        by=request.member,
        at=now,
        customer=given.customer,
        to_credit=given.to_credit,
    )
    return _made(document, now, response)


@router.post(
    "/sales/{bill}/exchanges",
    response={201: DocumentOut, **_PROBLEMS},
    summary="Exchange pieces of a bill",
)
def exchanges_create(
    request: MemberRequest,
    bill: str,
    given: ExchangeIn,
    key: IdempotencyKey,
    response: HttpResponse,
) -> Status[DocumentOut]:
    """A return, a new bill and the difference: all of it, or none. Needs a customer."""
    now = timezone.now()
    document = exchange(
        asked=given.asked(bill, key),
        backs=given.backs(),
        taken=[Wanted(tag) for tag in given.taken],
        payments=[Payment(payment.kind, payment.amount) for payment in given.payments],
        by=request.member,
        at=now,
        customer=given.customer,
    )
    return _made(document, now, response)


@router.post(
    "/sales/{bill}/buy-backs",
    response={201: DocumentOut, **_PROBLEMS},
    summary="Buy pieces of a bill back",
)
def buy_backs_create(
    request: MemberRequest,
    bill: str,
    given: BuyBackIn,
    key: IdempotencyKey,
    response: HttpResponse,
) -> Status[DocumentOut]:
    """Buy pieces for their metal at today's buying rate: a purchase, no credit note."""
    now = timezone.now()
    document = buy_back(
        asked=given.asked(bill, key),
        backs=given.backs(),
        by=request.member,
        at=now,
        paid_by=given.paid_by,
        customer=given.customer,
    )
    return _made(document, now, response)


@router.get(
    "/documents", response={200: list[DocumentRowOut], **PROBLEMS}, summary="Find documents"
)
def documents_list(request: MemberRequest, asked: Query[DocumentsQuery]) -> list[DocumentRowOut]:
    """The newest hundred, by number, bill, tag or part of the customer's name."""
    demand_known(request, DocumentsQuery)
    return [
        DocumentRowOut(
            number=each.code,
            kind=each.kind,
            made_at=each.made_at.isoformat(),
            bill=each.sale.code,
            total=f"{each.total:.{currency(each.currency).exponent}f}",
        )
        for each in documents_listed(search=asked.search, kind=asked.kind)[:_MOST_LISTED]
    ]


@router.get(
    "/documents/{number}",
    response={200: DocumentOut, 404: ProblemOut, **PROBLEMS},
    summary="A document",
)
def documents_get(request: MemberRequest, number: str) -> DocumentOut:
    """A void, return, exchange or buy-back, with what the rules made of each line."""
    return DocumentOut.of(told(document_by_code(number)))


def _made(document: Document, now: object, response: HttpResponse) -> Status[DocumentOut]:
    if document.made_at != now:
        response["Idempotent-Replayed"] = "true"
    return Status(201, DocumentOut.of(told(document_by_code(document.code))))
