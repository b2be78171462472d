"""Doors: savings plans, members, passbooks, instalments, closing early."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core import formatting
from apps.customers.selectors import customer_by_id
from apps.deposits.forms.contracts import EndForm
from apps.deposits.forms.fields import PaymentForm
from apps.deposits.forms.schemes import JoinForm, PlanForm
from apps.deposits.models import Membership, MembershipState, SchemeKind, SchemeMoveKind
from apps.deposits.papers import passbook_paper
from apps.deposits.selectors.listing import PAGE_SIZE, memberships_listed
from apps.deposits.selectors.schemes import (
    Benefit,
    benefit_of,
    due_on,
    lines_of,
    membership_by_number,
    newest_plans,
    saved_in,
)
from apps.deposits.services.closing import close_early
from apps.deposits.services.ending import Ending
from apps.deposits.services.plans import offer
from apps.deposits.services.saving import join, pay_instalment
from apps.deposits.views.contracts import choose_customer
from apps.deposits.views.parts import mark_of, money_of, search_of, till_of, tried
from apps.pricing.selectors import RateMissing
from apps.shops.access import MemberRequest, members_only
from apps.shops.approvals import needs_second
from apps.shops.days import day_of
from apps.shops.models import IN_CHARGE, Action
from apps.till.paper_doors import answer_paper


@require_safe
@members_only()
def scheme_list(request: MemberRequest) -> HttpResponse:
    """The plans, and who saves in them."""
    search = search_of(request)
    page = memberships_listed(search=search, after=mark_of(request, "after"))
    kept = {"search": search} if search else {}
    context = {
        "plans": list(newest_plans()),
        "memberships": page.rows,
        "search": search,
        "size": PAGE_SIZE,
        "next_url": f"?{urlencode({**kept, 'after': page.after})}" if page.after else "",
        "previous_url": "",
        "sets_rules": request.member.role in IN_CHARGE,
        "day": day_of(request.member.shop, timezone.now()),
        **money_of(request),
    }
    return render(request, "deposits/schemes.html", context)


@require_http_methods(["GET", "POST"])
@members_only(*IN_CHARGE)
def plan_new(request: MemberRequest) -> HttpResponse:
    """A plan, or the next version of one: `?of` fills the form with what it says now."""
    code = request.member.shop.currency
    now_said = newest_plans().filter(code=request.GET.get("of", "")[:12].replace("\x00", ""))
    form = PlanForm(request.POST or None, currency=code, initial=_as_typed(now_said.first()))
    made, status = tried(form, lambda: offer(plan=form.plan, by=request.member, at=timezone.now()))
    if made is not None:
        messages.success(
            request,
            _("Version %(version)s of %(code)s holds from now on.")
            % {"version": formatting.digits(made.version), "code": made.code},
        )
        return redirect("deposits:schemes")
    return render(request, "deposits/plan.html", {"form": form, **money_of(request)}, status=status)


def _as_typed(plan: Any) -> dict[str, Any]:
    if plan is None:
        return {"late_allowed": 0, "redeem_days": 60, "bonus_percent": 0, "early_kept_percent": 0}
    names = [*PlanForm.base_fields, "amount", "bonus_percent", "early_kept_percent"]
    said = {name: getattr(plan, name) for name in names}
    if plan.fineness:
        said["fineness"] = formatting.fineness(plan.fineness)
    said["gram_step"] = f"{plan.gram_step.normalize():f}" if plan.gram_step else "0.01"
    return said


@require_http_methods(["GET", "POST"])
@members_only()
def join_plan(request: MemberRequest) -> HttpResponse:
    """A new member: the customer first, then the plan and the first instalment."""
    pk = mark_of(request, "customer")
    if not pk:
        return choose_customer(request, reverse("deposits:join"), _("New savings passbook"))
    customer = customer_by_id(pk)
    plans = newest_plans().filter(offered=True)
    currency = request.member.shop.currency
    named = (
        (plan.code, f"{plan.name}: {formatting.money(plan.amount, currency)}") for plan in plans
    )
    form = JoinForm(request.POST or None, currency=currency, plans=named)
    joined, status = tried(
        form,
        lambda: join(
            plan=form.cleaned_data["plan"],
            customer=customer.pk,
            tenders=form.tenders,
            key=form.given_key,
            by=request.member,
            at=timezone.now(),
            register=till_of(request),
            cash_reason=form.cash_reason,
        ),
        by=request.member,
    )
    if joined is not None:
        return redirect("deposits:passbook", joined.membership.number)
    context = {"form": form, "customer": customer, "plans": plans, **money_of(request)}
    return render(request, "deposits/join.html", context, status=status)


@require_safe
@members_only()
def passbook(request: MemberRequest, number: str) -> HttpResponse:
    """One passbook: its instalments, what it is worth, what can be done."""
    form = PaymentForm(None, currency=request.member.shop.currency)
    return _shown(request, membership_by_number(number), form)


@require_POST
@members_only()
def instalment(request: MemberRequest, number: str) -> HttpResponse:
    """Take the next instalment; sent twice, it is one."""
    form = PaymentForm(request.POST, currency=request.member.shop.currency)
    move, status = tried(
        form,
        lambda: pay_instalment(
            number=number,
            tenders=form.tenders,
            key=form.given_key,
            by=request.member,
            at=timezone.now(),
            register=till_of(request),
            cash_reason=form.cash_reason,
        ),
        by=request.member,
    )
    if move is None:
        return _shown(request, membership_by_number(number), form, status=status)
    messages.success(
        request,
        _("Receipt %(number)s was written.") % {"number": formatting.digits(move.reference)},
    )
    return redirect("deposits:passbook", number)


def _shown(
    request: MemberRequest, membership: Membership, form: PaymentForm, *, status: int = 200
) -> HttpResponse:
    now = timezone.now()
    shop = request.member.shop
    day = day_of(shop, now)
    moves = lines_of(membership)
    paid = sum(1 for move in moves if move.kind == SchemeMoveKind.PAID)
    is_open = membership.state == MembershipState.OPEN
    takes = is_open and paid < membership.plan.instalments and day < membership.ripe_on
    context = {
        "membership": membership,
        "plan": membership.plan,
        "form": form,
        "moves": moves,
        "paid": paid,
        "held": saved_in(membership),
        "benefit": _benefit(membership, request, now),
        "of_grams": membership.plan.kind == SchemeKind.GRAMS,
        "takes_money": takes,
        "next_due": due_on(membership, paid + 1) if takes else None,
        "is_open": is_open,
        "day": day,
        **money_of(request),
    }
    return render(request, "deposits/passbook.html", context, status=status)


def _benefit(membership: Membership, request: MemberRequest, now: Any) -> Benefit | None:
    """What it is worth now; None where the metal has no rate today."""
    try:
        return benefit_of(membership, shop=request.member.shop, at=now)
    except RateMissing:
        return None


@require_http_methods(["GET", "POST"])
@members_only()
def close(request: MemberRequest, number: str) -> HttpResponse:
    """Close a passbook early: what was saved goes back, less what the plan keeps."""
    now = timezone.now()
    membership = membership_by_number(number)
    held = saved_in(membership)
    form = EndForm(
        request.POST or None,
        second=needs_second(Action.CASH_OUT, by=request.member, amount=held.amount, at=now),
    )
    out, status = tried(
        form,
        lambda: close_early(
            number=number,
            ending=Ending(
                by=request.member,
                at=now,
                reason=form.cleaned_data["reason"],
                back_to=form.back,
                approver=form.approved,
                register=till_of(request),
                cash_reason=form.cash_reason,
            ),
        ),
        by=request.member,
    )
    if out is not None:
        messages.success(
            request, _("Passbook %(number)s is closed.") % {"number": formatting.digits(number)}
        )
        return redirect("deposits:passbook", number)
    day = day_of(request.member.shop, now)
    context = {
        "form": form,
        "membership": membership,
        "plan": membership.plan,
        "held": held,
        "is_early": day < membership.ripe_on,
    }
    return render(request, "deposits/close.html", context, status=status)


@require_safe
@members_only()
def passbook_pdf(request: MemberRequest, number: str) -> HttpResponse:
    """The passbook for the member, as it stands now."""
    membership = membership_by_number(number)
    return answer_paper(
        request,
        membership.number,
        lambda: passbook_paper(membership, shop=request.member.shop, at=timezone.now()),
    )
