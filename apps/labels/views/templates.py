"""Templates of tags: the list, one by its numbers, and its picture while it is changed."""

from base64 import b64encode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.errors import Refusal, status_of
from apps.labels.defaults import barbell, rat_tail
from apps.labels.facts import sample_facts
from apps.labels.forms import TemplateForm, initial_of
from apps.labels.models import LabelTemplate, Stock
from apps.labels.preview import png_of
from apps.labels.selectors import sheet_of, template_by_id
from apps.labels.services.templates import remove, save, templates_to_choose
from apps.labels.sheet import Field, demand_possible
from apps.shops.access import MemberRequest, members_only
from apps.shops.models import IN_CHARGE


@require_safe
@members_only(*IN_CHARGE)
def template_list(request: MemberRequest) -> HttpResponse:
    """The shop's templates with their pictures."""
    context = {"templates": templates_to_choose(request.member.shop)}
    return render(request, "labels/templates.html", context)


@require_http_methods(["GET", "POST"])
@members_only(*IN_CHARGE)
def new(request: MemberRequest, stock: str) -> HttpResponse:
    """A new template, which begins as the usual one of its stock."""
    makers = {Stock.BARBELL.value: barbell, Stock.RAT_TAIL.value: rat_tail}
    if stock not in makers:
        raise Http404
    language = "fa" if request.member.shop.time_zone == "Asia/Tehran" else "en"
    return _editor(request, makers[stock](name="", language=language))


@require_http_methods(["GET", "POST"])
@members_only(*IN_CHARGE)
def edit(request: MemberRequest, pk: int) -> HttpResponse:
    """A template by its numbers; the picture follows them."""
    return _editor(request, template_by_id(pk))


@require_POST
@members_only(*IN_CHARGE)
def remove_one(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a template away."""
    template = template_by_id(pk)
    remove(template)
    messages.success(request, _("The template “%(name)s” is gone.") % {"name": template.name})
    return redirect("labels:templates")


def _editor(request: MemberRequest, template: LabelTemplate) -> HttpResponse:
    # As many rows as came, so that a row added by another person's save is not lost.
    rows = max(len(template.fields), _rows_sent(request))
    form = TemplateForm(
        request.POST if request.method == "POST" else None,
        rows=rows,
        initial=initial_of(template),
    )
    shown, refused, status = template, "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            shown = form.fill(template)
            fields = form.placed_fields
            try:
                demand_possible(sheet_of(shown), fields)
                if "show" not in request.POST:
                    save(shown, fields=fields)
                    said = _("The template “%(name)s” is saved.") % {"name": shown.name}
                    messages.success(request, said)
                    return redirect("labels:template", shown.pk)
                status = 200
            except Refusal as refusal:
                refused = str(refusal)
                if "show" not in request.POST:
                    form.add_error(None, refused)
                status = status_of(refusal)
            shown.fields = [field.as_json() for field in fields]
    picture, said_no = (
        _picture(request, shown) if not form.errors and not refused else ("", refused)
    )
    context = {"form": form, "template": template, "picture": picture, "refused": said_no}
    page = "labels/_picture.html" if request.htmx else "labels/template.html"
    if status >= 400:
        request.undone = True
    return render(request, page, context, status=status)


def _picture(request: MemberRequest, template: LabelTemplate) -> tuple[str, str]:
    """The tag's picture as an address that holds it, or the sentence that says why not."""
    facts = sample_facts(language=template.language, shop=request.member.shop)
    fields = [Field.from_json(stored) for stored in template.fields]
    try:
        drawn = png_of(sheet_of(template), fields, facts)
    except Refusal as refusal:
        return "", str(refusal)
    return f"data:image/png;base64,{b64encode(drawn).decode()}", ""


def _rows_sent(request: MemberRequest) -> int:
    return sum(1 for name in request.POST if name.endswith("-side")) - 3
