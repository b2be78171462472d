"""Doors: who works in the shop, and who may do what."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.errors import Refusal
from apps.shops.access import MemberRequest, members_only
from apps.shops.approvals import rules_now, set_rules, take_pin_away
from apps.shops.forms import HoursForm, PermissionsForm, PersonForm, RoleForm
from apps.shops.hours import hours_at, set_hours
from apps.shops.models import Member, Role
from apps.shops.people import MemberGone, change_role, let_go, revoke_token, take_on
from apps.shops.selectors import members_of, rule_versions, tokens_of
from apps.users.services import PersonImpossible


@require_safe
@members_only(Role.OWNER, Role.MANAGER)
def people(request: MemberRequest) -> HttpResponse:
    """Who works here, as what; whose keys open the API; who was let go."""
    return _people(request)


@sensitive_post_parameters("password")
@require_POST
@members_only(Role.OWNER)
def person_new(request: MemberRequest) -> HttpResponse:
    """Give a person a place in the shop."""
    form = PersonForm(request.POST)
    if not form.is_valid():
        return _people(request, form, status=422)
    said = form.cleaned_data
    try:
        member = take_on(
            username=said["username"],
            name=said["name"].strip(),
            password=lambda: said["password"],
            role=Role(said["role"]),
            by=request.member,
        )
    except PersonImpossible as impossible:
        form.add_error("password" if not said["password"] else None, str(impossible))
        return _people(request, form, status=422)
    except Refusal as refusal:
        form.add_error("username", str(refusal))
        return _people(request, form, status=422)
    messages.success(
        request,
        _("%(person)s works here now as %(role)s.")
        % {"person": member.user, "role": member.get_role_display()},
    )
    return redirect("shops:people")


@require_POST
@members_only(Role.OWNER)
def person_role(request: MemberRequest, member: int) -> HttpResponse:
    """Change what a person is; it counts from their next request."""
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _people(request, status=422)

    def act() -> str:
        found = change_role(member=member, role=Role(form.cleaned_data["role"]), by=request.member)
        return _("%(person)s is %(role)s from now on.") % {
            "person": found.user,
            "role": found.get_role_display(),
        }

    return _done(request, act)


@require_POST
@members_only(Role.OWNER)
def person_go(request: MemberRequest, member: int) -> HttpResponse:
    """End a person's work in the shop."""

    def act() -> str:
        found = let_go(member=member, by=request.member, at=timezone.now())
        return _("%(person)s works here no more. Their sessions and keys open nothing now.") % {
            "person": found.user
        }

    return _done(request, act)


@require_POST
@members_only(Role.OWNER)
def token_away(request: MemberRequest, token: int) -> HttpResponse:
    """Revoke a key to the API."""

    def act() -> str:
        found = revoke_token(token=token, by=request.member, at=timezone.now())
        return _("A key of %(person)s opens nothing now.") % {"person": found.member.user}

    return _done(request, act)


@require_POST
@members_only(Role.OWNER)
def pin_away(request: MemberRequest, member: int) -> HttpResponse:
    """Take a member's PIN away: they choose a new one before they approve again."""

    def act() -> str:
        try:
            found = take_pin_away(member=member, by=request.member)
        except Member.DoesNotExist:
            raise MemberGone from None
        return _("%(person)s has no PIN now.") % {"person": found.user}

    return _done(request, act)


@require_http_methods(["GET", "POST"])
@members_only(Role.OWNER)
def permissions(request: MemberRequest) -> HttpResponse:
    """The table: what, by whom, up to which amount alone; and what it was before."""
    now = timezone.now()
    form = PermissionsForm(
        request.POST if request.method == "POST" else None,
        rules=rules_now(at=now),
        code=request.member.shop.currency,
    )
    if form.is_valid():
        if form.changed:
            set_rules(form.changed, by=request.member, at=now)
        messages.success(request, _("The rules were kept. They count from now on."))
        return redirect("shops:permissions")
    return _permissions(request, form, _hours_form(), status=422 if form.errors else 200)


@require_POST
@members_only(Role.OWNER)
def hours(request: MemberRequest) -> HttpResponse:
    """When the shop works."""
    now = timezone.now()
    form = HoursForm(request.POST)
    if form.is_valid():
        set_hours(form.hours, by=request.member, at=now)
        messages.success(request, _("The hours were kept. They count from now on."))
        return redirect("shops:permissions")
    table = PermissionsForm(rules=rules_now(at=now), code=request.member.shop.currency)
    return _permissions(request, table, form, status=422)


def _hours_form() -> HoursForm:
    said = hours_at(timezone.now())
    return HoursForm(initial={"since": said.since, "until": said.until} if said else None)


def _permissions(
    request: MemberRequest, form: PermissionsForm, hours_form: HoursForm, *, status: int
) -> HttpResponse:
    context = {
        "form": form,
        "hours_form": hours_form,
        "roles": [label for value, label in Role.choices if value != Role.OWNER],
        "versions": rule_versions(),
        "currency": request.member.shop.currency,
    }
    return render(request, "shops/permissions.html", context, status=status)


def _people(
    request: MemberRequest,
    form: PersonForm | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    everybody = members_of(request.member.shop)
    context: dict[str, Any] = {
        "form": form or PersonForm(),
        "staff": [member for member in everybody if member.let_go_at is None],
        "gone": [member for member in everybody if member.let_go_at is not None],
        "tokens": tokens_of(request.member.shop),
        "roles": Role.choices,
        "now": timezone.now(),
        "decides": request.member.role == Role.OWNER,
    }
    return render(request, "shops/people.html", context, status=status)


def _done(request: MemberRequest, act: Callable[[], str]) -> HttpResponse:
    """Say what was done; a refusal has its own page, as everywhere."""
    messages.success(request, act())
    return redirect("shops:people")
