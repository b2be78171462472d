"""From the number of a paper to its page, and the page of a fixing, which lies on no other."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.purchasing.papers import metal_paper
from apps.purchasing.selectors.papers import fixing_by_code, metal_by_code, place_of
from apps.shops.access import MemberRequest, members_only
from apps.shops.models import IN_CHARGE
from apps.till.paper_doors import METHODS, answer_paper, paper_bar


@require_safe
@members_only()
def document(_request: MemberRequest, code: str) -> HttpResponse:
    """To the page where this paper is shown."""
    page, of = place_of(code)
    return redirect(f"purchasing:{page}", of)


@require_http_methods(METHODS)
@members_only(*IN_CHARGE)
def metal_pdf(request: MemberRequest, code: str) -> HttpResponse:
    """The paper of a receipt of metal, or of a fixing."""
    paper = metal_by_code(code)
    return answer_paper(request, paper.code, lambda: metal_paper(paper, shop=request.member.shop))


@require_safe
@members_only(*IN_CHARGE)
def fixing_page(request: MemberRequest, code: str) -> HttpResponse:
    """One fixing, as it was agreed."""
    fixing = fixing_by_code(code)
    context = {
        "fixing": fixing,
        "currency": request.member.shop.currency,
        "bar": paper_bar(request, reverse("purchasing:metal-pdf", args=[fixing.code])),
    }
    return render(request, "purchasing/fixing.html", context)
