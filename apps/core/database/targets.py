"""Which links there are to look at: the configured one, and those beside it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from apps.core.database.look import Expect
from apps.core.database.params import Link, LinkRefused, link_from

CONFIGURED: Final = "configured"
DIRECT: Final = "direct"
POOLER: Final = "pooler"
REPLICA: Final = "replica"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What the environment says about the database.

    `beside` has host and port of the links that are not the configured one; "" where not given.
    """

    environment: Mapping[str, str] = field(repr=False)
    pooled: bool
    beside: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A link, the name it goes by, and which server should be at its end."""

    name: str
    link: Link
    expect: Expect


def configured(sources: Sources) -> Target:
    """The link the program itself uses. Raises LinkRefused."""
    link = link_from(sources.environment, pooled=sources.pooled)
    return Target(name=CONFIGURED, link=link, expect=Expect.PRIMARY)


def from_url(sources: Sources, url: str) -> Target:
    """The link a URL names.

    A password may be left out of it: then it is the environment's, which keeps it out of the
    list of processes; and so is the CA file. Nothing else is taken over. Raises LinkRefused.
    """
    given = {"DATABASE_URL": url}
    for name, variable in (("password", "APP_DB_PASSWORD"), ("sslrootcert", "DB_SSLROOTCERT")):
        value = sources.environment.get(variable, "")
        if value and not _names(url, name):
            given[variable] = value
    return Target(name="url", link=link_from(given, pooled=sources.pooled), expect=Expect.PRIMARY)


def everyone(sources: Sources) -> list[Target]:
    """Direct, pooler and replica, as far as they are named. Raises LinkRefused."""
    first = configured(sources)
    own = POOLER if sources.pooled else DIRECT
    targets = [Target(name=own, link=first.link, expect=Expect.PRIMARY)]
    for name in (DIRECT, POOLER, REPLICA):
        host, port = sources.beside.get(name, ("", ""))
        if name == own or not host:
            continue
        targets.append(
            Target(
                name=name,
                link=replace(
                    first.link,
                    host=host,
                    port=_port(name, port) if port else first.link.port,
                    pooled=name == POOLER,
                    sources={**first.link.sources, "host": f"DB_{name.upper()}_HOST"},
                ),
                expect=Expect.REPLICA if name == REPLICA else Expect.PRIMARY,
            )
        )
    return sorted(targets, key=lambda target: (DIRECT, POOLER, REPLICA).index(target.name))


def _names(url: str, name: str) -> bool:
    """Whether the URL itself gives this parameter."""
    head, _, query = url.partition("?")
    if name == "password":
        user, at, _ = head.partition("://")[2].rpartition("@")
        return bool(at) and ":" in user
    return f"{name}=" in query


def _port(name: str, value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 0 < int(value) < 65536:
        raise LinkRefused(f"DB_{name.upper()}_PORT is no port. Write a number from 1 to 65535.")
    return int(value)
