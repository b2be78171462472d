"""Pieces are lent on approval, and come to the counter when who has them keeps them."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.consignment.choosing import party_chosen
from apps.consignment.models import Memo
from apps.core.errors import Refusal, status_of
from apps.core.formatting import digits
from apps.customers.models import Customer
from apps.inventory.prices import prices_today
from apps.inventory.selectors import tags_of, whole_pieces
from apps.sales.lend_form import LendForm, tags_typed
from apps.sales.services.approval import bring_memo_to_counter, lend
from apps.shops.access import MemberRequest, members_only
from apps.shops.approvals import NotAllowed, may, needs_second
from apps.shops.days import day_of
from apps.shops.models import Action
from apps.till.selectors import the_till

_WEEKS_LENT = 2


@require_http_methods(["GET", "POST"])
@members_only()
def lending(request: MemberRequest) -> HttpResponse:
    """Lend pieces: first to whom (`?search=`, `?party=`), then the tags, then what is agreed."""
    now = timezone.now()
    if not may(Action.MEMO, by=request.member, at=now):
        raise NotAllowed(action=Action.MEMO.value)
    choice = party_chosen(request)
    if choice.party is None:
        seen = {"search": choice.search, "found": choice.found}
        return render(request, "sales/lend_to.html", seen)
    return _lending_to(request, choice.party, now)


def _lending_to(request: MemberRequest, who: Customer, now: datetime) -> HttpResponse:
    shop, sent = request.member.shop, request.method == "POST"
    unknown, pieces = "", []
    if sent:
        try:
            pieces = whole_pieces(tags=tags_of(tags_typed(request.POST)))
        except Refusal as refusal:
            unknown = str(refusal)
    form = LendForm(
        request.POST if sent else None,
        pieces=pieces,
        code=shop.currency,
        initial={
            "due": day_of(shop, now) + timedelta(weeks=_WEEKS_LENT),
            "tags": "\n".join(request.GET.getlist("tag")[:200]),
        },
        second=needs_second(Action.MEMO, by=request.member, amount=None, at=now),
    )
    status = 200
    if sent and not pieces:
        form.add_error("tags", unknown or _("There is no piece. Scan a tag, or write one."))
        status = 404 if unknown else 422
    elif sent and "look" not in request.POST and form.seen:
        status = 422
        if form.is_valid():
            memo = _lent(request, form, who, now)
            if isinstance(memo, Memo):
                said = _("%(code)s is written. Print it, and let it be signed.")
                messages.success(request, said % {"code": digits(memo.code)})
                return redirect("consignment:memo", memo.code)
            status = memo
    context = {
        "form": form,
        "who": who,
        "rows": list(zip(form.rows, prices_today(pieces, shop=shop, at=now), strict=True)),
        "currency": shop.currency,
        # Only looked at, nothing is wrong yet.
        "errors_shown": status != 200,
    }
    return render(request, "sales/lend.html", context, status=status)


def _lent(request: MemberRequest, form: LendForm, who: Customer, now: datetime) -> Memo | int:
    """The memo; or the status of a refusal, which stands in the form."""
    try:
        return lend(
            party=who.pk,
            due=form.cleaned_data["due"],
            agreed=form.agreed,
            reason=form.cleaned_data["reason"],
            note=form.cleaned_data["note"],
            key=form.given_key,
            by=request.member,
            at=now,
            register=request.register,
            approver=form.approved,
        )
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return status_of(refusal)


@require_POST
@members_only()
def memo_bring(request: MemberRequest, code: str) -> HttpResponse:
    """Pieces that are kept come on this till's sale, at what was agreed."""
    bring_memo_to_counter(
        code=code,
        tags=request.POST.getlist("tag")[:500],
        register=the_till(request.register),
        by=request.member,
        at=timezone.now(),
    )
    return redirect("sales:counter")
