"""A new slip: the seller, the items, what they are worth, and buying them. Works without script."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.core.errors import Refusal, status_of
from apps.core.units import currency
from apps.customers.models import Customer
from apps.customers.selectors import customer_by_id, find, papers_of
from apps.purchasing.forms.slip import (
    ItemForm,
    SlipForm,
    item_forms,
    item_prefixes,
    show_where,
)
from apps.purchasing.models import Purpose
from apps.purchasing.policy import OldGoldPolicy, old_gold_policy
from apps.purchasing.services.buy import buy
from apps.purchasing.services.offers import ItemImpossible, demand_sense
from apps.purchasing.services.sellers import DETAILS, SellerNotKnown, demand_known
from apps.purchasing.services.valuing import Valuation, value
from apps.shops.access import MemberRequest, members_only
from apps.shops.approvals import needs_second
from apps.shops.models import IN_CHARGE, Action, Member

FOUND = 12


@dataclass
class Desk:
    """What lies on the desk while a slip is made."""

    form: SlipForm
    items: list[ItemForm]
    valuation: Valuation | None = None
    status: int = 200
    refused: list[str] = field(default_factory=list)


@require_http_methods(["GET", "POST"])
@members_only()
def new(request: MemberRequest) -> HttpResponse:
    """Choose the seller, then write down what they bring; `do` says which button was pressed."""
    given = request.POST if request.method == "POST" else request.GET
    chosen = given.get("customer", "")
    if not (chosen.isascii() and chosen.isdigit() and len(chosen) < 18):
        search = request.GET.get("search", "").strip()[:60]
        people = find(search, FOUND) if search else []
        return render(
            request, "purchasing/choose_seller.html", {"search": search, "people": people}
        )
    seller = customer_by_id(int(chosen))
    now = timezone.now()
    policy = old_gold_policy(shop=request.member.shop, at=now)
    do = request.POST.get("do", "")
    if do in ("value", "buy"):
        desk = _pressed(request, seller, policy, buying=do == "buy", now=now)
        if isinstance(desk, HttpResponse):
            return desk
    else:
        desk = _laid_out(request, policy, do)
    return _page(request, desk, seller, policy)


def _laid_out(request: MemberRequest, policy: OldGoldPolicy, do: str) -> Desk:
    """The form as it stands, with a row more or less."""
    sent = request.POST if request.method == "POST" else None
    rows = item_prefixes(request.POST) if sent is not None else []
    if do.startswith("remove-"):
        rows = [row for row in rows if do != f"remove-{row}"]
    if do == "add" or not rows:
        rows.append(max(rows, default=-1) + 1)
    form = _form(request, policy, second=False, reason_needed=False, bound=False)
    items = [
        ItemForm(
            prefix=f"item-{row}",
            members=_names(request),
            initial=_row(request, row) if sent is not None else None,
        )
        for row in rows
    ]
    return Desk(form=form, items=items)


def _row(request: MemberRequest, row: int) -> dict[str, str]:
    begin = f"item-{row}-"
    return {
        name.removeprefix(begin): text
        for name, text in request.POST.items()
        if name.startswith(begin) and isinstance(text, str)
    }


def _pressed(
    request: MemberRequest,
    seller: Customer,
    policy: OldGoldPolicy,
    *,
    buying: bool,
    now: Any,
) -> Desk | HttpResponse:
    """Work the value out; and, where it was pressed, buy."""
    rows = item_prefixes(request.POST) or [0]
    items = item_forms(rows, data=request.POST, files=request.FILES, members=_names(request))
    second = "approver" in request.POST
    desk = Desk(
        form=_form(request, policy, second=second, reason_needed=second, bound=True), items=items
    )
    if not all([*(item.is_valid() for item in items), desk.form.is_valid()]):
        desk.status = 422
        return desk
    offer = desk.form.offer(
        [item.item for item in items],
        customer=seller.pk,
        register=request.register.code if request.register else "",
        seen_total=_seen(request) if buying else None,
    )
    try:
        demand_sense(offer)
        desk.valuation = value(offer.items, purpose=offer.purpose, shop=request.member.shop, at=now)
        if buying:
            slip = buy(offer=offer, by=request.member, at=now)
            messages.success(request, _("%(number)s is bought.") % {"number": slip.code})
            return redirect("purchasing:slip", slip.code)
        asked = policy.place.asked_for(desk.valuation.total)
        demand_known(seller, papers_of(seller), asked)
    except ItemImpossible as impossible:
        show_where(impossible, items)
        desk.status = status_of(impossible)
    except SellerNotKnown as unknown:
        desk.refused.append(str(unknown))
        desk.status = status_of(unknown)
    except Refusal as refusal:
        desk.form.refuse(refusal, by=request.member, at=now)
        desk.status = status_of(refusal)
    _ask_second(request, desk, policy, now=now)
    return desk


def _ask_second(request: MemberRequest, desk: Desk, policy: OldGoldPolicy, *, now: Any) -> None:
    """Show the second person's fields where this slip will need them."""
    if desk.valuation is None or "approver" in desk.form.fields:
        return
    member: Member = request.member
    exchange = desk.form.cleaned_data["purpose"] == Purpose.EXCHANGE
    action = Action.TRADE_IN if exchange else Action.OLD_GOLD
    generous = desk.valuation.is_generous
    alone = member.role in IN_CHARGE
    if (generous and not alone) or needs_second(
        action, by=member, amount=desk.valuation.total, at=now
    ):
        errors, asks = desk.form.errors.copy(), desk.form.asks
        desk.form = _form(request, policy, second=True, reason_needed=generous, bound=True)
        desk.form.asks = asks
        desk.form.is_valid()
        desk.form.errors.clear()
        desk.form.errors.update(errors)
    elif generous:
        desk.form.fields["reason"].required = True


def _form(
    request: MemberRequest, policy: OldGoldPolicy, *, second: bool, reason_needed: bool, bound: bool
) -> SlipForm:
    kept = request.POST if request.method == "POST" else request.GET
    return SlipForm(
        request.POST if bound else None,
        second=second,
        reason_needed=reason_needed,
        tenders=policy.place.tenders,
        currency=request.member.shop.currency,
        initial={
            name: kept[name]
            for name in ("key", "purpose", "pay_by", "pay_amount", "rest_by", "note", "reason")
            if name in kept
        },
    )


def _names(request: MemberRequest) -> list[str]:
    members = Member.objects.filter(shop_id=request.member.shop_id)
    return sorted(members.values_list("user__username", flat=True))


def _seen(request: MemberRequest) -> Decimal:
    """The total that stood on the screen; what is no number is none that was shown."""
    try:
        seen = Decimal(request.POST.get("seen_total", ""))
    except InvalidOperation:
        return Decimal(-1)
    return seen if seen.is_finite() else Decimal(-1)


def _page(
    request: MemberRequest, desk: Desk, seller: Customer, policy: OldGoldPolicy
) -> HttpResponse:
    shop = request.member.shop
    papers = list(papers_of(seller)[:3])
    lines = list(desk.valuation.items) if desk.valuation else [None] * len(desk.items)
    context = {
        "form": desk.form,
        "items": list(zip(desk.items, lines, strict=True)),
        "valuation": desk.valuation,
        "seen_total": f"{desk.valuation.total:f}" if desk.valuation else "",
        "seller": seller,
        "papers": papers,
        "asked": _asked(policy),
        "refused": desk.refused,
        "policy": policy,
        "currency": shop.currency,
        "exponent": currency(shop.currency).exponent,
        "is_exchange": desk.form["purpose"].value() == Purpose.EXCHANGE,
    }
    return render(request, "purchasing/slip_new.html", context, status=desk.status)


def _asked(policy: OldGoldPolicy) -> Sequence[Any]:
    return [DETAILS[detail] for detail in DETAILS if detail in policy.place.required]
