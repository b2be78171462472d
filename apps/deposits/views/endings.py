"""Doors: a contract that is changed, cancelled, kept, or paid back what is left of it."""

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.core import formatting
from apps.deposits.forms.contracts import ChangeForm, EndForm
from apps.deposits.models import Deposit
from apps.deposits.policy import DepositPolicy
from apps.deposits.selectors.contracts import (
    balance_of,
    deposit_by_number,
    pieces_of,
    schedule_of,
)
from apps.deposits.services.changing import Change, change
from apps.deposits.services.ending import Ended, Ending, cancel, forfeit, give_rest, split_of
from apps.deposits.views.parts import (
    till_of,
    tried,
)
from apps.shops.access import MemberRequest, members_only
from apps.shops.approvals import needs_second
from apps.shops.days import day_of
from apps.shops.models import Action

_ENDS: Final = {"cancel": cancel, "keep": forfeit, "rest": give_rest}


@require_http_methods(["GET", "POST"])
@members_only()
def edit(request: MemberRequest, number: str) -> HttpResponse:
    """Other pieces or another last day: a new contract in the place of this one."""
    deposit = deposit_by_number(number)
    today = {
        "tags": "\n".join(row.tag for row in pieces_of(deposit, aside=True)),
        "expires_on": deposit.expires_on,
        "note": deposit.note,
    }
    form = ChangeForm(request.POST or None, initial=today)
    made, status = tried(
        form,
        lambda: change(
            number=number,
            to=Change(
                tags=form.cleaned_data["tags"],
                expires_on=form.cleaned_data["expires_on"],
                schedule=_still_to_come(request, deposit),
                note=form.cleaned_data["note"],
                key=form.given_key,
                register=till_of(request),
            ),
            by=request.member,
            at=timezone.now(),
        ),
    )
    if made is not None:
        return redirect("deposits:show", made.number)
    return render(request, "deposits/edit.html", {"form": form, "deposit": deposit}, status=status)


def _still_to_come(request: MemberRequest, deposit: Deposit) -> Any:
    """The payments of the schedule whose day is not over; they go on as they were planned."""
    day = day_of(request.member.shop, timezone.now())
    return tuple((row.due_on, row.amount) for row in schedule_of(deposit) if row.due_on >= day)


@require_http_methods(["GET", "POST"])
@members_only()
def end(request: MemberRequest, number: str, how: str) -> HttpResponse:
    """Cancel a contract, keep what it allows, or pay back what is left of a delivered one."""
    do = _ENDS.get(how)
    if do is None:
        raise Http404
    now = timezone.now()
    deposit = deposit_by_number(number)
    held = balance_of(deposit)
    rules = DepositPolicy.from_json(deposit.rules)
    percents = {"cancel": rules.cancel_kept_percent, "keep": rules.kept_percent}
    split = split_of(
        deposit,
        held,
        percent=percents.get(how, rules.kept_percent * 0),
        had_pieces=bool(pieces_of(deposit, aside=True)),
    )
    action = Action.FORFEIT if how == "keep" else Action.CASH_OUT
    amount = split.kept if how == "keep" else split.refunded
    form = EndForm(
        request.POST or None,
        second=needs_second(action, by=request.member, amount=amount, at=now),
        pays=split.refunded > 0,
    )
    ended, status = tried(
        form,
        lambda: do(
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
    if ended is not None:
        messages.success(request, _said(ended))
        return redirect("deposits:show", number)
    context = {"form": form, "deposit": deposit, "held": held, "split": split, "how": how}
    return render(request, "deposits/end.html", context, status=status)


def _said(ended: Ended) -> str:
    code = ended.deposit.currency
    return _("%(refunded)s went back, %(kept)s was kept.") % {
        "refunded": formatting.money(ended.refunded, code),
        "kept": formatting.money(ended.kept, code),
    }
