"""Transfers between branches: the list, a new parcel, one parcel from packing to its end."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.errors import Refusal, status_of
from apps.inventory.models import LineState, Place, Transfer, TransferState
from apps.inventory.papers import transfer_paper
from apps.inventory.selectors import places
from apps.inventory.selectors.transfers import (
    lines_of,
    sums_of,
    transfer_by_id,
    transfers,
)
from apps.inventory.services.places import PlaceUnknown
from apps.inventory.services.transfers import begin, give_up, pack, receive, send, unpack
from apps.inventory.stock_forms import ParcelForm, SendForm
from apps.inventory.views.scanning import heard, refused
from apps.shops.access import MemberRequest, members_only
from apps.shops.approvals import needs_second
from apps.shops.models import Action
from apps.shops.selectors import branches
from apps.till.paper_doors import METHODS, answer_paper, paper_bar


@require_http_methods(["GET", "POST"])
@members_only()
def transfer_list(request: MemberRequest) -> HttpResponse:
    """Parcels, newest first, and the form that begins one."""
    known = branches()
    here = request.register.branch_id if request.register else None
    form = ParcelForm(
        request.POST if request.method == "POST" else None,
        branches=known,
        initial={
            "source": here,
            "target": next((branch.pk for branch in known if branch.pk != here), None),
        },
    )
    status = 422 if form.is_bound else 200
    if form.is_valid():
        source, target = form.ends
        try:
            parcel = begin(
                source=source,
                target=target,
                carrier=form.cleaned_data["carrier"],
                by=request.member,
                at=timezone.now(),
                key=form.given_key,
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = status_of(refusal)
        else:
            return redirect("inventory:transfer", parcel.pk)
    context = {"form": form, "transfers": transfers(), "has_branches": len(known) > 1}
    return render(request, "inventory/transfers.html", context, status=status)


@require_safe
@members_only()
def show(request: MemberRequest, transfer_id: int) -> HttpResponse:
    """One parcel: packed, sent, received; what is missing is named."""
    return _page(request, transfer_by_id(transfer_id))


@require_POST
@members_only()
def add(request: MemberRequest, transfer_id: int) -> HttpResponse:
    """A tag was scanned: packed into a draft, or received from a parcel that was sent."""
    parcel, tag = transfer_by_id(transfer_id), request.POST.get("tag", "")
    try:
        if parcel.state == TransferState.DRAFT:
            pack(transfer=parcel.pk, tags=[tag])
        else:
            receive(
                transfer=parcel.pk,
                tags=[tag],
                place=_place(request),
                by=request.member,
                at=timezone.now(),
                key=f"{request.POST.get('key', '')[:36]}/{tag}"[:80],
            )
    except Refusal as refusal:
        return refused(request, refusal, tag=tag)
    parcel = transfer_by_id(transfer_id)
    here = reverse("inventory:transfer", args=[parcel.pk])
    place = request.POST.get("place", "")
    context = {**_context(request, parcel), "fresh": tag}
    return heard(
        request,
        "inventory/_transfer_heard.html",
        context,
        back=f"{here}?place={place}" if place.isdigit() else here,
    )


@require_POST
@members_only()
def take_out(request: MemberRequest, transfer_id: int) -> HttpResponse:
    """A piece stays here after all."""
    unpack(transfer=transfer_id, tag=request.POST.get("tag", ""))
    return redirect("inventory:transfer", transfer_id)


@require_POST
@members_only()
def send_off(request: MemberRequest, transfer_id: int) -> HttpResponse:
    """Let the parcel go."""
    parcel, now = transfer_by_id(transfer_id), timezone.now()
    form = SendForm(request.POST, second=_second(request))
    status = 422
    if form.is_valid():
        try:
            sent = send(
                transfer=parcel.pk,
                reason=form.cleaned_data["reason"],
                by=request.member,
                at=now,
                register=request.register,
                approver=form.approved,
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = status_of(refusal)
        else:
            messages.success(request, _("%(transfer)s is on the way.") % {"transfer": sent.code})
            return redirect("inventory:transfer", sent.pk)
    return _page(request, parcel, form=form, status=status)


@require_POST
@members_only()
def cancel(request: MemberRequest, transfer_id: int) -> HttpResponse:
    """Give up a parcel that was not sent."""
    give_up(transfer=transfer_id, at=timezone.now())
    messages.success(request, _("The parcel was given up. Its pieces stay where they lie."))
    return redirect("inventory:transfers")


@require_http_methods(METHODS)
@members_only()
def paper(request: MemberRequest, transfer_id: int) -> HttpResponse:
    """The slip that goes with the parcel, with a line for both signatures."""
    parcel = transfer_by_id(transfer_id)
    shop = request.member.shop
    return answer_paper(
        request,
        parcel.code or "transfer",
        lambda: transfer_paper(parcel, lines_of(parcel), shop=shop),
    )


def _page(
    request: MemberRequest,
    parcel: Transfer,
    *,
    form: SendForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = _context(request, parcel)
    if parcel.state == TransferState.DRAFT:
        context["form"] = form or SendForm(second=_second(request))
    elif parcel.code:
        context["bar"] = paper_bar(
            request, reverse("inventory:transfer-paper", args=[parcel.pk]), roll=False
        )
    return render(request, "inventory/transfer.html", context, status=status)


def _context(request: MemberRequest, parcel: Transfer) -> dict[str, Any]:
    lines = lines_of(parcel)
    given = request.POST.get("place") or request.GET.get("place", "")
    arriving = [
        place for place in places() if place.branch_id in (parcel.source_id, parcel.target_id)
    ]
    arriving.sort(key=lambda place: (place.branch_id != parcel.target_id, place.name))
    return {
        "transfer": parcel,
        "lines": lines,
        "sums": sums_of(lines),
        "missing": [line for line in lines if line.state == LineState.SENT],
        "places": arriving if parcel.is_under_way else [],
        "place": next((place for place in arriving if str(place.pk) == given), None),
        "scan_key": SendForm(second=False)["key"].value() if parcel.is_under_way else "",
    }


def _place(request: MemberRequest) -> Place:
    given = request.POST.get("place", "")
    found = (
        Place.objects.filter(pk=int(given)).first()
        if given.isascii() and given.isdigit() and len(given) < 18
        else None
    )
    if found is None:
        raise PlaceUnknown
    return found


def _second(request: MemberRequest) -> bool:
    return needs_second(Action.TRANSFER, by=request.member, amount=None, at=timezone.now())
