"""Where the database is and how its link is secured, from the environment.

Pure: takes a mapping, gives parameters or refuses with a sentence. Two
sources may say the same; two that differ are refused by name, because a
silent winner is how plaintext gets into production.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

PLAINTEXT: Final = frozenset({"disable"})
VERIFYING: Final = frozenset({"verify-full"})
CHAIN_VERIFYING: Final = VERIFYING | {"verify-ca"}
ENCRYPTING: Final = frozenset({"require", "verify-ca", "verify-full"})
SSLMODES: Final = ENCRYPTING | {"disable", "allow", "prefer"}
# How TLS begins: after PostgreSQL's own request for it, or with the first byte (PostgreSQL 17).
NEGOTIATIONS: Final = frozenset({"postgres", "direct"})

# name in the link -> name in the environment
_VARIABLES: Final = {
    "host": "POSTGRES_HOST",
    "port": "POSTGRES_PORT",
    "dbname": "POSTGRES_DB",
    "user": "DB_USER",
    "password": "APP_DB_PASSWORD",
    "sslmode": "DB_SSLMODE",
    "sslrootcert": "DB_SSLROOTCERT",
    "sslcert": "DB_SSLCERT",
    "sslkey": "DB_SSLKEY",
    "sslnegotiation": "DB_SSLNEGOTIATION",
}
_DEFAULTS: Final = {"port": "5432", "dbname": "jewelry_shop", "sslmode": "verify-full"}
_REQUIRED: Final = ("host", "user", "password")
_SCHEMES: Final = ("postgres", "postgresql")
_SIGNS: Final = "Write the signs # / ? [ @ of a password as %23 %2F %3F %5B %40."


class LinkRefused(Exception):
    """The parameters contradict each other, or lack something. Names them; never shows a secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One verified way to the database. `sources` says where each parameter came from."""

    host: str
    port: int
    dbname: str
    user: str
    password: str = field(repr=False)
    sslmode: str
    sslrootcert: str
    sslcert: str
    sslkey: str
    sslnegotiation: str
    pooled: bool
    read_only: bool = False
    sources: Mapping[str, str]

    def to_replica(self, *, host: str, port: int) -> "Link":
        """The same link to a server that follows this one: direct, and for reading alone."""
        return replace(self, host=host, port=port, pooled=False, read_only=True)

    def django(self, *, connect_timeout_seconds: int, conn_max_age_seconds: int) -> dict[str, Any]:
        """The entry of Django's DATABASES.

        Behind a transaction-mode pooler Django keeps no connection of its own
        and opens no server-side cursor: both would outlive the transaction.
        """
        options = {
            "sslmode": self.sslmode,
            "sslrootcert": self.sslrootcert,
            "sslcert": self.sslcert,
            "sslkey": self.sslkey,
            # Else libpq offers the person's own certificate, and stumbles over its key's mode.
            "sslcertmode": "" if self.sslcert else "disable",
            "sslnegotiation": self.sslnegotiation,
            # A name for replicas may lead to a primary, during a failover or with one server alone.
            "options": "-c default_transaction_read_only=on" if self.read_only else "",
            "connect_timeout": connect_timeout_seconds,
            "application_name": "jewelry-shop",
            # A host that vanished without a word is noticed within half a minute.
            "keepalives_idle": 15,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 15_000,  # milliseconds
        }
        return {
            "ENGINE": "apps.core.database.postgresql",
            "HOST": self.host,
            "PORT": self.port,
            "NAME": self.dbname,
            "USER": self.user,
            "PASSWORD": self.password,
            "CONN_MAX_AGE": 0 if self.pooled else conn_max_age_seconds,
            "CONN_HEALTH_CHECKS": True,
            "DISABLE_SERVER_SIDE_CURSORS": self.pooled,
            "POOLED": self.pooled,
            "OPTIONS": {name: value for name, value in options.items() if value != ""},
        }


def link_from(given: Mapping[str, str], *, pooled: bool) -> Link:
    """Read the link from DATABASE_URL and the single variables.

    Raises LinkRefused for a missing parameter, for two sources that disagree,
    and for an unknown sslmode.
    """
    values: dict[str, str] = {}
    sources: dict[str, str] = {}
    for name, value in _from_url(given.get("DATABASE_URL", "")).items():
        values[name], sources[name] = value, "DATABASE_URL"
    for name, variable in _VARIABLES.items():
        value = given.get(variable, "")
        if not value:
            continue
        if name in values and values[name] != value:
            raise LinkRefused(_disagreement(name, variable, values[name], value))
        sources[name] = f"DATABASE_URL and {variable}" if name in values else variable
        values[name] = value
    for name, value in _DEFAULTS.items():
        if name not in values:
            values[name], sources[name] = value, "default"
    for name in _REQUIRED:
        if name not in values:
            raise LinkRefused(
                f"{_VARIABLES[name]} is not set. Set {_VARIABLES[name]}, or {_VARIABLES[name]}_FILE"
                f" to a file that holds it, or name it in DATABASE_URL."
            )
    if values["sslmode"] not in SSLMODES:
        raise LinkRefused(
            f"sslmode {values['sslmode']} ({sources['sslmode']}) is none that libpq knows."
            f" Write verify-full."
        )
    _refuse_negotiation(values, sources)
    verified = values["sslmode"] in VERIFYING
    return Link(
        host=values["host"],
        port=_port(values["port"], sources["port"]),
        dbname=values["dbname"],
        user=values["user"],
        password=values["password"],
        sslmode=values["sslmode"],
        # The system's authorities verify by name only: libpq refuses them in weaker modes.
        sslrootcert=values.get("sslrootcert", "system" if verified else ""),
        sslcert=values.get("sslcert", ""),
        sslkey=values.get("sslkey", ""),
        sslnegotiation=values.get("sslnegotiation", ""),
        pooled=pooled,
        sources=sources,
    )


def demand_verified(link: Link, *, unverified_allowed: bool) -> None:
    """Refuse a link that production must not use.

    Anything weaker than verify-full cannot tell an impostor from the database;
    `unverified_allowed` (DB_ALLOW_UNVERIFIED_TLS=1) says so aloud. Plaintext
    is refused in every case.

    Raises LinkRefused.
    """
    source = link.sources["sslmode"]
    if link.sslmode not in ENCRYPTING:
        raise LinkRefused(
            f"sslmode {link.sslmode} ({source}) lets the database link be plaintext."
            f" Set DB_SSLMODE=verify-full and DB_SSLROOTCERT to the CA file."
        )
    if link.sslmode not in VERIFYING and not unverified_allowed:
        raise LinkRefused(
            f"sslmode {link.sslmode} ({source}) encrypts the database link without checking who"
            f" answers. Set DB_SSLMODE=verify-full and DB_SSLROOTCERT to the CA file; only to"
            f" accept the risk aloud, set DB_ALLOW_UNVERIFIED_TLS=1."
        )


def _refuse_negotiation(values: Mapping[str, str], sources: Mapping[str, str]) -> None:
    given = values.get("sslnegotiation", "postgres")
    if given not in NEGOTIATIONS:
        raise LinkRefused(
            f"sslnegotiation {given} ({sources['sslnegotiation']}) is none that libpq knows."
            f" Write postgres or direct."
        )
    if given == "direct" and values["sslmode"] not in ENCRYPTING:
        raise LinkRefused(
            f"sslnegotiation direct ({sources['sslnegotiation']}) leaves no way to plaintext, and"
            f" sslmode {values['sslmode']} ({sources['sslmode']}) wants one."
            f" Set DB_SSLMODE=verify-full."
        )


def _from_url(url: str) -> dict[str, str]:
    if not url:
        return {}
    try:
        parts = urlsplit(url)
        # Behind a sign that stands for itself the rest of a password looks like a path.
        if parts.fragment or "@" in parts.path + parts.query:
            raise LinkRefused(f"DATABASE_URL does not end after the database. {_SIGNS}")
        port = parts.port
    except ValueError:
        raise LinkRefused(f"The host or the port in DATABASE_URL is none. {_SIGNS}") from None
    if parts.scheme not in _SCHEMES:
        raise LinkRefused(
            "DATABASE_URL is no PostgreSQL address. Write"
            " postgresql://user:password@host:5432/jewelry_shop?sslmode=verify-full."
        )
    found = {
        "host": unquote(parts.hostname or ""),
        "port": str(port or ""),
        "dbname": unquote(parts.path.removeprefix("/")),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
    }
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name not in _VARIABLES:
            raise LinkRefused(f"DATABASE_URL carries {name}, which this program does not pass on.")
        if found.get(name) and found[name] != value:
            raise LinkRefused(f"DATABASE_URL names two different values for {name}. Keep one.")
        found[name] = value
    return {name: value for name, value in found.items() if value}


def _disagreement(name: str, variable: str, in_url: str, in_variable: str) -> str:
    if name == "password":
        return f"DATABASE_URL and {variable} hold different passwords. Keep one of them."
    return (
        f"DATABASE_URL says {name}={in_url} and {variable} says {in_variable}."
        f" Two sources that disagree are refused: remove one of them."
    )


def _port(value: str, source: str) -> int:
    if not value.isascii() or not value.isdigit() or not 0 < int(value) < 65536:
        raise LinkRefused(f"Port {value} ({source}) is none. Write a number from 1 to 65535.")
    return int(value)
