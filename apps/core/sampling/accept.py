"""Whether a caller would rather read text than JSON."""

from typing import Final

_READ: Final = 1024
_TEXT: Final = ("text/plain", "text/*", "*/*")
_JSON: Final = ("application/health+json", "application/json", "application/*", "*/*")


def prefers_text(accept: str, *, otherwise: bool) -> bool:
    """By the qualities of an Accept header; `otherwise` when it prefers neither.

    Source: RFC 9110, 12.5.1. Takes any garbage: a range that cannot be read counts for nothing.
    """
    if not accept or accept == "*/*":
        return otherwise
    qualities: dict[str, float] = {}
    for wanted in accept[:_READ].lower().split(","):
        kind, *parameters = (part.strip() for part in wanted.split(";"))
        qualities.setdefault(kind, _quality(parameters))
    text, json = _of(_TEXT, qualities), _of(_JSON, qualities)
    return otherwise if text == json else text > json


def _of(kinds: tuple[str, ...], qualities: dict[str, float]) -> float:
    """That of the most specific range that matches; 0 when none does."""
    return next((qualities[kind] for kind in kinds if kind in qualities), 0.0)


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0
