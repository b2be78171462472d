"""Doors: pieces of a bill come back. First what the rules make of it is shown, then it is done.

The three documents ask alike: a form of the pieces (in the address, so that looking twice is
harmless), the result, and a form of the reason that is sent once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.core.errors import Refusal, status_of
from apps.returns.forms import BacksForm, BuyBackForm, ExchangeForm, PayForm, ReasonForm, ReturnForm
from apps.returns.models import Document, DocumentKind
from apps.returns.orders import Asked
from apps.returns.selectors.bills import BillNow, bill_now
from apps.returns.selectors.judging import judged
from apps.returns.selectors.offers import offered
from apps.returns.services.buy_back import buy_back
from apps.returns.services.exchange import exchange, weighed_up
from apps.returns.services.take_back import take_back
from apps.returns.services.writing import ACTIONS
from apps.returns.words import offer_shown, result_shown
from apps.shops.access import MemberRequest, members_only
from apps.shops.approvals import needs_second


@dataclass(slots=True)
class Step:
    """How far a request came: the pieces, what they give, and what is to be confirmed."""

    bill: BillNow
    kind: DocumentKind
    backs: BacksForm
    shown: dict[str, Any] = field(default_factory=dict)
    confirm: ReasonForm | None = None
    refusal: Refusal | None = None

    @property
    def status(self) -> int:
        if self.refusal is not None:
            return status_of(self.refusal)
        forms = [form for form in (self.backs, self.confirm) if form is not None]
        return 422 if any(form.is_bound and form.errors for form in forms) else 200


@require_http_methods(["GET", "POST"])
@members_only()
def return_pieces(request: MemberRequest, code: str) -> HttpResponse:
    """Take pieces back by the policy."""
    bill, now = bill_now(code), timezone.now()
    step = Step(bill, DocumentKind.RETURN, BacksForm(_chosen(request), bill=bill))

    def look() -> None:
        result = judged(bill, step.backs.backs, shop=request.member.shop, at=now)
        step.shown = {
            "lines": [result_shown(line) for line in result.lines],
            "round_off": result.round_off,
            "total": result.total,
            "kept": result.kept,
            "seen": format(result.total, "f"),
        }
        step.confirm = ReturnForm(
            _sent(request), bill=bill, second=_second(request, step, result.total, now)
        )

    def do(asked: Asked) -> Document:
        assert isinstance(step.confirm, ReturnForm)
        said = step.confirm.cleaned_data
        return take_back(
            asked=asked,
            backs=step.backs.backs,
            by=request.member,
            at=now,
            customer=said.get("customer"),
            to_credit=said["to_credit"],
        )

    return _answer(request, step, look, do)


@require_http_methods(["GET", "POST"])
@members_only()
def exchange_pieces(request: MemberRequest, code: str) -> HttpResponse:
    """Take pieces back and sell others for them."""
    bill, now = bill_now(code), timezone.now()
    backs = ExchangeForm(_chosen(request), bill=bill)
    step = Step(bill, DocumentKind.EXCHANGE, backs)

    def look() -> None:
        done = weighed_up(bill, backs.backs, backs.wanted, shop=request.member.shop, at=now)
        step.shown = {
            "lines": [result_shown(line) for line in done.result.lines],
            "round_off": done.result.round_off,
            "total": done.result.total,
            "kept": done.result.kept,
            "new_total": done.new_total,
            "to_pay": max(done.to_pay, done.to_pay * 0),
            "to_give": max(-done.to_pay, done.to_pay * 0),
            "seen": format(done.to_pay, "f"),
        }
        step.confirm = PayForm(
            _sent(request),
            bill=bill,
            code=bill.sale.currency,
            to_pay=done.to_pay,
            second=_second(request, step, done.result.total, now),
        )

    def do(asked: Asked) -> Document:
        assert isinstance(step.confirm, PayForm)
        return exchange(
            asked=asked,
            backs=backs.backs,
            taken=backs.wanted,
            payments=step.confirm.payments,
            by=request.member,
            at=now,
            customer=step.confirm.cleaned_data.get("customer"),
        )

    return _answer(request, step, look, do)


@require_http_methods(["GET", "POST"])
@members_only()
def buy_pieces_back(request: MemberRequest, code: str) -> HttpResponse:
    """Buy pieces of the shop again."""
    bill, now = bill_now(code), timezone.now()
    step = Step(bill, DocumentKind.BUY_BACK, BacksForm(_chosen(request), bill=bill))

    def look() -> None:
        offer = offered(bill, step.backs.backs, shop=request.member.shop, at=now)
        step.shown = {
            "lines": [offer_shown(line) for line in offer.lines],
            "total": offer.total,
            "seen": format(offer.total, "f"),
        }
        step.confirm = BuyBackForm(
            _sent(request), bill=bill, second=_second(request, step, offer.total, now)
        )

    def do(asked: Asked) -> Document:
        assert isinstance(step.confirm, BuyBackForm)
        said = step.confirm.cleaned_data
        return buy_back(
            asked=asked,
            backs=step.backs.backs,
            by=request.member,
            at=now,
            paid_by=said["paid_by"],
            customer=said.get("customer"),
        )

    return _answer(request, step, look, do)


def _answer(
    request: MemberRequest,
    step: Step,
    look: Callable[[], None],
    do: Callable[[Asked], Document],
) -> HttpResponse:
    """The page of how far it came, or the document that was made."""
    made = _made_before(request)
    if made is not None:
        # A second press: the pieces of the first one are back by now.
        return redirect("returns:document", code=made.code)
    if step.backs.is_bound and step.backs.is_valid():
        try:
            look()
        except Refusal as refused:
            step.refusal = refused
    if step.confirm is not None and step.confirm.is_bound and step.confirm.is_valid():
        try:
            document = do(_asked(request, step))
        except Refusal as refused:
            step.refusal = refused
            step.confirm.ask(refused, by=request.member, at=timezone.now())
        else:
            messages.success(request, _("%(document)s was written.") % {"document": document.code})
            return redirect("returns:document", code=document.code)
    context = {
        "step": step,
        "bill": step.bill,
        "title": DocumentKind(step.kind).label,
        "request_key": request.POST.get("key") or uuid4(),
        **step.shown,
    }
    return render(request, "returns/coming_back.html", context, status=step.status)


def _asked(request: MemberRequest, step: Step) -> Asked:
    assert step.confirm is not None, "only a form that was sent asks"
    said = step.confirm.cleaned_data
    return Asked(
        bill=step.bill.sale.code,
        reason=said["reason"],
        # With a blank, which no program can send as a key of its own.
        key=_key_of(str(said["key"])),
        till=request.register.code if request.register else "",
        approver=step.confirm.approved,
        seen=said["seen"],
        cash_reason=step.confirm.cash_reason,
    )


def _key_of(key: str) -> str:
    return f"page {key}"


def _made_before(request: MemberRequest) -> Document | None:
    if request.method != "POST":
        return None
    key = _key_of(request.POST.get("key", "").replace("\x00", "")[:60])
    return Document.objects.filter(idempotency_key=key, made_by=request.member).first()


def _chosen(request: MemberRequest) -> Any:
    """The pieces: in the address while they are looked at, in the form when it is sent."""
    if request.method == "POST":
        return request.POST
    return request.GET or None


def _sent(request: MemberRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _second(request: MemberRequest, step: Step, amount: Any, now: datetime) -> bool:
    action = ACTIONS[step.kind]
    return needs_second(action, by=request.member, amount=amount, at=now)
