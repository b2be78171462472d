"""The reader of a page: in which language, digits, calendar and unit of money it is written."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from apps.core.reading import Reading, in_units, on_paper, read_as
from apps.users.models import MoneyUnit, User

# Addresses of what leaves the shop; it is in the currency of the books, whoever prints it.
_PAPERS: Final = (".pdf", ".csv", ".xlsx", ".zpl", ".escpos")


class ReadingMiddleware:
    """Write a request's page as its reader wishes.

    Stands inside the shop's scope and asks the database nothing: who reads is known by then, or
    is a stranger, who reads by the language of the browser. The API is for programs and is left
    as it is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = _known_reader(request)
        if user is None or request.path.startswith("/api/"):
            return self.get_response(request)
        with translation.override(user.language) if user.language else nullcontext():
            language = translation.get_language() or "en"
            request.LANGUAGE_CODE = language
            member = getattr(request, "member", None)
            home = member.shop.currency if member is not None else ""
            wanted = reading_of(user, language=language, home=home)
            with on_paper() if request.path.endswith(_PAPERS) else read_as(wanted):
                response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


def reading_of(user: User, *, language: str, home: str) -> Reading:
    """What the user chose, and for money what people who speak the language say."""
    unit = user.money_unit or (MoneyUnit.TOMAN if language.startswith("fa") else MoneyUnit.RIAL)
    return Reading(
        digits=user.digits,
        calendar=user.calendar,
        home=home,
        units=in_units(unit, on=timezone.localdate()),
    )


def _known_reader(request: HttpRequest) -> User | None:
    """Who is signed in, if somebody asked already: the database may be away by now."""
    member = getattr(request, "member", None)
    user = member.user if member is not None else getattr(request, "_cached_user", None)
    return user if isinstance(user, User) else None
