"""The lists, and one memo: its pieces, what comes back, another day, its paper."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.consignment.forms import BackForm, DueForm
from apps.consignment.models import Direction, LineState, Memo, MemoLine
from apps.consignment.papers import memo_paper
from apps.consignment.selectors.memos import lines_of, memo_by_code, memos, party_of, sums_of
from apps.consignment.services.coming_back import come_back, give_back
from apps.consignment.services.lending import agree_on_day
from apps.core.errors import Refusal, status_of
from apps.core.formatting import digits
from apps.inventory.models import PieceState
from apps.inventory.selectors import places
from apps.shops.access import MemberRequest, members_only
from apps.shops.approvals import may
from apps.shops.days import day_of
from apps.shops.models import Action
from apps.till.paper_doors import METHODS, answer_paper, paper_bar

_PER_PAGE = 50


@require_safe
@members_only()
def memo_list(request: MemberRequest) -> HttpResponse:
    """`?direction=in`: of owners; else lent out. `?ended=1`: those that are over."""
    direction = Direction.IN if request.GET.get("direction") == Direction.IN else Direction.OUT
    ended = bool(request.GET.get("ended"))
    now = timezone.now()
    pages = Paginator(memos(direction, ended=ended), _PER_PAGE)
    context = {
        "direction": direction,
        "ended": ended,
        "page": pages.get_page(request.GET.get("page")),
        "sums": sums_of(direction),
        "today": day_of(request.member.shop, now),
        "may_memo": may(Action.MEMO, by=request.member, at=now),
    }
    return render(request, "consignment/list.html", context)


@require_safe
@members_only()
def show(request: MemberRequest, code: str) -> HttpResponse:
    """One memo, and what is done with its pieces."""
    return shown(request, memo_by_code(code))


@require_http_methods(METHODS)
@members_only()
def memo_pdf(request: MemberRequest, code: str) -> HttpResponse:
    """The paper that is signed."""
    memo = memo_by_code(code)
    return answer_paper(request, memo.code, lambda: memo_paper(memo, shop=request.member.shop))


@require_POST
@members_only()
def day(request: MemberRequest, code: str) -> HttpResponse:
    """Let the memo end on another day."""
    memo = memo_by_code(code)
    form = DueForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            agree_on_day(
                code=memo.code, due=form.cleaned_data["due"], by=request.member, at=timezone.now()
            )
        except Refusal as refusal:
            form.add_error("due", str(refusal))
            status = status_of(refusal)
        else:
            messages.success(request, _("The new day of %(code)s is written.") % _code(memo))
            return redirect("consignment:memo", memo.code)
    return shown(request, memo, status=status, day_form=form)


@require_POST
@members_only()
def back(request: MemberRequest, code: str) -> HttpResponse:
    """Pieces come back from who had them, or go back to their owner."""
    memo = memo_by_code(code)
    out = memo.direction == Direction.OUT
    form = BackForm(request.POST, places=places() if out else None)
    status = 422
    if form.is_valid():
        named: dict[str, Any] = {
            "code": memo.code,
            "tags": form.wanted,
            "key": form.given_key,
            "by": request.member,
            "at": timezone.now(),
            "register": request.register,
        }
        try:
            paper = come_back(place=form.place_chosen, **named) if out else give_back(**named)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = status_of(refusal)
        else:
            said = ngettext(
                "%(pieces)s piece came back, paper %(code)s.",
                "%(pieces)s pieces came back, paper %(code)s.",
                paper.lines.count(),
            )
            if not out:
                said = ngettext(
                    "%(pieces)s piece went back to its owner, paper %(code)s.",
                    "%(pieces)s pieces went back to their owner, paper %(code)s.",
                    paper.lines.count(),
                )
            words = {"pieces": digits(paper.lines.count()), "code": digits(paper.code)}
            messages.success(request, said % words)
            return redirect("consignment:memo", memo.code)
    return shown(request, memo, status=status, back_form=form)


def shown(request: MemberRequest, memo: Memo, *, status: int = 200, **forms: Any) -> HttpResponse:
    """The page of a memo; with a form that was refused."""
    lines = lines_of(memo)
    still = [line for line in lines if is_here(line)]
    now = timezone.now()
    out = memo.direction == Direction.OUT
    allowed = may(Action.MEMO, by=request.member, at=now)
    context: dict[str, Any] = {
        "memo": memo,
        "party": party_of(memo),
        "out": out,
        "lines": [(line, is_here(line)) for line in lines],
        "still": still,
        "overdue": bool(still) and memo.due < day_of(request.member.shop, now),
        "back_form": BackForm(places=places() if out else None) if still else None,
        "day_form": DueForm(initial={"due": memo.due}) if still and allowed else None,
        "ticked": set(request.POST.getlist("tag")) if request.method == "POST" else set(),
        "may_memo": allowed,
        "sees_cost": request.sees_cost,
        "currency": request.member.shop.currency,
        "days": list(memo.days.select_related("by__user").order_by("-pk")),
        "returns": list(memo.returns.select_related("by__user").order_by("-pk")),
        "bar": paper_bar(request, reverse("consignment:memo-pdf", args=[memo.code]), roll=False),
        **forms,
    }
    return render(request, "consignment/memo.html", context, status=status)


def is_here(line: MemoLine) -> bool:
    """Whether the piece is still out, or still in our care."""
    gone = (PieceState.LOST, PieceState.RETAGGED)
    return line.state == LineState.OPEN and line.piece.state not in gone


def _code(memo: Memo) -> dict[str, str]:
    return {"code": digits(memo.code)}
