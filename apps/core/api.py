"""How the API answers: one shape for every "no", whoever says it."""

from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer
from pydantic import Field

from apps.core.errors import Invalid, Refusal
from apps.core.pages import answer


class ProblemOut(Schema):
    """What every answer from 400 on holds."""

    error: str = Field(description="The name of the refusal, stable: PieceNotFound, RateMissing …")
    message: str = Field(description="The sentence a clerk can act on.")
    facts: dict[str, Any] = Field(description="The same facts for programs.")


@dataclass(eq=False)
class ParameterUnknown(Invalid):
    name: str
    known: list[str]

    def __str__(self) -> str:
        return _("%(name)s is no parameter here. There are: %(known)s.") % {
            "name": self.name[:40],
            "known": ", ".join(self.known),
        }


def demand_known(request: HttpRequest, shape: type[Schema]) -> None:
    """Refuse a query parameter that `shape` has not: a misspelt filter would show everything.

    Raises ParameterUnknown.
    """
    for name in request.GET:
        if name not in shape.model_fields:
            raise ParameterUnknown(name=name, known=list(shape.model_fields))


# The answers every door may give, for its `response=`.
PROBLEMS: dict[int, type[ProblemOut]] = dict.fromkeys((400, 401, 403, 413, 422, 503), ProblemOut)


class MemberToken(HttpBearer):
    """The bearer token of a member; ShopScopeMiddleware has looked it up already."""

    openapi_description = "A key made by `manage.py create_api_token`."

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        return getattr(request, "member", None)


def make_api() -> NinjaAPI:
    """The API with its handlers; config.urls adds each app's router."""
    api = NinjaAPI(
        title="jewelry-shop",
        version="1",
        description=(
            "Money and weights are strings: JSON numbers would pass through binary floats. "
            "Every refusal has the same shape: `error`, `message`, `facts`."
        ),
        auth=MemberToken(),
        urls_namespace="api",
    )
    api.add_exception_handler(Refusal, _refused)
    api.add_exception_handler(AuthenticationError, _unknown_caller)
    api.add_exception_handler(ValidationError, _wrong_shape)
    api.add_exception_handler(HttpError, _unreadable)
    return api


def _refused(request: HttpRequest, refusal: Refusal | type[Refusal]) -> HttpResponse:
    assert isinstance(refusal, Refusal)
    if connection.in_atomic_block:
        transaction.set_rollback(True)
    return answer(request, refusal)


def _unknown_caller(request: HttpRequest, _error: Any) -> HttpResponse:
    message = _("The API wants a key: Authorization: Bearer …. Make one with create_api_token.")
    response = _problem(request, 401, "NotSignedIn", message, {})
    response["WWW-Authenticate"] = "Bearer"
    return response


def _wrong_shape(request: HttpRequest, error: Any) -> HttpResponse:
    """422 that names each field by its path in the body."""
    fields = [
        {
            "field": ".".join(str(part) for part in problem["loc"] if part not in _PLACES),
            "message": _reason(problem),
        }
        for problem in error.errors
    ]
    first = fields[0] if fields else {"field": "", "message": ""}
    message = (
        _("%(field)s: %(reason)s.") % {"field": first["field"], "reason": _stop(first["message"])}
        if first["field"]
        else _("%(reason)s.") % {"reason": _stop(first["message"])}
    )
    return _problem(request, 422, "WrongShape", message, {"fields": fields})


_PLACES = ("body", "given", "query", "header")


# What to do about a header that is missing.
_HEADERS: Final = {
    "Idempotency-Key": gettext_lazy(
        "The header is missing. Send a text of your choice: a new one for each write,"
        " the same one again when you repeat it"
    )
}


def _reason(problem: dict[str, Any]) -> str:
    if problem["loc"][0] == "header" and problem["type"] == "missing":
        return str(_HEADERS.get(problem["loc"][-1], _("The header is missing. Send it")))
    return str(problem["msg"]).removeprefix("Value error, ")


def _stop(sentence: str) -> str:
    return sentence.rstrip(".")


def _unreadable(request: HttpRequest, error: Any) -> HttpResponse:
    status = error.status_code
    name = "Unreadable" if status == 400 else "HttpError"
    message = _("The body is no JSON that can be read.") if status == 400 else str(error)
    return _problem(request, status, name, message, {})


def _problem(
    request: HttpRequest, status: int, error: str, message: str, facts: dict[str, Any]
) -> HttpResponse:
    if connection.in_atomic_block:
        transaction.set_rollback(True)
    return JsonResponse({"error": error, "message": message, "facts": facts}, status=status)
