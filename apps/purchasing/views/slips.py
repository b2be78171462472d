"""Slips: the list, one of them, its paper, its photos, and the report for the police."""

from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from apps.core.errors import Invalid, NotFound
from apps.core.paper import pdf
from apps.purchasing.forms.rules import DaysForm
from apps.purchasing.models import SlipState
from apps.purchasing.papers import PAPERS, slip_paper
from apps.purchasing.police import police_csv
from apps.purchasing.selectors.claims import moves_of
from apps.purchasing.selectors.slips import (
    FILTERS,
    PAGE_SIZE,
    items_of,
    payments_of,
    photo_by_id,
    slip_by_code,
    slips,
    voids_of,
)
from apps.shops.access import MemberRequest, members_only
from apps.shops.days import day_of
from apps.shops.models import IN_CHARGE
from apps.till.paper_doors import METHODS, answer_paper, paper_bar, prints

_LONGEST_REPORT = timedelta(days=366)

_OFFERED = (("80", gettext_lazy("80 mm")), ("a4", gettext_lazy("A4")))


class PaperUnknown(NotFound):
    def __str__(self) -> str:
        return _("Slips are printed on A4 or on the 80 mm roll. Choose one of the two.")


class DaysImpossible(Invalid):
    def __str__(self) -> str:
        return _("Choose two days, the first before the second, at most a year apart.")


@require_GET
@members_only()
def slip_list(request: MemberRequest) -> HttpResponse:
    """What was bought, the newest first; to htmx, only its rows."""
    today = day_of(request.member.shop, timezone.now())
    only = request.GET.get("only", "")
    only = only if only in FILTERS else ""
    search = request.GET.get("search", "").strip()[:60]
    before = request.GET.get("before", "")
    mark = int(before) if before.isascii() and before.isdigit() and len(before) < 18 else None
    found = list(slips(only=only, search=search, today=today, before=mark)[: PAGE_SIZE + 1])
    page = found[:PAGE_SIZE]
    context = {
        "slips": page,
        "only": only,
        "choices": [
            (f"?only={name}", word, name == only)
            for name, word in (
                ("", _("All")),
                ("claims", _("Claims open")),
                ("loose", _("In no bag")),
                ("held", _("On hold")),
                ("voided", _("Void")),
            )
        ],
        "search": search,
        "today": today,
        "next": page[-1].pk if len(found) > PAGE_SIZE else None,
        "currency": request.member.shop.currency,
        "in_charge": request.member.role in IN_CHARGE,
        "days": DaysForm(initial={"first": today - timedelta(days=6), "last": today}),
    }
    part = "purchasing/_slip_rows.html"
    return render(request, part if request.htmx else "purchasing/slip_list.html", context)


@require_safe
@members_only()
def show(request: MemberRequest, code: str) -> HttpResponse:
    """A slip: who sold what, how it was tested and paid, where its worth went."""
    slip = slip_by_code(code)
    today = day_of(request.member.shop, timezone.now())
    items = items_of(slip)
    untouched = slip.claim_left in (0, slip.total) and not any(item.bag_id for item in items)
    response = render(
        request,
        "purchasing/slip.html",
        {
            "slip": slip,
            "items": items,
            "gross_g": sum(item.gross_weight_g for item in items),
            "fine_g": sum(item.fine_weight_g for item in items),
            "moves": moves_of(slip),
            "payments": payments_of(slip),
            "voids": voids_of(slip),
            "held": slip.hold_until is not None and slip.hold_until > today,
            "can_void": slip.state == SlipState.TAKEN
            and slip.day == today
            and slip.register.shift_id == slip.shift_id
            and untouched,
            "why_no_pdf": None if pdf.can_draw() else str(pdf.PdfLibrariesMissing()),
            "bar": paper_bar(request, reverse("purchasing:slip-pdf", args=[slip.code]), _OFFERED),
        },
    )
    patch_cache_control(response, private=True)
    return response


@require_http_methods(METHODS)
@members_only()
def slip_pdf(request: MemberRequest, code: str) -> HttpResponse:
    """The paper that the seller signs, on A4 or on the roll."""
    paper = PAPERS.get("80" if prints(request) else request.GET.get("paper", "a4"))
    if paper is None:
        raise PaperUnknown
    slip = slip_by_code(code)
    return answer_paper(request, slip.code, lambda: slip_paper(slip, paper))


@require_GET
@members_only()
def photo(request: MemberRequest, pk: int) -> HttpResponse:
    """One picture; no browser and no server between keeps it."""
    response = HttpResponse(bytes(photo_by_id(pk).content), content_type="image/jpeg")
    patch_cache_control(response, private=True, no_store=True)
    return response


@require_GET
@members_only(*IN_CHARGE)
def report(request: MemberRequest) -> HttpResponse:
    """What was bought in a period, as the police ask for it: a file for spreadsheets."""
    form = DaysForm(request.GET)
    first: date = form.cleaned_data["first"] if form.is_valid() else date.max
    last: date = form.cleaned_data["last"] if form.is_valid() else date.min
    if first > last or last - first > _LONGEST_REPORT:
        raise DaysImpossible
    response = HttpResponse(police_csv(first=first, last=last), content_type="text/csv")
    name = content_disposition_header(True, f"old-gold-{first}-{last}.csv")
    response.headers["Content-Disposition"] = name or "attachment"
    patch_cache_control(response, private=True, no_store=True)
    return response
