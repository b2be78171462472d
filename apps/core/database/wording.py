"""What each known wording means: a pattern, its finding, who says it, how much it tells. Pure.

The first pattern that fits decides, so a narrow one stands before a wide one. Patterns hold to
the fixed words of the message and to its structure, never to names, hosts or ports.
Source: PostgreSQL 10 to 18 (auth.c, postinit.c, fe-connect.c, fe-secure-openssl.c, fe-auth.c),
PgBouncer 1.12 to 1.25 (client.c, objects.c, server.c), psycopg 2.8 to 3.3.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

LIBPQ: Final = "libpq"
POSTGRESQL: Final = "PostgreSQL"
PGBOUNCER: Final = "PgBouncer"
NETWORK: Final = "the network"
DRIVER: Final = "the driver"
OPENSSL: Final = "OpenSSL, through libpq"


class Tells(IntEnum):
    """How near a saying is to the cause; of several the highest counts, and of equals the first."""

    CONSEQUENCE = 0  # of something said before
    NO_WAY = 1  # one address did not work; another may have
    PASSING = 2  # a moment's state, or a symptom with its cause elsewhere
    GENERAL = 3  # one of several causes
    EXACT = 4


@dataclass(frozen=True, slots=True)
class Wording:
    """One known wording."""

    pattern: re.Pattern[str]
    code: str
    by: str
    tells: Tells


def wording(pattern: str, code: str, by: str, tells: Tells = Tells.EXACT) -> Wording:
    return Wording(re.compile(pattern, re.IGNORECASE), code, by, tells)


# Most lines of a log are no errors. One search for a stem that every wording has saves a hundred.
_STEMS: Final = re.compile(
    r"fatal|error|panic|alert|fail|refus|reject|required|closing because|bouncer|server_login"
    r"|\b(?:not|no|cannot|could|without|must|may|too|only)\b|n't|n’t|invalid|expired|denied|unable"
    r"|mismatch|unsupported|unexpected|unsuitable|terminat|closed|reset|timeout|time ?out|timed"
    r"|reserved|crash|aborted|exceed|canceling|limit|lost|weak|small|access|socket|none|revoked|already|missing"
    r"|shutting|starting|read-only|recovery|standby|self|sqlstate|code|wait|econn|_file="
    r"|two sources|different passwords|lets the database|encrypts the database|key values"
    r"|fehl|kein|existiert|échou|aucun|inactif|rejette|lehnt|existe|rechaza|fall|falh|отвер|\bне"
    r"|powiod|失敗|失败|실패|인증|важно|ошибка",
    re.IGNORECASE,
)


def may_tell(text: str) -> bool:
    """Whether a line is worth comparing with the wordings at all."""
    return _STEMS.search(text) is not None
