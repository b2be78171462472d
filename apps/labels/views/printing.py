"""Printing tags: which pieces, by which template, where to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.errors import Refusal, status_of
from apps.core.typed import fold_digits
from apps.inventory.selectors import WholePiece
from apps.labels.facts import facts_of, sample_facts
from apps.labels.forms import PrintForm
from apps.labels.models import PrintWay
from apps.labels.preview import png_of
from apps.labels.selectors import (
    MOST_AT_ONCE,
    copies_of,
    fields_of,
    prints_of,
    sheet_of,
    template_by_id,
    without_tag,
)
from apps.labels.services.printing import (
    LeftOut,
    Printed,
    pieces_to_tag,
    print_tags,
    said_of,
    sorted_out,
)
from apps.labels.services.templates import templates_to_choose
from apps.shops.access import MemberRequest, members_only
from apps.shops.approvals import needs_second
from apps.shops.models import IN_CHARGE, Action
from apps.till.models import PrinterUse
from apps.till.printing import printer_of

_LONGEST_ID: Final = 18
_PICTURES: Final = 12  # previews on one page; the rest are listed by their tags
_PRINTS_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Chosen:
    """A piece of the list: how many tags it has, and the address of the list without it."""

    whole: WholePiece
    copies: int
    without: str


@dataclass(frozen=True, slots=True)
class NotPrinted:
    """A tag of the list that is left out, why, and the address of the list without it."""

    tag: str
    said: str
    without: str


@require_http_methods(["GET", "HEAD", "POST"])
@members_only()
def print_page(request: MemberRequest) -> HttpResponse:
    """Tags to print: `?tag=` repeated, `?untagged` those without one. POST prints them.

    What has no tag to print is named and left out, before anything is printed: a POST prints all
    that stood in its form or nothing, and keeps in the list what its page had left out (`left`).
    """
    given = request.POST if request.method == "POST" else request.GET
    if request.method == "POST" and "add" in request.POST:
        return _added(request)
    untagged = without_tag() if request.method == "GET" and "untagged" in request.GET else None
    asked = untagged.tags if untagged else _tags_of(given)
    left_before = _tags_of(request.POST, "left")
    templates = templates_to_choose(request.member.shop)
    tags = list(dict.fromkeys([*asked, *left_before]))
    pieces, left, refused = _readable(tags)
    before = copies_of([whole.piece.tag for whole in pieces]) if pieces else {}
    now = timezone.now()
    form = PrintForm(
        request.POST if "way" in request.POST else None,
        templates=templates,
        again=bool(before),
        second=bool(before)
        and needs_second(Action.REPRINT, by=request.member, amount=None, at=now),
        initial={"template": request.GET.get("template") or templates[0].pk},
    )
    printer = printer_of(request.register, PrinterUse.LABEL)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        way = PrintWay.PRINTER if request.POST["way"] == PrintWay.PRINTER else PrintWay.FILE
        try:
            printed = print_tags(
                tags=asked,
                template=form.chosen,
                way=way,
                register=request.register,
                by=request.member,
                at=now,
                reason=form.cleaned_data.get("reason", ""),
                approver=form.approved if before else None,
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = status_of(refusal)
        else:
            return _answer(request, printed, way, left=left_before)
    template = _shown_template(form, templates)
    context = {
        "pieces": [
            Chosen(whole, before.get(whole.piece.tag, 0), _address(tags, but=whole.piece.tag))
            for whole in pieces
        ],
        "tags": [whole.piece.tag for whole in pieces],
        "left": [NotPrinted(one.tag, one.said, _address(tags, but=one.tag)) for one in left],
        "without_left": _address([whole.piece.tag for whole in pieces]),
        "refused": refused,
        "form": form,
        "template": template,
        "pictures": _PICTURES,
        "printer": printer,
        "again": len(before),
        "prints": list(prints_of(list(before))[:_PRINTS_SHOWN]) if before else [],
        "more": untagged.has_more if untagged else False,
        "most": MOST_AT_ONCE,
        "is_untagged": untagged is not None,
        "keeps_templates": request.member.role in IN_CHARGE,
    }
    if status >= 400:
        request.undone = True
    return render(request, "labels/print.html", context, status=status)


@require_safe
@members_only()
def picture(request: MemberRequest) -> HttpResponse:
    """A tag as it will be printed: `?template=`, and `?tag=` or a sample piece."""
    given = request.GET.get("template", "")
    is_number = given.isascii() and given.isdigit() and len(given) < _LONGEST_ID
    template = template_by_id(int(given) if is_number else 0)
    fields = fields_of(template)
    shop = request.member.shop
    tag = request.GET.get("tag", "")
    if tag:
        (facts,) = facts_of(
            pieces_to_tag([tag]),
            fields=fields,
            language=template.language,
            shop=shop,
            at=timezone.now(),
        )
    else:
        facts = sample_facts(language=template.language, shop=shop)
    response = HttpResponse(png_of(sheet_of(template), fields, facts), content_type="image/png")
    patch_cache_control(response, private=True, no_store=True)
    return response


def _added(request: MemberRequest) -> HttpResponse:
    """One more tag on the list; a tag the shop does not have is said, and the list stays."""
    tags = _tags_of(request.POST)
    added = fold_digits(request.POST["add"]).strip()[:60]
    if added:
        try:
            pieces_to_tag([added])
        except Refusal as refusal:
            messages.error(request, str(refusal))
        else:
            tags.append(added)
    return redirect(_address(tags))


def _tags_of(given: QueryDict, name: str = "tag") -> list[str]:
    tags = [tag.strip() for tag in given.getlist(name)]
    return list(dict.fromkeys(tag for tag in tags if tag))


def _address(tags: Sequence[str], *, but: str = "") -> str:
    kept = [("tag", tag) for tag in tags if tag != but]
    page = reverse("labels:print")
    return f"{page}?{urlencode(kept)}" if kept else page


def _readable(tags: Sequence[str]) -> tuple[list[WholePiece], list[LeftOut], str]:
    """The pieces of the list, what is left out of it, and why nothing of it can be printed."""
    if not tags:
        return [], [], ""
    try:
        return *sorted_out(tags), ""
    except Refusal as refusal:
        return [], [], str(refusal)


def _shown_template(form: PrintForm, templates: Sequence[object]) -> object:
    wanted = str(form["template"].value())
    return next((one for one in templates if str(getattr(one, "pk", "")) == wanted), templates[0])


def _answer(
    request: MemberRequest, printed: Printed, way: PrintWay, *, left: Sequence[str]
) -> HttpResponse:
    if way == PrintWay.PRINTER:
        messages.success(request, said_of(printed))
        return redirect(_address(left))
    response = HttpResponse(printed.data, content_type="application/octet-stream")
    name = timezone.localtime().strftime("tags-%Y%m%d-%H%M%S.zpl")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    patch_cache_control(response, private=True, no_store=True)
    return response
