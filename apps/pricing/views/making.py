"""Doors: the making tables, a new one, and a new version of one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.pricing.making import (
    MakingTableImpossible,
    set_table,
    slabs_of,
    tables_at,
    versions_of,
)
from apps.pricing.making_forms import MakingTableForm
from apps.pricing.models import MakingTable
from apps.shops.access import MemberRequest, members_only
from apps.shops.models import IN_CHARGE


@require_GET
@members_only(*IN_CHARGE)
def tables(request: MemberRequest) -> HttpResponse:
    """Every making table, by its code."""
    found = [(table, slabs_of(table)) for table in tables_at(timezone.now())]
    return render(request, "pricing/making_tables.html", {"tables": found})


@require_http_methods(["GET", "POST"])
@members_only(*IN_CHARGE)
def new(request: MemberRequest) -> HttpResponse:
    """A table under a code of its own."""
    form = MakingTableForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        made = _made(request, form, code=form.cleaned_data["code"])
        if made is not None:
            return redirect("pricing:making-table", made.code)
    return _page(request, form)


@require_http_methods(["GET", "POST"])
@members_only(*IN_CHARGE)
def table(request: MemberRequest, code: str) -> HttpResponse:
    """One table: what counts today, what counted before, and the next version."""
    versions = versions_of(code)
    form = MakingTableForm(request.POST if request.method == "POST" else None, of=versions[0])
    if form.is_valid() and _made(request, form, code=code) is not None:
        return redirect("pricing:making-table", code)
    return _page(request, form, versions)


def _made(request: MemberRequest, form: MakingTableForm, *, code: str) -> MakingTable | None:
    """The version that was made; None, with the reason in the form, where it cannot be."""
    given = form.cleaned_data
    try:
        made = set_table(
            code=code,
            name=given["name"],
            by_what=given["by"],
            fineness=given["fineness"] if given["by"] == "rate" else None,
            slabs=form.slabs(),
            key=given["key"],
            by=request.member,
            at=timezone.now(),
        )
    except MakingTableImpossible as impossible:
        form.add_error(form.field_of(impossible.field), impossible.reason)
        return None
    messages.success(request, _("Making table %(code)s counts from now on.") % {"code": made.code})
    return made


def _page(
    request: MemberRequest, form: MakingTableForm, versions: list[MakingTable] | None = None
) -> HttpResponse:
    context = {
        "form": form,
        "rows": form.rows(),
        "table": versions[0] if versions else None,
        "versions": [(version, slabs_of(version)) for version in versions or ()],
        "currency": request.member.shop.currency,
    }
    return render(
        request, "pricing/making_table.html", context, status=422 if form.is_bound else 200
    )
