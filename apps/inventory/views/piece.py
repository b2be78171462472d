"""One piece, and a new one."""

from collections.abc import Callable, Sequence

from django.contrib import messages
from django.forms import BoundField
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.inventory.forms import FOLDED_TERMS, METALS_OF_FORM, STONES_OF_FORM, PieceForm
from apps.inventory.permissions import KEEPERS, keeps_stock
from apps.inventory.prices import prices_today
from apps.inventory.selectors import IN_THE_SHOP, history_of, piece_by_tag, places
from apps.inventory.services.intake.columns import (
    METAL_FIELDS,
    STONE_FIELDS,
    metal_field,
    stone_field,
)
from apps.inventory.services.shop_words import shop_words
from apps.inventory.services.take_in import TagTaken, take_in
from apps.pricing.words import explained, karat_name
from apps.shops.access import MemberRequest, members_only


@require_GET
@members_only()
def show(request: MemberRequest, tag: str) -> HttpResponse:
    """A piece: what it is, what it costs today and why, where it has been.

    One that was sold has no price of today: what was paid stands on its bill.
    """
    whole = piece_by_tag(tag=tag)
    shop = request.member.shop
    here = [whole] if whole.piece.state in IN_THE_SHOP else []
    price = next(iter(prices_today(here, shop=shop, at=timezone.now())), None)
    return render(
        request,
        "inventory/piece.html",
        {
            "piece": whole.piece,
            "whole": whole,
            "metals": [(part, karat_name(part.metal, part.fineness)) for part in whole.metals],
            "price": price,
            "components": explained(price.line.components, shop.currency)
            if price and price.line
            else (),
            "currency": shop.currency,
            "history": history_of(whole.piece),
            "keeps_stock": keeps_stock(request.member),
        },
    )


@require_http_methods(["GET", "POST"])
@members_only(*KEEPERS)
def new(request: MemberRequest) -> HttpResponse:
    """Put one piece into the stock by hand."""
    form = PieceForm(
        request.POST if request.method == "POST" else None,
        places=places(),
        code=request.member.shop.currency,
        words=shop_words(request.member.shop),
    )
    if form.is_valid() and form.piece is not None:
        try:
            piece = take_in(piece=form.piece, by=request.member, at=timezone.now())
        except TagTaken as taken:
            form.add_error("tag", str(taken))
        else:
            messages.success(request, _("%(tag)s is in the stock.") % {"tag": piece.tag})
            return redirect("inventory:piece", piece.tag)
    return render(
        request,
        "inventory/piece_new.html",
        {
            "form": form,
            "metals": [_row(form, metal_field, METAL_FIELDS, n) for n in METALS_OF_FORM],
            "stones": [_row(form, stone_field, STONE_FIELDS, n) for n in STONES_OF_FORM],
            "more_is_open": any(form[name].errors or form[name].value() for name in FOLDED_TERMS),
            "currency": request.member.shop.currency,
        },
        status=422 if form.is_bound else 200,
    )


def _row(
    form: PieceForm, name: Callable[[str, int], str], parts: Sequence[str], n: int
) -> tuple[list[BoundField], bool]:
    """The fields of one metal or kind of stone, and whether something is in one of them."""
    fields = [form[name(part, n)] for part in parts]
    filled = any(field.errors or field.value() not in (None, "", "none") for field in fields)
    return fields, filled
