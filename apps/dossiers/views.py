"""Doors: all of one customer on a page, who is listed twice, merging, export and erasure."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.core.formatting import day as day_text
from apps.customers.selectors import customer_by_id
from apps.dossiers.details import goes
from apps.dossiers.erasing import erase, open_matters
from apps.dossiers.exporting import export
from apps.dossiers.forms import EraseForm, MergeForm
from apps.dossiers.merging import lies_in, merge
from apps.dossiers.selectors import dossier, listed_twice
from apps.shops.access import MemberRequest, members_only
from apps.shops.approvals import may, needs_second
from apps.shops.models import IN_CHARGE, Action, Role

_LONGEST_ID = 18


@require_GET
@members_only()
def customer(request: MemberRequest, pk: int) -> HttpResponse:
    """Everything the shop has with a customer, on one page."""
    found = customer_by_id(pk)
    if found.pk != pk:
        return redirect("dossiers:customer", found.pk)
    before = _mark(request, "before")
    context = {
        "customer": found,
        "dossier": dossier(found, before=before),
        "first": before is None,
        "currency": request.member.shop.currency,
        "may_merge": may(Action.MERGE, by=request.member, at=timezone.now()),
        "may_erase": request.member.role == Role.OWNER,
        "in_charge": request.member.role in IN_CHARGE,
    }
    return render(request, "dossiers/customer.html", context)


@require_GET
@members_only()
def duplicates(request: MemberRequest) -> HttpResponse:
    """Who is probably listed twice."""
    return render(
        request,
        "dossiers/duplicates.html",
        {
            "groups": listed_twice(),
            "may_merge": may(Action.MERGE, by=request.member, at=timezone.now()),
        },
    )


@require_http_methods(["GET", "POST"])
@members_only()
def merge_two(request: MemberRequest, pk: int, other: int) -> HttpResponse:
    """Look at two customers side by side, and make one of them: `pk` stays."""
    keep, gone = customer_by_id(pk), customer_by_id(other)
    now = timezone.now()
    form = MergeForm(
        request.POST if request.method == "POST" else None,
        second=needs_second(Action.MERGE, by=request.member, amount=None, at=now),
    )
    if form.is_valid():
        merge(
            keep=pk,
            gone=other,
            reason=form.cleaned_data["reason"],
            by=request.member,
            at=now,
            approver=form.approved,
        )
        messages.success(request, _("They are one customer now: %(name)s.") % {"name": keep.name})
        return redirect("dossiers:customer", keep.pk)
    context = {
        "keep": keep,
        "gone": gone,
        "moves": [] if keep == gone else lies_in(gone.pk),
        "goes": [] if keep == gone else goes(keep, gone),
        "form": form,
        "currency": request.member.shop.currency,
    }
    return render(request, "dossiers/merge.html", context, status=422 if form.is_bound else 200)


@require_GET
@members_only()
def merge_document(request: MemberRequest, code: str) -> HttpResponse:
    """From the books to whom the two became. `code`: the one that went, the one that stayed."""
    kept = code.rpartition("-")[2]
    if not (kept.isascii() and kept.isdigit() and len(kept) <= _LONGEST_ID):
        kept = "0"
    return redirect("dossiers:customer", customer_by_id(int(kept)).pk)


@require_POST
@members_only(Role.OWNER, Role.MANAGER)
@never_cache
def export_customer(request: MemberRequest, pk: int) -> HttpResponse:
    """All that the shop knows of a person, as a file for them."""
    found = customer_by_id(pk)
    data = export(customer=found, by=request.member, at=timezone.now())
    response = HttpResponse(data, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="customer-{found.pk}.zip"'
    return response


@require_http_methods(["GET", "POST"])
@members_only(Role.OWNER)
def erase_customer(request: MemberRequest, pk: int) -> HttpResponse:
    """What erasing takes away and what the law has kept; then do it."""
    found = customer_by_id(pk)
    now = timezone.now()
    form = EraseForm(
        request.POST if request.method == "POST" else None,
        second=needs_second(Action.ERASE, by=request.member, amount=None, at=now),
    )
    if form.is_valid():
        done = erase(
            pk=pk,
            reason=form.cleaned_data["reason"],
            by=request.member,
            at=now,
            approver=form.approved,
        )
        messages.success(request, _erased(done.papers_kept, done.kept_until))
        return redirect("customers:show", done.customer.pk)
    context = {"customer": found, "form": form, "matters": open_matters(found)}
    return render(request, "dossiers/erase.html", context, status=422 if form.is_bound else 200)


def _erased(papers: int, until: object) -> str:
    if not papers or until is None:
        return _("The customer was erased.")
    return ngettext(
        "The customer was erased. One paper is kept until %(day)s, as the law asks.",
        "The customer was erased. %(papers)s papers are kept until %(day)s, as the law asks.",
        papers,
    ) % {"papers": papers, "day": day_text(until)}  # type: ignore[arg-type]


def _mark(request: HttpRequest, name: str) -> int | None:
    given = request.GET.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= _LONGEST_ID else None
