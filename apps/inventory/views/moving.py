"""Moves: a scanner puts pieces into one place, or pieces that were chosen in a list go there."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from apps.core.errors import Refusal, status_of
from apps.core.formatting import digits
from apps.inventory.models import Movement, MovementKind, Place
from apps.inventory.selectors import places, tags_of, whole_pieces
from apps.inventory.services.moving import move
from apps.inventory.services.places import PlaceUnknown
from apps.inventory.stock_forms import MoveForm
from apps.inventory.views.scanning import heard, refused
from apps.shops.access import MemberRequest, members_only
from apps.shops.days import day_of, start_of

_MOST_ROWS = 100


@require_http_methods(["GET", "POST"])
@members_only()
def move_pieces(request: MemberRequest) -> HttpResponse:
    """`?place=`: the page for a scanner, where each tag that is read goes into that place.

    `?tag=` repeated: pieces that were chosen in a list, with the place still to be chosen.
    """
    chosen = request.POST.getlist("chosen") or request.GET.getlist("tag")
    if chosen:
        return _chosen(request, chosen)
    open_places = places()
    place = _place(request, open_places)
    if request.method == "POST":
        return _scanned(request, place)
    context = {
        "places": open_places,
        "place": place,
        "rows": _moved_today(request, place) if place else [],
    }
    return render(request, "inventory/move.html", context)


def _scanned(request: MemberRequest, place: Place | None) -> HttpResponse:
    tag = request.POST.get("tag", "")
    now = timezone.now()
    try:
        if place is None:
            raise PlaceUnknown
        move(tags=[tag], place=place, by=request.member, at=now)
    except Refusal as refusal:
        return refused(request, refusal, tag=tag)
    back = f"{reverse('inventory:move')}?place={place.pk}"
    context = {"place": place, "rows": _moved_today(request, place)}
    return heard(request, "inventory/_moved.html", context, back=back)


def _chosen(request: MemberRequest, chosen: Sequence[str]) -> HttpResponse:
    tags = tags_of(chosen[:500])
    form = MoveForm(request.POST if request.method == "POST" else None, places=places())
    status = 422 if form.is_bound else 200
    if form.is_valid():
        place: Place = form.cleaned_data["place"]
        try:
            moved = move(
                tags=tags, place=place, by=request.member, at=timezone.now(), seen=form.seen(tags)
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = status_of(refusal)
        else:
            said = ngettext(
                "%(pieces)s piece is in %(place)s.",
                "%(pieces)s pieces are in %(place)s.",
                len(moved),
            ) % {"pieces": digits(len(moved)), "place": place.name}
            messages.success(request, said)
            return redirect("inventory:place", place.pk)
    wholes = whole_pieces(tags=tags)
    return render(
        request, "inventory/move_chosen.html", {"form": form, "wholes": wholes}, status=status
    )


def _place(request: MemberRequest, known: Sequence[Place]) -> Place | None:
    given = request.POST.get("place") or request.GET.get("place", "")
    return next((place for place in known if str(place.pk) == given), None)


def _moved_today(request: MemberRequest, place: Place) -> list[Movement]:
    """What this person put there today, newest first: a page that is loaded anew forgets none."""
    shop = request.member.shop
    since = start_of(shop, day_of(shop, timezone.now()))
    return list(
        Movement.objects.filter(
            kind=MovementKind.MOVED, place=place, moved_by=request.member, moved_at__gte=since
        )
        .select_related("piece")
        .order_by("-pk")[:_MOST_ROWS]
    )
