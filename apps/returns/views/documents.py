"""Doors: the list of documents, one of them, and its paper."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.errors import NotFound
from apps.core.paper import pdf
from apps.returns.models import DocumentKind, Paper
from apps.returns.papers import pdf_of, sheet_of
from apps.returns.selectors.documents import document_by_code, documents_listed
from apps.returns.services.prints import papers_of, print_document
from apps.shops.access import MemberRequest, members_only
from apps.shops.days import day_of
from apps.till.paper_doors import METHODS, answer_paper, paper_bar, prints

DOCUMENTS_PER_PAGE = 50
_PAPERS = {"": Paper.A4, "a4": Paper.A4, "80": Paper.ROLL}


class PaperUnknown(NotFound):
    def __str__(self) -> str:
        return _("Documents are printed on A4 or on the 80 mm roll. Choose one of the two.")


@require_safe
@members_only()
def document_list(request: MemberRequest) -> HttpResponse:
    """Documents, newest day first; `?search=` a number, a bill, a tag or a customer."""
    search, kind = request.GET.get("search", ""), request.GET.get("kind", "")
    pages = Paginator(documents_listed(search=search, kind=kind), DOCUMENTS_PER_PAGE)
    context = {
        "page": pages.get_page(request.GET.get("page")),
        "search": search,
        "kind": kind if kind in DocumentKind.values else "",
        "kinds": DocumentKind.choices,
        "today": day_of(request.member.shop, timezone.now()),
        "currency": request.member.shop.currency,
    }
    template = "returns/_document_rows.html" if request.htmx else "returns/document_list.html"
    return render(request, template, context)


@require_safe
@members_only()
def document(request: MemberRequest, code: str) -> HttpResponse:
    """A document on the screen; looking at it is no printing."""
    found = document_by_code(code)
    sheet = sheet_of(found)
    context = {
        "document": found,
        "sheet": sheet,
        "papers": papers_of(found),
        "why_no_pdf": None if pdf.can_draw() else str(pdf.PdfLibrariesMissing()),
        "bar": paper_bar(
            request,
            reverse("returns:document-pdf", args=[found.code]),
            [(Paper.ROLL, Paper.ROLL.label), (Paper.A4, Paper.A4.label)],
        ),
    }
    with timezone.override(sheet.head.time_zone):
        response = render(request, "returns/document.html", context)
    patch_cache_control(response, private=True)
    return response


@require_http_methods(METHODS)
@members_only()
def document_pdf(request: MemberRequest, code: str) -> HttpResponse:
    """The paper. Each GET is a printing, the second a duplicate; a HEAD prints nothing.

    A POST prints on the till's printer.
    """
    paper = Paper.ROLL if prints(request) else _PAPERS.get(request.GET.get("paper", ""))
    if paper is None:
        raise PaperUnknown
    found = document_by_code(code)

    def draw() -> bytes:
        printing = print_document(document=found, paper=paper, by=request.member, at=timezone.now())
        return pdf_of(found, paper=paper, printing=printing)

    return answer_paper(request, found.code, draw)
