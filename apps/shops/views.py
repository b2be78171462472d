"""Doors: choosing the shop and the till one works at."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from apps.shops import identity
from apps.shops.access import MemberRequest, members_only


@require_POST
@members_only()
def switch(request: MemberRequest) -> HttpResponse:
    """Work in another of one's shops from now on."""
    response = redirect("home")
    wanted = request.POST.get("shop", "")
    if any(str(member.shop_id) == wanted for member in request.shops):
        identity.remember(request, response, identity.SHOP_KEY, int(wanted))
        request.session.pop(identity.REGISTER_KEY, None)
        response.delete_cookie(identity.REGISTER_KEY)
    return response


@require_POST
@members_only()
def choose_register(request: MemberRequest) -> HttpResponse:
    """Stand at another till of the shop from now on."""
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    response = redirect(back if safe else "home")
    wanted = request.POST.get("register", "")
    if any(str(register.pk) == wanted for register in request.registers):
        identity.remember(request, response, identity.REGISTER_KEY, int(wanted))
    return response
