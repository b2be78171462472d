"""Door: selling a part of a lot at the counter."""

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from apps.core.errors import Refusal, status_of
from apps.lots.models import Lot
from apps.lots.selectors import LotNotFound, lot_by_code, lots_listed
from apps.sales.lot_form import FromLotForm
from apps.sales.services.from_lot import LotElsewhere, demand_within_reach, sell_from_lot
from apps.sales.views.changes import UNPROCESSABLE
from apps.sales.views.parts import till
from apps.shops.access import MemberRequest, members_only
from apps.shops.models import Register

_LOTS = 200  # more than a counter has drawers


@require_http_methods(["GET", "HEAD", "POST"])
@members_only()
def from_lot(request: MemberRequest) -> HttpResponse:
    """Weigh a part of a lot off; `?lot=` chooses it. It goes on the till's sale as a piece."""
    register = till(request)
    given = request.POST if request.method == "POST" else request.GET
    lots = _offered(register, wanted=given.get("lot", ""))
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
                    register=register,
                    by=request.member,
                    at=timezone.now(),
                )
            except Refusal as refusal:
                field = getattr(refusal, "field", None)
                form.add_error(field if field in form.fields else None, str(refusal))
                status = status_of(refusal)
            else:
                return redirect("sales:counter")
    else:
        form = FromLotForm(initial={"lot": request.GET.get("lot", "")}, lots=lots)
    return render(request, "sales/from_lot.html", {"form": form, "lots": lots}, status=status)


def _offered(register: Register, *, wanted: str) -> list[Lot]:
    """What lies in the till's branch, by code; a lot that was scanned however many there are."""
    here = Q(place__isnull=True) | Q(place__branch=register.branch_id)
    lots = list(lots_listed().filter(here)[:_LOTS])
    if not wanted or any(lot.code == wanted for lot in lots):
        return lots
    try:
        lot = lot_by_code(code=wanted)
        demand_within_reach(lot, register)
    except (LotNotFound, LotElsewhere):
        return lots
    return lots if lot.is_empty else [lot, *lots]
