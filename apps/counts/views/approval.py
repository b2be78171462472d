"""The approval of a count, and what turns up after it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.errors import Refusal, status_of
from apps.counts.forms import ApproveForm
from apps.counts.models import CountState
from apps.counts.refusals import CountEnded
from apps.counts.results import CountResult, Done
from apps.counts.selectors import count_by_code, result_of
from apps.counts.services.approving import approve, decided, worth
from apps.counts.services.finding import found_later
from apps.counts.views.counts import found_form_of, shown
from apps.shops.access import MemberRequest, members_only
from apps.shops.approvals import NotAllowed, may, needs_second
from apps.shops.models import Action


@require_http_methods(["GET", "POST"])
@members_only()
def approval(request: MemberRequest, code: str) -> HttpResponse:
    """Say what is done about each difference, and approve."""
    now, count = timezone.now(), count_by_code(code)
    if not may(Action.COUNT, by=request.member, at=now):
        raise NotAllowed(action=Action.COUNT.value)
    if count.state != CountState.COUNTING:
        if request.method == "POST" and count.ended_by_id == request.member.pk:
            return redirect("counts:count", count.code)  # the same form, sent twice
        raise CountEnded(code=count.code, posted=count.state == CountState.POSTED)
    result = result_of(count, code=request.member.shop.currency)
    whole = worth(decided(result, _all_gone(result)))
    form = ApproveForm(
        request.POST if request.method == "POST" else None,
        result=result,
        second=needs_second(Action.COUNT, by=request.member, amount=whole, at=now),
    )
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            approve(
                count=count,
                choices=form.choices,
                reason=form.cleaned_data["reason"],
                by=request.member,
                at=now,
                approver=form.approved,
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = status_of(refusal)
        else:
            messages.success(request, _("%(code)s was approved.") % {"code": count.code})
            return redirect("counts:count", count.code)
    context = {
        "count": count,
        "result": result,
        "form": form,
        "sheets": [
            (sheet, form.fields_of(sheet.missing), form.fields_of(sheet.extra))
            for sheet in result.sheets
        ],
        "any_missing": any(line.choices for sheet in result.sheets for line in sheet.missing),
        "currency": request.member.shop.currency,
        "sees_cost": request.sees_cost,
        "worth": whole,
    }
    return render(request, "counts/approve.html", context, status=status)


def _all_gone(result: CountResult) -> dict[int, Done]:
    """Every missing piece written off: the most that this approval could come to."""
    return {
        line.piece: Done.WRITE_OFF
        for _sheet, line in result.lines
        if line.piece is not None and Done.WRITE_OFF in line.choices
    }


@require_POST
@members_only()
def found(request: MemberRequest, code: str) -> HttpResponse:
    """A missed piece turned up."""
    count = count_by_code(code)
    form = found_form_of(request)
    status = 422
    if form.is_valid():
        try:
            row = found_later(
                count=count,
                tag=form.cleaned_data["tag"],
                place=form.chosen,
                by=request.member,
                at=timezone.now(),
                approver=form.approved,
            )
        except Refusal as refusal:
            form.add_error("tag", str(refusal))
            status = status_of(refusal)
        else:
            said = _("%(tag)s is in %(place)s.")
            messages.success(request, said % {"tag": row.piece.tag, "place": row.place.name})
            return redirect("counts:count", count.code)
    return shown(request, count, found_form=form, status=status)
