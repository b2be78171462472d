"""Doors of the counter: its page, and pieces that come on and go off."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from apps.core.errors import Refusal
from apps.sales.services.counter import put_back, put_on, take_off
from apps.sales.views.parts import Shown, changed, done, kind_of, refuse_tag, show, till
from apps.shops.access import MemberRequest, members_only


@require_safe
@members_only()
@never_cache
def counter(request: MemberRequest) -> HttpResponse:
    """The sale at this till; `?pay=card` has the card chosen, `?number=` names the slip."""
    return show(request, Shown(pay=kind_of(request), instrument=request.GET.get("number", "")[:60]))


@require_POST
@members_only()
def line_add(request: MemberRequest) -> HttpResponse:
    """Put a scanned or typed tag on the sale."""
    tag = request.POST.get("tag", "").strip()
    if not tag:
        return done(request)
    known = request.POST.get("idempotency_key", "")
    try:
        line = put_on(
            tag=tag,
            register=till(request),
            by=request.member,
            at=timezone.now(),
            after=int(known) if known.isascii() and known.isdigit() and len(known) < 19 else None,
        )
    except Refusal as refusal:
        return refuse_tag(request, refusal, tag=getattr(refusal, "tag", tag))
    response = done(request, Shown(fresh=line.pk))
    return trigger_client_event(response, "piece-added", {}) if request.htmx else response


@require_POST
@members_only()
def line_remove(request: MemberRequest, line: int) -> HttpResponse:
    """Take a piece off the sale; its row stays and offers to undo it."""
    return changed(request, lambda: take_off(line=line, register=till(request)))


@require_POST
@members_only()
def line_restore(request: MemberRequest, line: int) -> HttpResponse:
    """Put a piece back that was taken off."""
    return changed(
        request,
        lambda: put_back(line=line, register=till(request), by=request.member, at=timezone.now()),
    )
