"""Doors: the home page, its stock panel, and what a new rate would change."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.core.typed import Unreadable, parse_fineness
from apps.pricing.board import board_rows, newest_quote
from apps.pricing.models import Metal, RateSide
from apps.reports.effect import effect_of
from apps.reports.home import has_pieces, needs_of, stock_by_metal, taken_on
from apps.shops.access import MemberRequest, members_only
from apps.shops.approvals import NotAllowed, may
from apps.shops.days import day_of
from apps.shops.models import IN_CHARGE, Action

_BOARD_ROWS = 5


@require_GET
@members_only()
def home(request: MemberRequest) -> HttpResponse:
    """Today at a glance. The stock panel is a part of its own: it sums over every piece."""
    now, shop = timezone.now(), request.member.shop
    rows = board_rows(shop=shop, at=now)
    stocked = has_pieces()
    may_manage = _may_manage(request)
    context = {
        "now": now,
        "currency": shop.currency,
        "greeting": _greeting(timezone.localtime(now).hour),
        "takings": taken_on(day_of(shop, now)),
        "needs": needs_of(
            rows=rows,
            register=request.register,
            may_import=may_manage,
            day=day_of(shop, now),
        ),
        "rows": rows[:_BOARD_ROWS],
        "newest": newest_quote(rows),
        "has_rates": bool(rows),
        "has_pieces": stocked,
        "may_manage": may_manage,
    }
    return render(request, "reports/home.html", context)


@require_GET
@members_only()
def home_stock(request: MemberRequest) -> HttpResponse:
    """The stock by metal: the part to htmx, a page to everybody else."""
    now, shop = timezone.now(), request.member.shop
    context = {
        "stock": stock_by_metal(shop=shop, at=now),
        "newest": newest_quote(board_rows(shop=shop, at=now)),
        "currency": shop.currency,
        "may_manage": _may_manage(request),
    }
    template = "reports/_stock.html" if request.htmx else "reports/stock.html"
    return render(request, template, context)


@require_GET
@members_only()
def rate_effect(request: MemberRequest) -> HttpResponse:
    """What the rate in the form would change, for whoever may set one; rates know no pieces."""
    now = timezone.now()
    if not may(Action.RATE, by=request.member, at=now):
        raise NotAllowed(action=Action.RATE)
    named = _named(request)
    effect = None
    if named:
        metal, fineness, side = named
        effect = effect_of(
            shop=request.member.shop,
            metal=metal,
            fineness=fineness,
            side=side,
            at=now,
        )
    template = "reports/_rate_effect.html" if request.htmx else "reports/rate_effect.html"
    return render(request, template, {"effect": effect})


def _may_manage(request: MemberRequest) -> bool:
    """Whether the person runs the shop, and so sees what was taken and what the stock is worth."""
    return request.member.role in IN_CHARGE


def _named(request: HttpRequest) -> tuple[str, int, str] | None:
    """Metal, fineness and side of the form of a rate; None while it does not name them."""
    parts = request.GET.get("which", "").split("-")
    if len(parts) == 4 and parts[1].isascii() and parts[1].isdigit() and len(parts[1]) <= 5:
        metal, fineness, side = parts[0], int(parts[1]), parts[2]
    else:
        metal, side = request.GET.get("metal", ""), request.GET.get("side", "")
        try:
            fineness = parse_fineness(request.GET.get("fineness", ""), metal=metal)
        except Unreadable:
            return None
    known = metal in Metal.values and side in RateSide.values and 1 <= fineness <= 10_000
    return (metal, fineness, side) if known else None


def _greeting(hour: int) -> str:
    if 5 <= hour < 12:
        return _("Good morning")
    return _("Good afternoon") if 12 <= hour < 18 else _("Good evening")
