"""The page of one tray: taken in hand, scanned, weighed, finished, counted again."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.core.errors import Refusal, status_of
from apps.counts.forms import TagsForm, WeighForm
from apps.counts.models import CountSheet, CountState, SheetState, StockCount
from apps.counts.refusals import SheetTaken
from apps.counts.selectors import (
    count_by_code,
    last_scans,
    lots_to_weigh,
    put_aside,
    sheet_of,
    standing_of,
)
from apps.counts.services.sheets import Way, begin, count_again, finish, hands_of
from apps.counts.services.weighing import weigh
from apps.lots.models import Lot
from apps.lots.services.writing import QuantityImpossible
from apps.shops.access import MemberRequest, members_only

LAST_SHOWN = 30
ASIDE_SHOWN = 200


@require_safe
@members_only()
def sheet_page(request: MemberRequest, code: str, sheet: int) -> HttpResponse:
    """The scanner's page, for who has the tray in hand; how to take it, for everybody else."""
    count = count_by_code(code)
    return sheet_shown(request, count, sheet_of(count, sheet))


def sheet_shown(
    request: MemberRequest,
    count: StockCount,
    sheet: CountSheet,
    *,
    tags_form: TagsForm | None = None,
    weigh_forms: dict[int, WeighForm] | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page of a tray, with what was refused."""
    hands = hands_of(sheet)
    mine = any(hand.member_id == request.member.pk for hand in hands)
    lots = lots_to_weigh(sheet) if sheet.state == SheetState.COUNTING else []
    for row in lots:
        lot = row["lot"]
        row["form"] = (weigh_forms or {}).get(lot.pk) or WeighForm(lot=lot, prefix=f"lot{lot.pk}")
    context = {
        "count": count,
        "sheet": sheet,
        "hands": hands,
        "mine": mine and count.state == CountState.COUNTING,
        "standing": standing_of(sheet),
        "shows_expected": not count.blind,
        "scans": last_scans(sheet, most=LAST_SHOWN),
        "aside": put_aside(sheet, most=ASIDE_SHOWN),
        "lots": lots,
        "form": tags_form or TagsForm(),
        "refused": refused,
    }
    return render(request, "counts/sheet.html", context, status=status)


@require_POST
@members_only()
def take(request: MemberRequest, code: str, sheet: int) -> HttpResponse:
    """Begin the tray, join who counts it, or take it over (`way`)."""
    count = count_by_code(code)
    found = sheet_of(count, sheet)
    given = request.POST.get("way", "")
    way = Way(given) if given in list(Way) else Way.ALONE
    try:
        begin(sheet=found, by=request.member, at=timezone.now(), way=way)
    except SheetTaken as taken:
        return sheet_shown(request, count, found, refused=str(taken), status=409)
    return redirect("counts:sheet", count.code, found.pk)


@require_POST
@members_only()
def weigh_lot(request: MemberRequest, code: str, sheet: int, lot: int) -> HttpResponse:
    """Write down what a lot weighs."""
    count = count_by_code(code)
    found, weighed = sheet_of(count, sheet), get_object_or_404(Lot, pk=lot)
    form = WeighForm(request.POST, lot=weighed, prefix=f"lot{weighed.pk}")
    if form.is_valid():
        try:
            weigh(
                sheet=found,
                lot=weighed,
                pieces=form.pieces,
                weight=form.weight,
                by=request.member,
                at=timezone.now(),
            )
        except QuantityImpossible as impossible:
            field = "pieces" if impossible.field == "pieces" else "weight"
            form.add_error(field if field in form.fields else None, str(impossible))
        except Refusal as refusal:
            return sheet_shown(
                request, count, found, refused=str(refusal), status=status_of(refusal)
            )
        else:
            messages.success(request, _("%(code)s was weighed.") % {"code": weighed.code})
            return redirect("counts:sheet", count.code, found.pk)
    return sheet_shown(request, count, found, weigh_forms={weighed.pk: form}, status=422)


@require_POST
@members_only()
def done(request: MemberRequest, code: str, sheet: int) -> HttpResponse:
    """The tray is counted."""
    count = count_by_code(code)
    found = sheet_of(count, sheet)
    try:
        finish(sheet=found, by=request.member, at=timezone.now())
    except Refusal as refusal:
        return sheet_shown(request, count, found, refused=str(refusal), status=status_of(refusal))
    messages.success(request, _("%(place)s is counted.") % {"place": found.place.name})
    return redirect("counts:count", count.code)


@require_POST
@members_only()
def again(request: MemberRequest, code: str, sheet: int) -> HttpResponse:
    """Count this tray once more, from nothing."""
    count = count_by_code(code)
    new = count_again(sheet=sheet_of(count, sheet), by=request.member, at=timezone.now())
    return redirect("counts:sheet", count.code, new.pk)
