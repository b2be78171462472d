"""One piece, a new one, and one that is described anew."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from django.contrib import messages
from django.forms import BoundField
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.core.errors import Refusal, status_of
from apps.inventory.edit_cells import cells_of
from apps.inventory.forms import FOLDED_TERMS, METALS_OF_FORM, STONES_OF_FORM, PieceForm
from apps.inventory.models import Piece, PieceState, Place
from apps.inventory.permissions import KEEPERS, keeps_stock
from apps.inventory.prices import prices_today
from apps.inventory.selectors import (
    IN_THE_SHOP,
    history_of,
    piece_by_tag,
    places,
    reserved_for,
)
from apps.inventory.selectors.documents import family_of
from apps.inventory.selectors.transfers import transfer_under_way
from apps.inventory.services.editing import edit, version_of
from apps.inventory.services.intake.columns import (
    METAL_FIELDS,
    STONE_FIELDS,
    metal_field,
    stone_field,
)
from apps.inventory.services.shop_words import shop_words
from apps.inventory.services.take_in import TagTaken, take_in
from apps.inventory.stock_forms import OptionalReason
from apps.pricing.words import explained, karat_name
from apps.shops.access import MemberRequest, members_only
from apps.shops.approvals import needs_second
from apps.shops.models import Action


@require_GET
@members_only()
def show(request: MemberRequest, tag: str) -> HttpResponse:
    """A piece: what it is, what it costs today and why, where it has been.

    One that was sold has no price of today: what was paid stands on its bill.
    """
    whole = piece_by_tag(tag=tag)
    piece, shop = whole.piece, request.member.shop
    here = [whole] if piece.state in IN_THE_SHOP else []
    price = next(iter(prices_today(here, shop=shop, at=timezone.now())), None)
    parents, children = family_of(piece)
    return render(
        request,
        "inventory/piece.html",
        {
            "piece": piece,
            "whole": whole,
            "metals": [(part, karat_name(part.metal, part.fineness)) for part in whole.metals],
            "price": price,
            "components": explained(price.line.components, shop.currency)
            if price and price.line
            else (),
            "currency": shop.currency,
            "history": history_of(piece),
            "parents": parents,
            "children": children,
            "kept": reserved_for([piece.pk]).get(piece.pk),
            "parcel": transfer_under_way(piece) if piece.state == PieceState.IN_TRANSIT else None,
            "keeps_stock": keeps_stock(request.member),
            "sees_cost": request.sees_cost,
        },
    )


@require_http_methods(["GET", "POST"])
@members_only(*KEEPERS)
def edit_piece(request: MemberRequest, tag: str) -> HttpResponse:
    """Describe or weigh a piece anew; what somebody else did meanwhile is said, not overwritten."""
    whole = piece_by_tag(tag=tag)
    piece, code = whole.piece, request.member.shop.currency
    now, sent = timezone.now(), request.POST if request.method == "POST" else None
    unseen = () if request.sees_cost else ("cost", "margin_purchase_price")
    form = PieceForm(
        sent if sent is None else _with_tag(sent, piece.tag),
        places=_places_of(piece),
        code=code,
        words=shop_words(request.member.shop),
        metals=max(len(METALS_OF_FORM), len(whole.metals)),
        stones=max(len(STONES_OF_FORM), len(whole.stones)),
        initial=cells_of(whole, code=code),
        hidden=unseen,
    )
    form.fields["tag"].widget.attrs["readonly"] = True
    second = needs_second(Action.WEIGHT, by=request.member, amount=None, at=now)
    ask = OptionalReason(sent, second=second)
    status = 200 if sent is None else 422
    if sent is not None and form.is_valid() and ask.is_valid() and form.piece is not None:
        given = request.POST.get("version", "")
        try:
            edit(
                tag=piece.tag,
                terms=replace(form.piece, **{name: getattr(piece, name) for name in unseen}),
                version=int(given) if given.isascii() and given.isdigit() else 0,
                by=request.member,
                at=now,
                reason=ask.cleaned_data["reason"],
                approver=ask.approved,
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = status_of(refusal)
        else:
            messages.success(request, _("%(tag)s was changed.") % {"tag": piece.tag})
            return redirect("inventory:piece", piece.tag)
    return render(
        request,
        "inventory/piece_edit.html",
        {
            "form": form,
            "ask": ask,
            "piece": piece,
            "version": request.POST.get("version") or version_of(piece),
            "metals": [_row(form, metal_field, METAL_FIELDS, n) for n in form.metals],
            "stones": [_row(form, stone_field, STONE_FIELDS, n) for n in form.stones],
            "sees_cost": request.sees_cost,
            "currency": code,
        },
        status=status,
    )


def _with_tag(sent: QueryDict, tag: str) -> QueryDict:
    """What was sent, with the piece's own tag, which no form changes."""
    given = sent.copy()
    given["tag"] = tag
    return given


def _places_of(piece: Piece) -> list[Place]:
    """The open places of the piece's branch: into another one it goes by a transfer."""
    if piece.place is None:
        return places()
    return [place for place in places() if place.branch_id == piece.place.branch_id]


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
