"""Take secrets out of a text before anybody sees it. Pure.

Structure first (a URL's password, password=…, a SCRAM verifier, key material), then the very
secrets that are known. Too much is better than too little.
"""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

HIDDEN: Final = "***"
_SHORTEST_SECRET: Final = 4

_SHAPES: Final = (
    # A URL: the password may itself hold an unquoted @, / or :, so up to the last @ of the word.
    (
        re.compile(r"(?P<kept>\b[a-z][a-z0-9+.]{0,20}://[^\s:/@'\"]*:)[^\s'\"]*(?=@)", re.I),
        r"\g<kept>",
    ),
    # password='…', PASSWORD: "…", APP_DB_PASSWORD=…, "password": "…", pwd=…
    (
        re.compile(
            r"(?P<kept>[\"']?\b(?!\w*(?:_FILE|Error|Exception)\b)\w*(?:passw(?:or)?d|passphrase|pwd|secret|token)\w*[\"']?"
            r"\s*(?:=>|[=:])\s*)"
            r"(?:b?'(?:[^'\\]|\\.)*'|b?\"(?:[^\"\\]|\\.)*\"|[^\s,;)}\]]+)",
            re.I,
        ),
        r"\g<kept>",
    ),
    # ALTER ROLE … PASSWORD '…', IDENTIFIED BY '…'
    (re.compile(r"(?P<kept>\b(?:PASSWORD|IDENTIFIED\s+BY)\s+)'(?:[^']|'')*'", re.I), r"\g<kept>"),
    (re.compile(r"(?P<kept>SCRAM-SHA-256\$)\S+"), r"\g<kept>"),
    (re.compile(r"(?P<kept>\bmd5)[0-9a-f]{32}\b"), r"\g<kept>"),
    (
        re.compile(
            r"(?P<kept>-----BEGIN [A-Z ]*PRIVATE KEY-----).*?"
            r"(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
            re.S,
        ),
        r"\g<kept>",
    ),
    # pgbouncer's userlist: "user" "secret"
    (re.compile(r"(?m)^(?P<kept>\s*\"[^\"]*\"\s+)\"[^\"]*\"\s*$"), r"\g<kept>"),
)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without passwords, verifiers and keys; `secrets` go wherever they stand."""
    for secret in sorted(set(secrets), key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            for form in {secret, quote(secret, safe=""), quote(secret), repr(secret)[1:-1]}:
                text = text.replace(form, HIDDEN)
    for shape, kept in _SHAPES:
        text = shape.sub(kept + HIDDEN, text)
    return text
