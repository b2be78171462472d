"""The stock list."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from apps.inventory.forms import EVERY_STATE, ListAddress
from apps.inventory.models import Piece, PieceState
from apps.inventory.permissions import keeps_stock
from apps.inventory.prices import PriceToday, prices_today
from apps.inventory.selectors import (
    IN_THE_SHOP,
    PAGE_SIZE,
    ListPage,
    WholePiece,
    categories,
    page_from,
    places,
    sums,
)
from apps.pricing.models import Metal
from apps.shops.access import MemberRequest, members_only
from apps.shops.days import day_of

OLD_AFTER_DAYS = 300


@dataclass(frozen=True, slots=True)
class ListRow:
    """A piece of the list: what its row shows."""

    whole: WholePiece
    days: int
    price: PriceToday | None  # None once it is sold

    @property
    def piece(self) -> Piece:
        return self.whole.piece

    @property
    def is_old(self) -> bool:
        return self.days > OLD_AFTER_DAYS and self.piece.state != PieceState.SOLD

    @property
    def net_g(self) -> Decimal | None:
        """None for a piece of which nobody knows the metal."""
        return self.whole.net_weight_g if self.whole.metals else None

    @property
    def carats(self) -> Decimal | None:
        return self.whole.carats or None


@require_GET
@members_only()
@vary_on_headers("HX-Request")
def piece_list(request: MemberRequest) -> HttpResponse:
    """The stock, newest first, with each piece's price today; to htmx, the result alone."""
    address = ListAddress.read(request.GET)
    page = page_from(address.wanted, newest_first=not address.oldest, **address.marks)
    context = {
        "address": address,
        "rows": _rows(request, page),
        "currency": request.member.shop.currency,
        "all_sold": address.state == PieceState.SOLD,
        "is_all": not (page.before or page.after),
        "size": PAGE_SIZE,
        "keeps_stock": keeps_stock(request.member),
        **_links(address, page),
    }
    if request.htmx:
        response = render(request, "inventory/_result.html", context)
        response["HX-Push-Url"] = reverse("inventory:piece-list") + address.query()
        return response
    context["filters"] = _filters(address)
    if "exact" in request.GET:
        context["sums"] = sums(address.wanted)
    return render(request, "inventory/piece_list.html", context)


@require_GET
@members_only()
def facts(request: MemberRequest) -> HttpResponse:
    """What the whole result comes to: asked for after the page, since it reads all of it."""
    address = ListAddress.read(request.GET)
    return render(request, "inventory/_facts.html", {"sums": sums(address.wanted)})


def _rows(request: MemberRequest, page: ListPage) -> list[ListRow]:
    shop, now = request.member.shop, timezone.now()
    today: date = day_of(shop, now)
    here = [whole for whole in page.pieces if whole.piece.state in IN_THE_SHOP]
    prices = {
        whole.piece.pk: price
        for whole, price in zip(here, prices_today(here, shop=shop, at=now), strict=True)
    }
    return [
        ListRow(
            whole,
            (today - day_of(shop, whole.piece.arrived_at)).days,
            prices.get(whole.piece.pk),
        )
        for whole in page.pieces
    ]


def _links(address: ListAddress, page: ListPage) -> dict[str, str]:
    here = reverse("inventory:piece-list")
    return {
        "previous_url": here + address.query(before=str(page.before)) if page.before else "",
        "next_url": here + address.query(after=str(page.after)) if page.after else "",
        "sort_url": here + address.query(order="" if address.oldest else "oldest"),
        "direction": "descending" if address.oldest else "ascending",
        "facts_url": reverse("inventory:facts") + address.query(),
        "exact_url": here + address.query(exact="1"),
        "unfiltered_url": here + ListAddress(search=address.search, state=EVERY_STATE).query()
        if address.is_filtered and address.search
        else here,
    }


def _filters(address: ListAddress) -> list[dict[str, Any]]:
    """The selects over the list: name, label, choices, the chosen one."""
    return [
        {
            "name": "metal",
            "label": _("Metal"),
            "choices": [("", _("All metals")), *Metal.choices],
            "value": address.metal,
        },
        {
            "name": "state",
            "label": _("State"),
            "choices": [
                ("", _("In the shop")),
                *PieceState.choices,
                (EVERY_STATE, _("Any state")),
            ],
            "value": address.state,
        },
        {
            "name": "category",
            "label": _("Kind"),
            "choices": [("", _("Any kind")), *((name, name) for name in categories())],
            "value": address.category,
        },
        {
            "name": "place",
            "label": _("Place"),
            "choices": [("", _("Any place")), *((str(p.pk), p.name) for p in places())],
            "value": address.place,
        },
    ]
