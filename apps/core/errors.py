"""Refusals: what a user of the shop can cause and can mend.

Everything else that goes wrong is a bug and stays a plain Python exception,
so that it reaches the log with its traceback.
"""

from typing import Any


class Refusal(Exception):
    """An expected "no", written so that it can be shown to the user as it is.

    `__str__` says what was refused, the fact that refused it, and what to do
    next; it is a method, so that it speaks the reader's language. The fields
    carry the same facts for the API.
    """

    def facts(self) -> dict[str, Any]:
        """The fields, as JSON can carry them: numbers as strings."""
        return {name: _plain(value) for name, value in vars(self).items()}


class NotFound(Refusal):
    """The thing named is not in this shop."""


class Conflict(Refusal):
    """The state of things does not allow it now."""


class Invalid(Refusal):
    """A value that was given cannot be used."""


class Forbidden(Refusal):
    """This person may not do it."""


class TooLarge(Refusal):
    """More was sent than is taken."""


class Unavailable(Refusal):
    """Something we depend on does not answer; the same call may work later."""


# One table for all doors: pages and API answer a refusal with the same status.
STATUS: dict[type[Refusal], int] = {
    NotFound: 404,
    Conflict: 409,
    Invalid: 422,
    Forbidden: 403,
    TooLarge: 413,
    Unavailable: 503,
}


def status_of(refusal: Refusal) -> int:
    """The HTTP status of the refusal's kind."""
    return next(status for kind, status in STATUS.items() if isinstance(refusal, kind))


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return str(value)
