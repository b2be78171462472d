"""What pages with a tag box share: what was scanned is a row, what was refused stays visible."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django_htmx.http import reswap, retarget, trigger_client_event

from apps.core.errors import Refusal, status_of
from apps.shops.access import MemberRequest

_SHOWN = 40


def refused(request: MemberRequest, refusal: Refusal, *, tag: str) -> HttpResponse:
    """A tag that was not taken, as a row of `#refused`; only to htmx, else the refusal goes on."""
    if not request.htmx:
        raise refusal
    readable = "".join(sign for sign in tag if sign.isprintable())[:_SHOWN]
    row = {"tag": readable, "reason": str(refusal)}
    response = render(request, "components/refused_row.html", row, status=status_of(refusal))
    response = reswap(retarget(response, "#refused"), "afterbegin")
    return trigger_client_event(response, "piece-refused", {})


def heard(
    request: MemberRequest, template: str, context: dict[str, Any], *, back: str
) -> HttpResponse:
    """A tag that was taken: the parts of the page that changed, out of band; without htmx, the
    page again."""
    if not request.htmx:
        return redirect(back)
    response = HttpResponse(render_to_string(template, context, request=request))
    return trigger_client_event(response, "piece-added", {})
