"""Doors: one's own PIN, and who approved what."""

from allauth.core import ratelimit
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from apps.shops.access import MemberRequest, members_only
from apps.shops.approvals import AT_COST, PinImpossible, set_pin
from apps.shops.forms import PinForm
from apps.shops.models import Action, Role
from apps.shops.selectors import approvals_listed, members_of

APPROVALS_PER_PAGE = 50


@sensitive_post_parameters("password", "pin", "again")
@require_http_methods(["GET", "POST"])
@members_only()
def own_pin(request: MemberRequest) -> HttpResponse:
    """Choose one's own PIN, with the password once more. Nobody ever sees a PIN again."""
    form = PinForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if not ratelimit.consume(request, action="reauthenticate", user=request.user):
            form.add_error("password", _("Too many attempts. Wait a minute, then try again."))
        elif not request.member.user.check_password(form.cleaned_data["password"]):
            form.add_error("password", _("This is not your password. Type it again."))
        else:
            try:
                set_pin(member=request.member, pin=form.cleaned_data["pin"])
            except PinImpossible as impossible:
                form.add_error("pin", str(impossible))
            else:
                messages.success(request, _("Your PIN is set."))
                return redirect("shops:pin")
    context = {"form": form, "has_pin": bool(request.member.pin)}
    return render(request, "shops/pin.html", context, status=422 if form.errors else 200)


@require_safe
@members_only(Role.OWNER, Role.MANAGER)
def approvals(request: MemberRequest) -> HttpResponse:
    """Who did what needs a reason, and who said yes; newest first."""
    action, person = request.GET.get("action", ""), request.GET.get("person", "")
    search, now = request.GET.get("search", ""), timezone.now()
    found = approvals_listed(action=action, person=person, search=search)
    context = {
        "page": Paginator(found, APPROVALS_PER_PAGE).get_page(request.GET.get("page")),
        "action": action if action in Action.values else "",
        "person": person,
        "search": search,
        "actions": Action.choices,
        "members": (members := members_of(request.member.shop)),
        "locked": [one for one in members if one.pin_locked_until and one.pin_locked_until > now],
        "currency": request.member.shop.currency,
        "unseen": () if request.sees_cost else AT_COST,
    }
    template = "shops/_approval_rows.html" if request.htmx else "shops/approvals.html"
    return render(request, template, context)
