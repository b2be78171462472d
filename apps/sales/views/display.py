"""Doors: the customer's display of a till, its language, and what the counter asks again."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.sales.display import display_language, display_of, display_token
from apps.sales.news import news_of
from apps.sales.services.customer import speak
from apps.sales.views.parts import Shown, changed, kind_of, show, till
from apps.shops.access import MemberRequest, members_only


@require_safe
@members_only()
@never_cache
def display(request: MemberRequest) -> HttpResponse:
    """The till as its customer sees it; `?seen=` of what stands there already is 204."""
    register, now = till(request), timezone.now()
    language = display_language(register=register) or translation.get_language() or "en"
    token = display_token(register=register, language=language, at=now)
    if request.htmx and request.GET.get("seen") == token:
        return HttpResponse(status=204)
    with translation.override(language):
        shown = display_of(shop=request.member.shop, register=register, at=now)
        template = "sales/_display.html" if request.htmx else "sales/display.html"
        context = {
            "display": shown,
            "token": token,
            "shop": request.member.shop,
            "register": register,
            "now": now,
            "language": language,
        }
        response = render(request, template, context)
    response["Content-Language"] = language
    return response


@require_POST
@members_only()
def language(request: MemberRequest) -> HttpResponse:
    """Choose what the display speaks to this customer."""
    wanted = request.POST.get("language", "")
    known = wanted if wanted in dict(settings.LANGUAGES) else ""
    return changed(
        request,
        lambda: speak(language=known, register=till(request), by=request.member, at=timezone.now()),
    )


@require_safe
@members_only()
@never_cache
def news(request: MemberRequest) -> HttpResponse:
    """204 while the counter's page is true; else its parts: of the board, or of all of it."""
    seen = request.GET.get("seen", "")
    fresh = news_of(register=till(request), at=timezone.now())
    if seen == fresh.token:
        return HttpResponse(status=204)
    board_only = seen.partition("_")[2] == fresh.sale
    return show(request, Shown(pay=kind_of(request), quiet=board_only))
