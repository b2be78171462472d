"""Opening the drawer without a sale."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from apps.core.errors import Refusal, Unavailable, status_of
from apps.core.paper import escpos
from apps.shops.access import MemberRequest, members_only
from apps.shops.approval_forms import ApprovedForm
from apps.shops.approvals import needs_second
from apps.shops.models import Action
from apps.till.models import PrinterUse
from apps.till.printing import printer_of, send
from apps.till.selectors import the_till
from apps.till.services.no_sale import open_without_sale


@sensitive_post_parameters("pin")
@require_http_methods(["GET", "POST"])
@members_only()
def no_sale(request: MemberRequest) -> HttpResponse:
    """Say why, then open the drawer; it is opened by hand where no printer does it."""
    now = timezone.now()
    till = the_till(request.register)
    form = ApprovedForm(
        request.POST or None,
        second=needs_second(Action.DRAWER, by=request.member, amount=None, at=now),
    )
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            open_without_sale(
                register=till.pk,
                reason=form.cleaned_data["reason"],
                by=request.member,
                at=now,
                approver=form.approved,
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = status_of(refusal)
        else:
            _kick(request)
            return redirect("till:state")
    return render(request, "till/no_sale.html", {"form": form, "till": till}, status=status)


def _kick(request: MemberRequest) -> None:
    """Let the till's printer open the drawer, where it can."""
    printer = printer_of(request.register, PrinterUse.RECEIPT)
    if printer is None or not printer.opens_drawer:
        messages.success(request, _("It is written down. Open the drawer with its key."))
        return
    try:
        send(escpos.kick(), printer)
    except Unavailable as silent:
        messages.warning(
            request,
            _("%(fact)s It is written down. Open the drawer with its key.") % {"fact": silent},
        )
    else:
        messages.success(request, _("The drawer is open. It is written down."))
