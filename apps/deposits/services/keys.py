"""Requests that come twice: the first one's answer, or the refusal of another under its key."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from hashlib import sha256
from typing import Any, Protocol, TypeVar

from apps.core.constraints import refuse_on
from apps.deposits.refusals import KeyUsed


def digest_of(*words: Any) -> str:
    """The same for the same request."""
    return sha256(json.dumps(words, default=_word).encode()).hexdigest()


def _word(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value.normalize()) if value.is_finite() else str(value)
    return str(value)


class Keyed(Protocol):
    request_digest: str


Made = TypeVar("Made", bound=Keyed)


def same_request(found: Made | None, *, key: str, digest: str, number: str) -> Made | None:
    """What this key made before. Raises KeyUsed when that was another request's."""
    if found is not None and found.request_digest != digest:
        raise KeyUsed(key=key, number=number)
    return found


@contextmanager
def refuse_taken(key: str, *constraints: str) -> Iterator[None]:
    """Refuse where another request took the key at this moment. Raises KeyUsed."""
    with refuse_on({name: KeyUsed(key=key, number="") for name in constraints}):
        yield
