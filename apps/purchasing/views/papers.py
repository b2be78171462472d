"""From the number of a paper to its page, and the page of a fixing, which lies on no other."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from apps.purchasing.selectors.papers import fixing_by_code, place_of
from apps.shops.access import MemberRequest, members_only
from apps.shops.models import IN_CHARGE


@require_safe
@members_only()
def document(_request: MemberRequest, code: str) -> HttpResponse:
    """To the page where this paper is shown."""
    page, of = place_of(code)
    return redirect(f"purchasing:{page}", of)


@require_safe
@members_only(*IN_CHARGE)
def fixing_page(request: MemberRequest, code: str) -> HttpResponse:
    """One fixing, as it was agreed."""
    context = {"fixing": fixing_by_code(code), "currency": request.member.shop.currency}
    return render(request, "purchasing/fixing.html", context)
