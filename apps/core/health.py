"""What a probe is answered: from memory, in microseconds, whatever is down.

    /health/live/       can this process run code? asks nobody
    /health/startup/    is the program loaded, and has everything been looked at once?
    /health/ready/      may it be given work?
    /health/detailed/   everything, for those who may know

Anonymous callers read the names of checks and never why. A web server's ways
in are in apps.core.front, the probe port's in apps.core.sampling.port.
Sources: draft-inadarei-api-health-check-06; Kubernetes, "API health endpoints".
"""

import hmac
import json
import threading
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal
from urllib.parse import unquote_plus

from django.conf import settings
from django.http import parse_cookie

from apps.core.operators import has_pass
from apps.core.sampling import detailed, names
from apps.core.sampling.accept import prefers_text
from apps.core.sampling.check import State
from apps.core.sampling.record import Standing
from apps.core.sampling.station import Station
from apps.core.sampling.verdict import fails, warns

JSON_TYPE: Final = "application/health+json"
TEXT_TYPE: Final = "text/plain; charset=utf-8"
RETRY_AFTER_S: Final = 5
# A query says little; what is longer is not read.
_QUERY_READ: Final = 4096
_PARTS_READ: Final = 64
_NAME_SHOWN: Final = 64

_GROUPS: Final[dict[str, Callable[[Station], list[Standing]]]] = {
    "live": Station.live,
    "startup": Station.startup,
    "ready": Station.ready,
}
# Each has an address of its own: /health/ready/database/. Those of startup come and go.
_SINGLE: Final = {
    "live": ("sampler", "workers", "wedged", "loop"),
    "ready": (
        "startup",
        "draining",
        "sampler",
        *dict.fromkeys(name for name in names.WEB + names.WORKER if name != "program"),
    ),
}
# As the users of kubectl know them from the API server.
_TITLES: Final = {"live": "livez", "startup": "startupz", "ready": "readyz"}


@dataclass(frozen=True, slots=True)
class Place:
    """What an address asks about. `check` is empty for all of the group."""

    path: str
    group: str
    check: str = ""


def _places() -> dict[str, Place]:
    places = [Place(f"/health/{group}/", group) for group in (*_GROUPS, "detailed")]
    places += [
        Place(f"/health/{group}/{check}/", group, check)
        for group, checks in _SINGLE.items()
        for check in checks
    ]
    # Answered without the final slash as well: to a kubelet, a redirect is a success.
    return {path: place for place in places for path in (place.path, place.path.rstrip("/"))}


PLACES: Final = _places()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One probe. `loopback`: asked by this machine itself, with nobody in between."""

    method: str
    path: str
    query: str = ""
    accept: str = ""
    authorization: str = ""
    cookies: str = ""
    loopback: bool = False
    port: Literal["site", "probe"] = "site"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The response. `headers` is complete, Content-Length included."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


def answer(question: Question, station: Station) -> Answer:
    """Answer a probe: 200 for pass and warn, 503 for fail, never 500."""
    place = PLACES.get(question.path)
    if place is None:
        return empty(404)
    if question.method not in ("GET", "HEAD"):
        return empty(405, ("Allow", "GET, HEAD"))
    if place.group == "detailed":
        full = _detailed(question, station)
    else:
        full = _of_group(place, question, station)
    return replace(full, body=b"") if question.method == "HEAD" else full


def answered(question: Question, station: Station) -> Answer:
    """Answer a probe, and count it."""
    given = answer(question, station)
    if place := PLACES.get(question.path):
        count(station, place.path, given.status)
    return given


def count(station: Station, path: str, status: int) -> None:
    """One more answer at this address."""
    with _counting:
        station.probes[path, status] += 1


_counting: Final = threading.Lock()


def may_know(question: Question) -> bool:
    """Whether reasons may be told: to the token's bearer, an operator, this machine itself."""
    if question.port == "probe" and question.loopback:
        return True
    token: str = settings.HEALTH["TOKEN"]
    scheme, _, given = question.authorization.partition(" ")
    # As bytes: strings are compared in constant time only if they are ASCII.
    if (
        token
        and scheme.lower() == "bearer"
        and hmac.compare_digest(given.strip().encode("utf-8", "replace"), token.encode())
    ):
        return True
    return bool(question.cookies) and has_pass(parse_cookie(question.cookies))


def full_answer(status: int, content_type: str, body: bytes) -> Answer:
    """An answer with a body. 503 says when to come again."""
    return Answer(
        status=status,
        headers=(
            ("Content-Type", content_type),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            *((("Retry-After", str(RETRY_AFTER_S)),) if status == 503 else ()),
        ),
        body=body,
    )


def empty(status: int, *headers: tuple[str, str]) -> Answer:
    """An answer without a body."""
    nothing = (("Content-Type", TEXT_TYPE), ("Content-Length", "0"))
    return Answer(
        status=status,
        headers=(*(nothing if status != 204 else ()), ("Cache-Control", "no-store"), *headers),
    )


def _of_group(place: Place, question: Question, station: Station) -> Answer:
    standings = _GROUPS[place.group](station)
    if place.check:
        standings = [one for one in standings if one.name == place.check]
        if not standings:
            return empty(404)
    verbose, excluded = _asked_for(question.query)
    looked_at = [one for one in standings if one.name not in excluded]
    failing = tuple(one.name for one in looked_at if fails(one))
    status = 503 if failing else 200
    if not prefers_text(question.accept, otherwise=verbose):
        return _short(status, failing, tuple(one.name for one in looked_at if warns(one)))
    if not failing and not verbose:
        return full_answer(status, TEXT_TYPE, b"ok\n")
    lines = _lines(standings, excluded, with_words=may_know(question))
    end = f"{_TITLES[place.group]} check {'failed' if failing else 'passed'}"
    return full_answer(status, TEXT_TYPE, "\n".join([*lines, end, ""]).encode())


@lru_cache(maxsize=256)
def _short(status: int, failing: tuple[str, ...], warnings: tuple[str, ...]) -> Answer:
    state = State.FAIL if failing else State.WARN if warnings else State.PASS
    body: dict[str, object] = {"status": state}
    if failing:
        body["failing"] = failing
    if warnings:
        body["warnings"] = warnings
    return full_answer(status, JSON_TYPE, json.dumps(body, separators=(",", ":")).encode())


def _lines(standings: Sequence[Standing], excluded: Set[str], *, with_words: bool) -> Iterator[str]:
    """What `?verbose` shows, as the API server does."""
    for one in standings:
        reason = one.word if with_words else "reason withheld"
        if one.name in excluded:
            yield f"[+]{one.name} excluded: ok"
        elif fails(one):
            yield f"[-]{one.name} failed: {reason}"
        elif warns(one):
            yield f"[~]{one.name} degraded: {reason}"
        else:
            yield f"[+]{one.name} ok"
    if unknown := sorted(excluded - {one.name for one in standings}):
        named = ", ".join(json.dumps(name[:_NAME_SHOWN]) for name in unknown)
        yield f"warn: some health checks cannot be excluded: no matches for {named}"


def _asked_for(query: str) -> tuple[bool, frozenset[str]]:
    """Whether all lines are wanted, and which checks are to be left out. Takes any garbage."""
    if not query:
        return False, frozenset()
    verbose, excluded = False, set()
    for part in query[:_QUERY_READ].split("&")[:_PARTS_READ]:
        key, _, value = part.partition("=")
        if key == "verbose":
            verbose = value.lower() not in ("0", "false", "no")
        elif key == "exclude" and value:
            excluded.add(unquote_plus(value, errors="replace"))
    return verbose, frozenset(excluded)


def _detailed(question: Question, station: Station) -> Answer:
    if not may_know(question):
        return empty(401, ("WWW-Authenticate", "Bearer"))
    body = detailed.body(
        station,
        groups={name: standings(station) for name, standings in _GROUPS.items()},
        release=settings.HEALTH["RELEASE"],
    )
    status = 503 if body["status"] == State.FAIL else 200
    return full_answer(status, JSON_TYPE, json.dumps(body, ensure_ascii=False).encode())
