"""What HEALTH_* and DRAIN_SECONDS say, and what they may not say.

No value is repeated in a refusal: one of them is a secret.
"""

import ipaddress
import math
import os
from typing import Final, TypedDict

from django.core.exceptions import ImproperlyConfigured

from apps.core.sampling import names
from config import env

TOKEN_AT_LEAST: Final = 32
_RELEASE_AT_MOST: Final = 100
# More is a slip, such as milliseconds: a server that nobody gets back, or that does not end.
_SPREAD_AT_MOST_S: Final = 300.0
_DRAIN_AT_MOST_S: Final = 3600.0


class Health(TypedDict):
    """The setting HEALTH: each key is a variable without `HEALTH_`, in its unit."""

    BIND: str
    PORT: int
    TOKEN: str
    DATABASE_GATE: str
    CHECKS_OFF: frozenset[str]
    RETURN_SPREAD_SECONDS: float
    WEDGED_AFTER_MINUTES: float
    DRAIN_SECONDS: float
    RELEASE: str


def health() -> Health:
    """The setting HEALTH, as the environment has it. Raises ImproperlyConfigured."""
    return Health(
        BIND=_bind(env.text("HEALTH_BIND", "127.0.0.1")),
        PORT=_port(env.number("HEALTH_PORT", 8081)),
        TOKEN=_token(env.text("HEALTH_TOKEN", "")),
        DATABASE_GATE=_gate(env.text("HEALTH_DATABASE_GATE", "fail")),
        CHECKS_OFF=_off(env.words("HEALTH_CHECKS_OFF", "")),
        RETURN_SPREAD_SECONDS=_time(
            "HEALTH_RETURN_SPREAD_SECONDS",
            env.text("HEALTH_RETURN_SPREAD_SECONDS", "0"),
            at_most=_SPREAD_AT_MOST_S,
        ),
        WEDGED_AFTER_MINUTES=_time(
            "HEALTH_WEDGED_AFTER_MINUTES", env.text("HEALTH_WEDGED_AFTER_MINUTES", "0")
        ),
        DRAIN_SECONDS=_time(
            "DRAIN_SECONDS", env.text("DRAIN_SECONDS", "0"), at_most=_DRAIN_AT_MOST_S
        ),
        RELEASE=_release(env.text("HEALTH_RELEASE", "")),
    )


def _bind(given: str) -> str:
    try:
        return str(ipaddress.ip_address(given.strip("[]")))
    except ValueError:
        raise _refused(
            "HEALTH_BIND",
            "is not an address",
            "Write 127.0.0.1, or 0.0.0.0 where a kubelet asks from outside",
        ) from None


def _port(given: int) -> int:
    if not 1 <= given <= 65535:
        raise _refused("HEALTH_PORT", "is not a port", "Choose a number from 1 to 65535")
    if str(given) == os.environ.get("PORT", "8000").strip():
        raise _refused(
            "HEALTH_PORT",
            "is the port of the site (PORT)",
            "Choose another: probes have a port of their own, which answers while the site is busy",
        )
    return given


def _token(given: str) -> str:
    if not given:
        return ""
    if len(given) < TOKEN_AT_LEAST:
        raise _refused(
            "HEALTH_TOKEN",
            f"is shorter than {TOKEN_AT_LEAST} characters",
            "Make one with `python -c 'import secrets; print(secrets.token_urlsafe(32))'`",
        )
    if not all("!" <= sign <= "~" for sign in given):
        raise _refused(
            "HEALTH_TOKEN",
            "has a space in it, or a sign that no header carries",
            "Make one with `python -c 'import secrets; print(secrets.token_urlsafe(32))'`",
        )
    return given


def _gate(given: str) -> str:
    if given not in ("fail", "warn"):
        raise _refused(
            "HEALTH_DATABASE_GATE",
            "is neither fail nor warn",
            "Write fail for a site that leaves the load balancer with its database, else warn",
        )
    return given


def _off(given: list[str]) -> frozenset[str]:
    off = frozenset(given)
    if kept := off & names.ALWAYS_ON:
        raise _refused(
            "HEALTH_CHECKS_OFF",
            f"names {', '.join(sorted(kept))}, without which nothing can be called ready",
            "Take it out",
        )
    if off - names.MAY_BE_OFF:
        raise _refused(
            "HEALTH_CHECKS_OFF",
            "names a check that does not exist",
            f"Choose from {', '.join(sorted(names.MAY_BE_OFF))}",
        )
    return off


def _time(name: str, given: str, *, at_most: float = math.inf) -> float:
    try:
        time = float(given)
    except ValueError:
        time = math.nan
    if not 0 <= time < math.inf:  # nan is neither
        raise _refused(name, "is not a time", "Write a number, 0 or more")
    if time > at_most:
        raise _refused(name, f"is more than {at_most:g}", "Write fewer; it counts seconds")
    return time


def _release(given: str) -> str:
    if len(given) > _RELEASE_AT_MOST or not given.isprintable():
        raise _refused(
            "HEALTH_RELEASE",
            f"is longer than {_RELEASE_AT_MOST} characters, or has signs that cannot be printed",
            "Write a tag or a commit",
        )
    return given


def _refused(name: str, fact: str, what_to_do: str) -> ImproperlyConfigured:
    page = f"see docs/reference/settings.md#{name.lower()}."
    return ImproperlyConfigured(f"{name} {fact}. {what_to_do}; {page}")
