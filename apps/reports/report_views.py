"""Doors: the reports, as pages and as files, and the closing of a period."""

from typing import Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.ledger.models import PeriodLock
from apps.ledger.periods import close_period, closed_through
from apps.reports.ask import Ask, asked
from apps.reports.catalogue import CATALOGUE, Entry, report_named
from apps.reports.files import as_csv, as_xlsx
from apps.reports.forms import CloseForm
from apps.reports.periods import PRESETS
from apps.reports.refusals import BooksUnseen
from apps.reports.services import sum_up
from apps.reports.shown import Written, written
from apps.reports.tables import Report, Table
from apps.shops.access import MemberRequest, members_only
from apps.shops.days import day_of
from apps.shops.models import IN_CHARGE

# Of a report of one day these end today, and say no more than "today".
_UNTIL_TODAY: Final = {"month", "quarter", "year"}
_FILES: Final = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@require_safe
@members_only(*IN_CHARGE)
def index(request: MemberRequest) -> HttpResponse:
    """Every report, and through which day the books are closed."""
    pack = request.member.shop.tax_pack
    listed = [
        (name, entry)
        for name, entry in CATALOGUE.items()
        if entry.is_for(pack) and (request.sees_cost or not entry.at_cost)
    ]
    return render(
        request, "reports/index.html", {"reports": listed, "closed_through": closed_through()}
    )


@require_safe
@members_only(*IN_CHARGE)
def report(request: MemberRequest, name: str) -> HttpResponse:
    """One report as a page."""
    entry = _readable(request, name)
    sum_up(shop=request.member.shop, at=timezone.now())
    ask = _asked(request, entry)
    found = _built(request, entry.build(ask))
    context = {
        "name": name,
        "entry": entry,
        "ask": ask,
        "report": found,
        "tables": [_shown(table) for table in found.tables],
        "presets": _presets(request, ask, entry),
        "groups": _groups(request, ask, entry),
        "query": request.GET.urlencode(),
        "narrowed": _narrowed(ask),
    }
    return render(request, "reports/report.html", context)


@require_safe
@members_only(*IN_CHARGE)
def report_file(request: MemberRequest, name: str, kind: str) -> HttpResponse:
    """The same as a file; CSV or XLSX."""
    entry = _readable(request, name)
    ask = _asked(request, entry)
    write, content_type = _FILES[kind]
    title = f"{ask.shop.name}: {entry.title}, {ask.period}"
    body = write(_built(request, (entry.file or entry.build)(ask)), title=title)
    span = f"{ask.period.since.isoformat()}_{ask.period.until.isoformat()}"
    return HttpResponse(
        body,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}_{span}.{kind}"'},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@members_only(*IN_CHARGE)
def close(request: MemberRequest) -> HttpResponse:
    """Close the books through a day, or open them again; every word of it stays."""
    now = timezone.now()
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        close_period(
            through=form.cleaned_data["through"],
            reason=form.cleaned_data["reason"],
            by=request.member,
            at=now,
        )
        return redirect("reports:close")
    history = PeriodLock.objects.select_related("set_by__user").order_by("-pk")[:20]
    context = {
        "form": form,
        "closed_through": closed_through(),
        "history": history,
        "today": day_of(request.member.shop, now),
    }
    return render(request, "reports/close.html", context, status=422 if form.errors else 200)


def _readable(request: MemberRequest, name: str) -> Entry:
    """Raises ReportNotFound, BooksUnseen."""
    entry = report_named(name)
    if entry.at_cost and not request.sees_cost:
        raise BooksUnseen
    return entry


def _built(request: MemberRequest, found: Report) -> Report:
    """A report as its reader may see it."""
    return found if request.sees_cost else found.without_costs()


def _asked(request: MemberRequest, entry: Entry) -> Ask:
    return asked(
        request.GET,
        shop=request.member.shop,
        now=timezone.now(),
        default=entry.default,
        registers=request.registers,
    )


def _shown(table: Table) -> tuple[Table, Written]:
    if any(column.spare for column in table.columns):
        table = table.without_spares()
    return table, written(table)


def _presets(request: MemberRequest, ask: Ask, entry: Entry) -> list[tuple[str, str, bool]]:
    """The periods of a press each; the till and the grouping stay."""
    return [
        (_with(request, period=key), str(word), ask.period.preset == key)
        for key, word in PRESETS.items()
        if entry.of == "period" or key not in _UNTIL_TODAY
    ]


def _groups(request: MemberRequest, ask: Ask, entry: Entry) -> list[tuple[str, str, bool]]:
    chosen = ask.by if ask.by in dict(entry.groups) else "category"
    return [
        (_with(request, by=key, keep_days=True), str(word), key == chosen)
        for key, word in entry.groups
    ]


def _with(request: MemberRequest, *, keep_days: bool = False, **changes: str) -> str:
    given = request.GET.copy()
    for key in ("page",) if keep_days else ("page", "since", "until"):
        given.pop(key, None)
    for key, value in changes.items():
        given[key] = value
    return f"?{given.urlencode()}"


def _narrowed(ask: Ask) -> str:
    """Which till, in the words of the heading."""
    return ask.register.name if ask.register else _("All tills")
