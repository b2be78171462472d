"""The places of the shop, and a new one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.inventory.forms import PlaceForm
from apps.inventory.permissions import KEEPERS
from apps.inventory.selectors import places
from apps.inventory.services.places import PlaceImpossible, PlaceNameTaken, add_place
from apps.shops.access import MemberRequest, members_only
from apps.shops.selectors import branches


@require_http_methods(["GET", "POST"])
@members_only(*KEEPERS)
def place_list(request: MemberRequest) -> HttpResponse:
    """Where pieces can lie, by branch and name, and the form of one more."""
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
    context = {"form": form, "places": places(), "has_branches": len(known) > 1}
    return render(request, "inventory/places.html", context, status=422 if form.is_bound else 200)
