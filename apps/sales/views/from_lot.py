"""Door: selling a part of a lot at the counter."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from apps.core.errors import Refusal, status_of
from apps.lots.selectors import lots_listed
from apps.sales.lot_form import FromLotForm
from apps.sales.services.from_lot import sell_from_lot
from apps.sales.views.changes import UNPROCESSABLE
from apps.sales.views.parts import till
from apps.shops.access import MemberRequest, members_only

_LOTS = 200  # more than a counter has drawers


@require_http_methods(["GET", "HEAD", "POST"])
@members_only()
def from_lot(request: MemberRequest) -> HttpResponse:
    """Weigh a part of a lot off; `?lot=` chooses it. It goes on the till's sale as a piece."""
    lots = list(lots_listed()[:_LOTS])
    status = 200
    if request.method == "POST":
        form = FromLotForm(request.POST, lots=lots)
        status = UNPROCESSABLE
        if form.is_valid():
            words = form.cleaned_data
            try:
                sell_from_lot(
                    code=words["lot"],
                    grams=words["grams"],
                    pieces=words["pieces"],
                    carats=words["carats"],
                    key=form.given_key,
                    register=till(request),
                    by=request.member,
                    at=timezone.now(),
                )
            except Refusal as refusal:
                form.add_error(None, str(refusal))
                status = status_of(refusal)
            else:
                return redirect("sales:counter")
    else:
        form = FromLotForm(initial={"lot": request.GET.get("lot", "")}, lots=lots)
    return render(request, "sales/from_lot.html", {"form": form, "lots": lots}, status=status)
