"""The list of counts, a new one, and one with what it found."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.errors import Refusal, status_of
from apps.core.paper import pdf
from apps.counts.forms import FoundForm, StartForm
from apps.counts.models import CountFound, CountState, SheetState, StockCount
from apps.counts.papers import count_paper
from apps.counts.selectors import (
    count_by_code,
    counts_listed,
    free_places,
    newest_sheets,
    places_wanted,
    result_of,
    sheet_being_counted,
)
from apps.counts.services.starting import cancel, start_count
from apps.inventory.selectors.listing import places
from apps.shops.access import MemberRequest, members_only
from apps.shops.approvals import may, needs_second
from apps.shops.models import Action

COUNTS_PER_PAGE = 50


@require_safe
@members_only()
def count_list(request: MemberRequest) -> HttpResponse:
    """Counts, newest first; `?place=` and `?tag=` lead to counting these places."""
    wanted = places_wanted(places=request.GET.getlist("place"), tags=request.GET.getlist("tag"))
    if wanted:
        being = sheet_being_counted(place=wanted[0]) if len(wanted) == 1 else None
        if being is not None:
            return redirect("counts:sheet", being.count.code, being.pk)
        chosen = urlencode([("place", pk) for pk in wanted])
        return redirect(f"{reverse('counts:new')}?{chosen}")
    pages = Paginator(counts_listed(), COUNTS_PER_PAGE)
    return render(request, "counts/list.html", {"page": pages.get_page(request.GET.get("page"))})


@require_http_methods(["GET", "POST"])
@members_only()
def new(request: MemberRequest) -> HttpResponse:
    """Choose the trays and begin."""
    free = free_places()
    form = StartForm(
        request.POST if request.method == "POST" else None,
        places=free,
        initial={"places": request.GET.getlist("place")[:100]},
    )
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            count = start_count(
                places=[int(pk) for pk in form.cleaned_data["places"]],
                blind=form.cleaned_data["blind"],
                note=form.cleaned_data["note"],
                by=request.member,
                at=timezone.now(),
                key=form.given_key,
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = status_of(refusal)
        else:
            return redirect("counts:count", count.code)
    context = {"form": form, "places": free, "chosen": form["places"].value() or []}
    return render(request, "counts/new.html", context, status=status)


@require_safe
@members_only()
def show(request: MemberRequest, code: str) -> HttpResponse:
    """The trays, who counts which, and what was found in those that are counted."""
    count = count_by_code(code)
    if count.code != code:
        return redirect("counts:count", count.code)
    return shown(request, count)


def shown(
    request: MemberRequest,
    count: StockCount,
    *,
    found_form: FoundForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of one count; `found_form` with what was refused."""
    now = timezone.now()
    approves = may(Action.COUNT, by=request.member, at=now)
    result = result_of(count, code=request.member.shop.currency)
    posted = count.state == CountState.POSTED
    sheets = newest_sheets(count)
    context = {
        "count": count,
        "result": result,
        "approves": approves,
        "sees_expected": posted or approves or not count.blind,
        "all_counted": all(sheet.state == SheetState.COUNTED for sheet in sheets),
        "may_cancel": count.state == CountState.COUNTING
        and (approves or count.started_by_id == request.member.pk),
        "found_form": (found_form or found_form_of(request)) if posted else None,
        "found_later": CountFound.objects.filter(count=count).select_related(
            "piece", "place", "by__user"
        ),
        "why_no_pdf": None if pdf.can_draw() else str(pdf.PdfLibrariesMissing()),
    }
    return render(request, "counts/count.html", context, status=status)


def found_form_of(request: MemberRequest) -> FoundForm:
    """The form of what is found later, with the second person where one has to agree."""
    now, by = timezone.now(), request.member
    asks = may(Action.COUNT, by=by, at=now)
    return FoundForm(
        request.POST if request.method == "POST" else None,
        places=places(),
        second=asks and needs_second(Action.COUNT, by=by, amount=None, at=now),
    )


@require_POST
@members_only()
def give_up(request: MemberRequest, code: str) -> HttpResponse:
    """Give the count up."""
    count = cancel(count=count_by_code(code), by=request.member, at=timezone.now())
    messages.success(request, _("%(code)s was given up. Nothing changed.") % {"code": count.code})
    return redirect("counts:list")


@require_safe
@members_only()
def paper(request: MemberRequest, code: str) -> HttpResponse:
    """The count on A4: to take along while it goes on, to keep once it is approved."""
    count = count_by_code(code)
    approves = may(Action.COUNT, by=request.member, at=timezone.now())
    hidden = count.blind and count.state != CountState.POSTED and not approves
    pdf.demand_libraries()
    result = result_of(count, code=request.member.shop.currency)
    drawn = b""
    if request.method == "GET":
        drawn = count_paper(count, result, shop=request.member.shop, blind=hidden)
    response = HttpResponse(drawn, content_type="application/pdf")
    disposition = content_disposition_header(False, f"{count.code}.pdf")
    response.headers["Content-Disposition"] = disposition or "inline"
    patch_cache_control(response, private=True, no_store=True)
    return response
