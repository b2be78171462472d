"""The places of the shop: what should lie in each, a new one, and one of them."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.errors import Refusal, status_of
from apps.inventory.forms import PlaceForm
from apps.inventory.models import Piece, Place
from apps.inventory.permissions import KEEPERS, keeps_stock
from apps.inventory.selectors import IN_THE_SHOP, every_place, place_facts, whole_pieces_by_id
from apps.inventory.selectors.lying import custodies_of
from apps.inventory.services.places import (
    PlaceImpossible,
    PlaceNameTaken,
    PlaceUnknown,
    add_place,
    close_place,
    entrust,
    open_again,
    rename_place,
)
from apps.inventory.stock_forms import CustodianForm, PlaceChangeForm
from apps.shops.access import MemberRequest, members_only
from apps.shops.models import Member
from apps.shops.selectors import branches

_MOST_SHOWN = 1000


@require_http_methods(["GET", "POST"])
@members_only(*KEEPERS)
def place_list(request: MemberRequest) -> HttpResponse:
    """Where pieces can lie and what should be there, and the form of one more."""
    known = branches()
    form = PlaceForm(request.POST if request.method == "POST" else None, branches=known)
    if form.is_valid():
        try:
            place = add_place(
                name=form.cleaned_data["name"],
                kind=form.cleaned_data["kind"],
                branch=form.branch,
            )
        except PlaceNameTaken as taken:
            form.add_error("name", str(taken))
        except PlaceImpossible as impossible:
            form.add_error(impossible.field, str(impossible))
        else:
            messages.success(request, _("%(place)s was added.") % {"place": place.name})
            return redirect("inventory:places")
    every = every_place()
    facts = place_facts(every)
    context = {
        "form": form,
        "places": [each for each in facts if each.place.closed_at is None],
        "closed": [each for each in facts if each.place.closed_at is not None],
        "has_branches": len(known) > 1,
    }
    return render(request, "inventory/places.html", context, status=422 if form.is_bound else 200)


@require_safe
@members_only()
def show(request: MemberRequest, place_id: int) -> HttpResponse:
    """One place: how many pieces and grams it should hold, and each of them; it prints."""
    return _page(request, _place(place_id))


@require_POST
@members_only(*KEEPERS)
def change(request: MemberRequest, place_id: int) -> HttpResponse:
    """Rename a place, close it, open it again, or entrust it: `do` says which."""
    place = _place(place_id)
    do, now = request.POST.get("do", ""), timezone.now()
    names = PlaceChangeForm(request.POST if do == "rename" else None, initial=_initial(place))
    who = CustodianForm(request.POST if do == "entrust" else None, members=_members(request))
    try:
        if do == "rename" and names.is_valid():
            rename_place(place=place.pk, **names.cleaned_data)
        elif do == "entrust" and who.is_valid():
            entrust(place=place.pk, to=who.member, by=request.member, at=now)
        elif do == "close":
            close_place(place=place.pk, at=now)
            messages.success(request, _("%(place)s is closed.") % {"place": place.name})
            return redirect("inventory:places")
        elif do == "open":
            open_again(place=place.pk)
        else:
            return _page(request, place, names=names, who=who, status=422)
    except (PlaceNameTaken, PlaceImpossible) as impossible:
        names.add_error("name", str(impossible))
        return _page(request, place, names=names, status=status_of(impossible))
    except Refusal as refusal:
        return _page(request, place, refusal=refusal, status=status_of(refusal))
    messages.success(request, _("Saved."))
    return redirect("inventory:place", place.pk)


def _page(
    request: MemberRequest,
    place: Place,
    *,
    names: PlaceChangeForm | None = None,
    who: CustodianForm | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    (facts,) = place_facts([place])
    lying = Piece.objects.filter(place=place, state__in=IN_THE_SHOP).order_by("tag")
    ids = list(lying.values_list("pk", flat=True)[:_MOST_SHOWN])
    keeper = keeps_stock(request.member)
    context: dict[str, Any] = {
        "place": place,
        "facts": facts,
        "wholes": whole_pieces_by_id(ids=ids),
        "cut": facts.pieces > len(ids),
        "refusal": refusal,
        "keeps_stock": keeper,
        "now": timezone.now(),
    }
    if keeper:
        initial = {"to": facts.custodian.pk if facts.custodian else ""}
        context |= {
            "names": names or PlaceChangeForm(initial=_initial(place)),
            "who": who or CustodianForm(members=_members(request), initial=initial),
            "custodies": custodies_of(place),
        }
    return render(request, "inventory/place.html", context, status=status)


def _place(pk: int) -> Place:
    found = Place.objects.select_related("branch").filter(pk=pk).first()
    if found is None:
        raise PlaceUnknown
    return found


def _initial(place: Place) -> dict[str, str]:
    return {"name": place.name, "kind": place.kind}


def _members(request: MemberRequest) -> list[Member]:
    return list(
        Member.objects.filter(shop=request.member.shop)
        .select_related("user")
        .order_by("user__username")
    )
