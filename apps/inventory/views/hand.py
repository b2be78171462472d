"""What is done to pieces by hand: reserved, written off, found, split, joined."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.errors import Refusal, status_of
from apps.customers.selectors import customer_by_id, find
from apps.inventory.models import StockDocument
from apps.inventory.permissions import KEEPERS
from apps.inventory.selectors import piece_by_tag, places, reserved_for, typed_tags
from apps.inventory.selectors.documents import document_by_code, movements_of, origins_of
from apps.inventory.services.losing import find as find_lost
from apps.inventory.services.losing import lose
from apps.inventory.services.reservations import let_go, reserve_for
from apps.inventory.services.retag import MOST_PARTS, join, split
from apps.inventory.stock_forms import FindForm, JoinForm, LoseForm, ReserveForm, SplitForm
from apps.shops.access import MemberRequest, members_only
from apps.shops.approval_forms import ApprovedForm
from apps.shops.approvals import needs_second
from apps.shops.models import Action

_FOUND = 8


@require_http_methods(["GET", "POST"])
@members_only()
def reserve(request: MemberRequest, tag: str) -> HttpResponse:
    """Keep a piece for a customer, who is looked up first: `?search=`, then chosen."""
    piece = piece_by_tag(tag=tag).piece
    search = request.GET.get("search", "").strip()[:100]
    form = ReserveForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            customer = customer_by_id(form.cleaned_data["customer"])
            kept = reserve_for(
                tag=piece.tag,
                customer=customer.pk,
                until=form.day,
                note=form.cleaned_data["note"],
                by=request.member,
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = status_of(refusal)
        else:
            messages.success(
                request,
                _("%(tag)s is kept for %(customer)s.")
                % {"tag": piece.tag, "customer": kept.customer.name},
            )
            return redirect("inventory:piece", piece.tag)
    context = {
        "piece": piece,
        "form": form,
        "search": search,
        "customers": find(search, _FOUND) if search else _chosen(form),
        "chosen": str(form["customer"].value() or ""),
        "kept": reserved_for([piece.pk]).get(piece.pk),
    }
    return render(request, "inventory/reserve.html", context, status=status)


def _chosen(form: ReserveForm) -> list[Any]:
    """Who stood chosen in a form that was refused for something else."""
    pk = form.cleaned_data.get("customer") if form.is_bound else None
    try:
        return [customer_by_id(pk)] if pk else []
    except Refusal:
        return []


@require_POST
@members_only()
def release(request: MemberRequest, tag: str) -> HttpResponse:
    """Let a reserved piece be sold to anybody again."""
    piece = let_go(tag=tag, by=request.member, at=timezone.now())
    messages.success(request, _("%(tag)s is free again.") % {"tag": piece.tag})
    return redirect("inventory:piece", piece.tag)


@require_http_methods(["GET", "POST"])
@members_only()
def write_off(request: MemberRequest) -> HttpResponse:
    """Take pieces out of the stock that are not there; `?tag=` fills them in."""
    form = LoseForm(
        request.POST if request.method == "POST" else None,
        second=_second(request, Action.WRITE_OFF),
        initial={"tags": "\n".join(request.GET.getlist("tag")[:200])},
    )

    def write() -> StockDocument:
        return lose(
            tags=typed_tags(form.cleaned_data["tags"]),
            reason=form.cleaned_data["reason"],
            by=request.member,
            at=timezone.now(),
            key=form.given_key,
            register=request.register,
            approver=form.approved,
        )

    return _answer(request, form, write, "inventory/write_off.html", {"finding": False})


@require_http_methods(["GET", "POST"])
@members_only()
def found(request: MemberRequest) -> HttpResponse:
    """Bring pieces back that were written off; `?tag=` fills them in."""
    form = FindForm(
        request.POST if request.method == "POST" else None,
        places=places(),
        second=_second(request, Action.WRITE_OFF),
        initial={"tags": "\n".join(request.GET.getlist("tag")[:200])},
    )

    def write() -> StockDocument:
        return find_lost(
            tags=typed_tags(form.cleaned_data["tags"]),
            place=form.cleaned_data["place"],
            reason=form.cleaned_data["reason"],
            by=request.member,
            at=timezone.now(),
            key=form.given_key,
            register=request.register,
            approver=form.approved,
        )

    return _answer(request, form, write, "inventory/write_off.html", {"finding": True})


@require_http_methods(["GET", "POST"])
@members_only(*KEEPERS)
def split_piece(request: MemberRequest, tag: str) -> HttpResponse:
    """Make several tags of one; `?parts=` says how many rows the form has."""
    whole = piece_by_tag(tag=tag)
    given = request.GET.get("parts", "")
    rows = int(given) if given.isascii() and given.isdigit() and len(given) < 3 else 2
    form = SplitForm(
        request.POST if request.method == "POST" else None,
        whole=whole,
        rows=rows,
        second=_second(request, Action.WEIGHT),
    )

    def write() -> StockDocument:
        return split(
            tag=whole.piece.tag,
            parts=form.parts,
            reason=form.cleaned_data["reason"],
            by=request.member,
            at=timezone.now(),
            key=form.given_key,
            register=request.register,
            approver=form.approved,
        )

    context = {
        "whole": whole,
        "piece": whole.piece,
        "more": form.row_count + 1 if form.row_count < MOST_PARTS else 0,
        "here": request.get_full_path(),
    }
    return _answer(request, form, write, "inventory/split.html", context)


@require_http_methods(["GET", "POST"])
@members_only(*KEEPERS)
def join_pieces(request: MemberRequest) -> HttpResponse:
    """Make one tag of several; `?tag=` fills them in."""
    form = JoinForm(
        request.POST if request.method == "POST" else None,
        second=_second(request, Action.WEIGHT),
        initial={"tags": "\n".join(request.GET.getlist("tag")[:MOST_PARTS])},
    )

    def write() -> StockDocument:
        return join(
            tags=typed_tags(form.cleaned_data["tags"]),
            tag=form.cleaned_data["tag"],
            name=form.cleaned_data["name"],
            gross_g=form.cleaned_data["gross_g"],
            reason=form.cleaned_data["reason"],
            by=request.member,
            at=timezone.now(),
            key=form.given_key,
            register=request.register,
            approver=form.approved,
        )

    return _answer(request, form, write, "inventory/join.html", {})


@require_safe
@members_only()
def document(request: MemberRequest, code: str) -> HttpResponse:
    """A paper of the stock: what it says, who said yes, and the pieces it moved."""
    found_one = document_by_code(code)
    context = {
        "document": found_one,
        "movements": movements_of(found_one),
        "origins": origins_of(found_one),
        "currency": request.member.shop.currency,
        "sees_cost": request.sees_cost,
    }
    return render(request, "inventory/document.html", context)


def _answer(
    request: MemberRequest,
    form: ApprovedForm,
    write: Callable[[], StockDocument],
    template: str,
    context: dict[str, Any],
) -> HttpResponse:
    """The form again with what is wrong, or the paper that it made."""
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            made = write()
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = status_of(refusal)
        else:
            return redirect("inventory:document", made.code)
    return render(request, template, {"form": form, **context}, status=status)


def _second(request: MemberRequest, action: Action) -> bool:
    return needs_second(action, by=request.member, amount=None, at=timezone.now())
