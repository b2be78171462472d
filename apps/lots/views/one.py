"""One lot: its history, more of it, a part of it, what is lost of it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.core.errors import Refusal, status_of
from apps.inventory.permissions import KEEPERS, keeps_stock
from apps.inventory.selectors import piece_by_tag
from apps.inventory.services.new_pieces import PieceImpossible
from apps.lots.forms import LostForm, MoreForm, PartForm
from apps.lots.models import Lot
from apps.lots.selectors import lot_by_code, moves_of
from apps.lots.services import draw, put_back, take_more, write_off
from apps.lots.services.writing import LotHoldsLess, QuantityImpossible
from apps.shops.access import MemberRequest, members_only
from apps.shops.approvals import may, needs_second, permit
from apps.shops.models import Action

MOVES_PER_PAGE = 50


@require_safe
@members_only()
def show(request: MemberRequest, code: str) -> HttpResponse:
    """The lot, its forms, and what went in and out of it."""
    lot = lot_by_code(code=code)
    if lot.code != code:
        return redirect("lots:lot", lot.code)
    return _shown(request, lot)


@require_POST
@members_only(*KEEPERS)
def more(request: MemberRequest, code: str) -> HttpResponse:
    """Take more into the lot."""
    lot = lot_by_code(code=code)
    form = MoreForm(request.POST, lot=lot, code=request.member.shop.currency, prefix="in")

    def taken() -> str:
        take_more(
            lot=lot,
            given=form.quantity,
            cost=form.cleaned_data["cost"],
            by=request.member,
            at=timezone.now(),
            reference=form.cleaned_data["reference"],
            key=form.given_key,
        )
        return _("%(code)s took it in.") % {"code": lot.code}

    return _done(request, lot, "in_form", form, taken)


@require_POST
@members_only()
def part(request: MemberRequest, code: str) -> HttpResponse:
    """Draw a part of the lot as a piece with a tag of its own."""
    lot = lot_by_code(code=code)
    form = PartForm(request.POST, lot=lot, prefix="draw")

    def drawn() -> str:
        quantity = form.quantity
        piece = draw(
            lot=lot,
            grams=quantity.grams,
            pieces=quantity.pieces,
            carats=quantity.carats,
            by=request.member,
            at=timezone.now(),
            tag=form.cleaned_data["tag"] or None,
            key=form.given_key,
        )
        return _("%(tag)s was drawn from %(code)s. Print its tag.") % {
            "tag": piece.tag,
            "code": lot.code,
        }

    return _done(request, lot, "draw_form", form, drawn)


@require_POST
@members_only()
def off(request: MemberRequest, code: str) -> HttpResponse:
    """Write off what is lost of the lot."""
    lot, now = lot_by_code(code=code), timezone.now()
    form = _lost_form(request, lot, request.POST)

    def written() -> str:
        permit(
            Action.WRITE_OFF,
            by=request.member,
            reason=form.cleaned_data["reason"],
            reference=lot.code,
            at=now,
            approver=form.approved,
        )
        write_off(
            lot=lot,
            lost=form.quantity,
            by=request.member,
            at=now,
            reference=form.cleaned_data["reason"],
            key=form.given_key,
        )
        return _("It was written off of %(code)s.") % {"code": lot.code}

    return _done(request, lot, "off_form", form, written)


@require_POST
@members_only()
def back(request: MemberRequest, tag: str) -> HttpResponse:
    """Put a piece that was drawn back into its lot."""
    piece = piece_by_tag(tag=tag).piece
    lot = put_back(piece=piece, by=request.member, at=timezone.now())
    messages.success(
        request, _("%(tag)s is in %(code)s again.") % {"tag": piece.tag, "code": lot.code}
    )
    return redirect("lots:lot", lot.code)


def _done(
    request: MemberRequest, lot: Lot, name: str, form: Form, act: Callable[[], str]
) -> HttpResponse:
    """Do it and show the lot; with a refusal beside the form that was sent."""
    status = 422
    if form.is_valid():
        try:
            said = act()
        except Refusal as refusal:
            _explain(form, refusal)
            status = status_of(refusal)
            lot.refresh_from_db()
        else:
            messages.success(request, said)
            return redirect("lots:lot", lot.code)
    return _shown(request, lot, status=status, **{name: form})


def _explain(form: Form, refusal: Refusal) -> None:
    field = None
    if isinstance(refusal, QuantityImpossible | LotHoldsLess | PieceImpossible):
        field = refusal.field if refusal.field in form.fields else None
    form.add_error(field, str(refusal))


def _lost_form(request: MemberRequest, lot: Lot, data: Any = None) -> LostForm:
    second = needs_second(Action.WRITE_OFF, by=request.member, amount=None, at=timezone.now())
    return LostForm(data, lot=lot, second=second, prefix="off")


def _shown(request: MemberRequest, lot: Lot, *, status: int = 200, **forms: Form) -> HttpResponse:
    keeps = keeps_stock(request.member)
    currency = request.member.shop.currency
    pages = Paginator(moves_of(lot), MOVES_PER_PAGE)
    may_lose = may(Action.WRITE_OFF, by=request.member, at=timezone.now())
    context: dict[str, Any] = {
        "lot": lot,
        "page": pages.get_page(request.GET.get("page")),
        "in_form": MoreForm(lot=lot, code=currency, prefix="in") if keeps else None,
        "draw_form": None if lot.is_empty else PartForm(lot=lot, prefix="draw"),
        "off_form": _lost_form(request, lot) if may_lose and not lot.is_empty else None,
        "currency": currency,
        "sees_cost": request.sees_cost,
        **forms,
    }
    return render(request, "lots/lot.html", context, status=status)
