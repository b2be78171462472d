"""Doors: one's own PIN, who approved what, and who may do what alone."""

from allauth.core import ratelimit
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.errors import NotFound
from apps.shops.access import MemberRequest, members_only
from apps.shops.approvals import PinImpossible, rules_now, set_pin, set_rules, take_pin_away
from apps.shops.forms import PinForm, RulesForm
from apps.shops.models import Action, Member, Role
from apps.shops.selectors import approvals_listed, members_of

APPROVALS_PER_PAGE = 50


class MemberGone(NotFound):
    def __str__(self) -> str:
        return _("This person is not in the shop any more. Look at the list again.")


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
    search = request.GET.get("search", "")
    found = approvals_listed(action=action, person=person, search=search)
    context = {
        "page": Paginator(found, APPROVALS_PER_PAGE).get_page(request.GET.get("page")),
        "action": action if action in Action.values else "",
        "person": person,
        "search": search,
        "actions": Action.choices,
        "members": members_of(request.member.shop),
        "currency": request.member.shop.currency,
    }
    template = "shops/_approval_rows.html" if request.htmx else "shops/approvals.html"
    return render(request, template, context)


@require_http_methods(["GET", "POST"])
@members_only(Role.OWNER)
def approval_rules(request: MemberRequest) -> HttpResponse:
    """Who may ask for what, up to which amount alone; and whose PIN is taken away."""
    now, shop = timezone.now(), request.member.shop
    form = RulesForm(
        request.POST if request.method == "POST" else None,
        rules=rules_now(at=now),
        code=shop.currency,
    )
    if form.is_valid():
        set_rules(form.rules, by=request.member, at=now)
        messages.success(request, _("The rules were kept. They count from now on."))
        return redirect("shops:approval-rules")
    context = {"form": form, "members": members_of(shop), "now": now}
    return render(request, "shops/approval_rules.html", context, status=422 if form.errors else 200)


@require_POST
@members_only(Role.OWNER)
def pin_away(request: MemberRequest, member: int) -> HttpResponse:
    """Take a member's PIN away: they choose a new one before they approve again."""
    try:
        found = take_pin_away(member=member, by=request.member)
    except Member.DoesNotExist:
        raise MemberGone from None
    messages.success(request, _("%(person)s has no PIN now.") % {"person": found.user})
    return redirect("shops:approval-rules")
