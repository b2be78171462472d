"""For a text that is not known: which stages speak of the same things. Pure, and no verdict."""

import re
from typing import Final

from apps.core.database.findings import FINDINGS, STAGES

_MOST: Final = 3
_WORD: Final = re.compile(r"[a-z][a-z0-9_]{2,}")
# Words of the trade that a stage's messages use; beside them, those of its findings count a little.
_TRADE: Final = {
    "parameters": "option parameter dsn uri invalid conninfo service",
    "dns": "dns resolve resolver hostname getaddrinfo nxdomain translate lookup name",
    "tcp": "connect connection refused timeout timed unreachable route socket port reset network",
    "tls-offered": "ssl tls encryption encrypted plaintext starttls negotiation",
    "chain": "certificate cert x509 handshake issuer verify chain authority expired openssl ca",
    "name": "hostname subjectaltname san altname mismatch certificate",
    "authentication": "password authentication auth login scram sasl md5 credentials user gssapi",
    "hba": "pg_hba hba reject entry",
    "database": "database catalog connect privilege",
    "role": "role permission denied privilege owner superuser grant",
    "rls": "policy row security rls",
    "primary": "standby recovery failover replica read_only primary terminating shutting",
    "pooler": "pgbouncer pooler pool bouncer prepared startup",
    "schema": "relation table column migration schema",
    "budget": "clients connections slots limit exceeded max_connections",
}


def nearest_stages(text: str) -> tuple[str, ...]:
    """At most three stages whose words stand in the text, the nearest first; empty if none do."""
    words = set(_WORD.findall(text.lower()))
    scored = [
        (10 * len(words & set(_TRADE.get(stage, "").split())) + _shared(words, stage), stage)
        for stage in STAGES
    ]
    near = sorted((pair for pair in scored if pair[0] >= 10), key=lambda pair: -pair[0])
    return tuple(stage for _, stage in near[:_MOST])


def _shared(words: set[str], stage: str) -> int:
    said = " ".join(one.saw for one in FINDINGS.values() if one.stage == stage).lower()
    return min(9, len({word for word in words if len(word) > 4} & set(_WORD.findall(said))))
