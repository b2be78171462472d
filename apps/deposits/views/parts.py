"""What the doors of this app have in common."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.utils import timezone

from apps.core.errors import Refusal, status_of
from apps.core.units import currency
from apps.customers.cash_forms import PassesCash
from apps.shops.access import MemberRequest
from apps.shops.models import Member

_LONGEST_MARK = 18
Made = TypeVar("Made")


def till_of(request: MemberRequest) -> str:
    """The code of the till one stands at; empty for the shop's first."""
    return request.register.code if request.register else ""


def money_of(request: MemberRequest) -> dict[str, Any]:
    """The shop's currency, for the fields of amounts."""
    code = request.member.shop.currency
    return {"currency": code, "exponent": currency(code).exponent}


def tried(
    form: forms.Form, do: Callable[[], Made], *, by: Member | None = None
) -> tuple[Made | None, int]:
    """Do it if the form is valid; what was made, or None with the status of the answer.

    `by`: where cash passes, whom a limit that warns asks for a reason.
    """
    if not form.is_bound:
        return None, 200
    if not form.is_valid():
        return None, 422
    try:
        return do(), 200
    except Refusal as refusal:
        if by is not None and isinstance(form, PassesCash):
            form.refuse(refusal, by=by, at=timezone.now())
        else:
            form.add_error(None, str(refusal))
        return None, status_of(refusal)


def search_of(request: MemberRequest) -> str:
    return request.GET.get("search", "").strip()[:100]


def mark_of(request: MemberRequest, name: str) -> int | None:
    """A number in the address; None where it is none."""
    text = request.GET.get(name, "")
    fits = text.isascii() and text.isdigit() and len(text) <= _LONGEST_MARK
    return int(text) if fits else None
