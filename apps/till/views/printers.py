"""The printers beside each till: the owner says where they are."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.core.errors import Refusal, status_of
from apps.shops.access import MemberRequest, members_only
from apps.shops.models import Role
from apps.till.forms import PrinterForm
from apps.till.models import PrinterUse
from apps.till.services.printers import name_printer, printers_shown, take_printer_away


@require_http_methods(["GET", "POST"])
@members_only(Role.OWNER)
def printers(request: MemberRequest) -> HttpResponse:
    """Each till with its printers; a form for each. A printer without an address is none."""
    sent = request.POST if request.method == "POST" else None
    forms, status = [], 200
    for register in request.registers:
        known = printers_shown(register)
        for use in PrinterUse:
            prefix = f"{register.pk}-{use.value}"
            mine = sent if sent is not None and sent.get("of") == prefix else None
            form = PrinterForm(mine, use=use, printer=known.get(use), prefix=prefix)
            forms.append((register, use, form))
            if mine is None:
                continue
            status = 422
            if not form.is_valid():
                continue
            try:
                if form.cleaned_data["host"]:
                    name_printer(register=register, use=use, **form.wanted)
                else:
                    take_printer_away(register=register, use=use)
            except Refusal as refusal:
                form.add_error(None, str(refusal))
                status = status_of(refusal)
            else:
                messages.success(
                    request, _("The printers of %(till)s are saved.") % {"till": register.name}
                )
                return redirect("till:printers")
    return render(request, "till/printers.html", {"forms": forms}, status=status)
