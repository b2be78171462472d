"""Files of pieces: chosen, looked at, brought in."""

import csv
import io

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.inventory.forms import FileForm, columns_from
from apps.inventory.models import PieceImport
from apps.inventory.permissions import KEEPERS
from apps.inventory.services.export import escaped, export_csv
from apps.inventory.services.intake import uploads
from apps.inventory.services.intake.columns import choices
from apps.inventory.services.intake.read import FileUnreadable
from apps.shops.access import MemberRequest, members_only

EARLIER = 10


@require_http_methods(["GET", "POST"])
@members_only(*KEEPERS)
def choose_file(request: MemberRequest) -> HttpResponse:
    """The first step: a file, and what became of earlier ones."""
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            kept = uploads.upload(
                file_name=file.name, content=file.read(), by=request.member, at=timezone.now()
            )
        except FileUnreadable as unreadable:
            form.add_error("file", str(unreadable))
        else:
            return redirect("inventory:import-preview", kept.pk)
    elif request.method == "POST":
        form = FileForm(request.POST, request.FILES)
    return render(
        request,
        "inventory/import.html",
        {"form": form, "earlier": uploads.newest_imports(most=EARLIER)},
        status=422 if form.is_bound else 200,
    )


@require_GET
@members_only(*KEEPERS)
def preview(request: MemberRequest, upload_id: int) -> HttpResponse:
    """What a file would bring in; while it is being brought in, how far it is."""
    return _show(request, uploads.import_by_id(upload_id=upload_id))


@require_POST
@members_only(*KEEPERS)
def columns(request: MemberRequest, upload_id: int) -> HttpResponse:
    """Look at the file again, with its columns as a person named them."""
    named = columns_from(request.POST)
    uploads.choose_columns(upload_id=upload_id, columns=named, by=request.member)
    return redirect("inventory:import-preview", upload_id)


@require_POST
@members_only(*KEEPERS)
def bring_in(request: MemberRequest, upload_id: int) -> HttpResponse:
    """Let the file be brought in. Pressed twice it is brought in once."""
    uploads.start(upload_id=upload_id, leave_out="leave_out" in request.POST)
    return redirect("inventory:import-preview", upload_id)


@require_GET
@members_only(*KEEPERS)
def progress(request: MemberRequest, upload_id: int) -> HttpResponse:
    """How far it is, as a part that asks again by itself until it is done."""
    kept = uploads.import_by_id(upload_id=upload_id)
    if kept.state != PieceImport.State.RUNNING:
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    return render(request, "inventory/_progress.html", {"kept": kept})


@require_GET
@members_only(*KEEPERS)
def refused(request: MemberRequest, upload_id: int) -> HttpResponse:
    """The refused rows as they stand in the file, with their reasons: correct and choose again."""
    header, rows = uploads.refused_rows(upload_id=upload_id, by=request.member)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*map(escaped, header), _("line"), _("reason")])
    for row in rows:
        cells = [*row.raw, *[""] * (len(header) - len(row.raw))][: len(header)]
        reasons = " ".join(problem.reason for problem in row.problems)
        writer.writerow([*map(escaped, cells), row.line, escaped(reasons)])
    return _file(text.getvalue().encode("utf-8-sig"), "refused.csv")


@require_GET
@members_only(*KEEPERS)
def export(request: MemberRequest) -> HttpResponse:
    """Everything that is in the shop, as a file that the import reads back.

    Who may not see what pieces cost gets it without those columns.
    """
    # Joined here and not streamed: the shop's scope ends before an answer is sent.
    rows = export_csv(code=request.member.shop.currency, costs=bool(request.sees_cost))
    return _file(b"".join(rows), "stock.csv")


def _file(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _show(request: MemberRequest, kept: PieceImport) -> HttpResponse:
    named = {int(index): field for index, field in kept.preview["columns"].items()}
    return render(
        request,
        "inventory/import_preview.html",
        {
            "kept": kept,
            "seen": kept.preview,
            "columns": [
                (f"column-{index}", title, named.get(index, ""))
                for index, title in enumerate(kept.preview["header"])
            ],
            "choices": choices(named),
            "not_shown": kept.preview["refused"] - len(kept.preview["refused_rows"]),
        },
    )
