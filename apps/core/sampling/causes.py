"""From what a look raised to a word for everybody, a finding for operators, and what was said.

The findings are the doctor's (apps.core.database.findings), so a probe, a log
line and a runbook name one cause by one code.
"""

import errno
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import psycopg

from apps.core.database.explain import explain_failure
from apps.core.database.findings import FINDINGS, UNKNOWN
from apps.core.database.redact import redact
from apps.core.sampling.check import Observation, Reading, State
from apps.core.sampling.link import Away
from apps.core.sampling.waiting import Late, Phase

_LONGEST_SAID: Final = 500

_BY_PHASE: Final = {
    Phase.TURN: ("timeout", ""),
    Phase.RESOLVING: ("dns", "dns.slow"),
    Phase.CONNECTING: ("timeout", "tcp.timeout"),
    Phase.SECURING: ("timeout", "tls.silent"),
    Phase.LOGIN: ("timeout", "auth.no-answer"),
    Phase.ANSWER: ("timeout", "tcp.timeout"),
}
# By what stands before the dot; then those that are told otherwise.
_BY_STAGE: Final = {
    "auth": "auth",
    "budget": "refused",
    "clock": "error",
    "database": "refused",
    "dns": "dns",
    "doctor": "error",
    "hba": "auth",
    "params": "error",
    "pooler": "error",
    "rls": "unbound",
    "role": "unbound",
    "schema": "pending",
    "session": "error",
    "tcp": "unreachable",
    "tls": "tls",
    "unknown": "error",
}
_BY_FINDING: Final = {
    "auth.no-answer": "timeout",
    "database.no-connect": "auth",
    "params.client-key-missing": "tls",
    "params.client-key-mismatch": "tls",
    "params.client-key-mode": "tls",
    "params.no-host-name": "tls",
    "params.root-file-missing": "tls",
    "params.root-file-unreadable": "tls",
    "params.secret-file": "auth",
    "params.system-roots": "tls",
    "pooler.client-login-timeout": "timeout",
    "pooler.full": "pool",
    "pooler.no-such-database": "refused",
    "pooler.no-such-user": "auth",
    "pooler.query-wait": "pool",
    "pooler.secret-type": "auth",
    "pooler.server-login-failing": "unreachable",
    "pooler.server-lost": "unreachable",
    "pooler.shutting-down": "unreachable",
    "pooler.unknown-user": "auth",
    "role.expires-soon": "auth",
    "role.no-schema-permission": "refused",
    "session.closed": "unreachable",
    "session.out-of-room": "disk",
    "session.read-only": "read_only",
    "session.starting": "refused",
    "session.terminated": "unreachable",
    "session.time-limit": "timeout",
    "tcp.timeout": "timeout",
    "tls.silent": "timeout",
}
# What a failure without known words still tells, by its whole SQLSTATE or the class of it.
# Source: PostgreSQL, appendix A (Error Codes).
_BY_STATE: Final = {
    "42703": "pending",  # undefined_column
    "42P01": "pending",  # undefined_table
    "08": "unreachable",
    "28": "auth",
    "42": "refused",
    "53": "refused",
    "54": "refused",
    "57": "unreachable",
    "58": "disk",
}
_BY_ERRNO: Final = {
    errno.EACCES: "disk",
    errno.EDQUOT: "disk",
    errno.EIO: "disk",
    errno.ENOTDIR: "disk",
    errno.EPERM: "disk",
    errno.ENOSPC: "disk",
    errno.ENOENT: "disk",
    errno.EROFS: "disk",
    errno.EFBIG: "disk",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why. `finding` is empty where the doctor has none for it."""

    word: str
    finding: str = ""
    said: str = ""

    def reading(
        self, *, state: State = State.FAIL, observed: tuple[Observation, ...] = ()
    ) -> Reading:
        return Reading(
            state=state,
            word=self.word,
            finding=self.finding,
            said=self.said,
            observed=observed,
        )


def word_of(finding: str) -> str:
    """The word of check.WORDS for a finding's code."""
    return _BY_FINDING.get(finding) or _BY_STAGE[finding.partition(".")[0]]


def found(code: str) -> Cause:
    """A cause that a look has seen for itself."""
    return Cause(word=word_of(code), finding=code, said=FINDINGS[code].saw)


def cause_of(failure: BaseException, *, secrets: Iterable[str] = ()) -> Cause:
    """The cause behind an exception. `secrets` are taken out of what it said."""
    if isinstance(failure, Away) and failure.__cause__ is not None:
        failure = failure.__cause__
    said = _said(failure, secrets)
    if isinstance(failure, Late):
        word, finding = _BY_PHASE[failure.phase]
        return Cause(word=word, finding=finding, said=said)
    if isinstance(failure, OSError):
        return Cause(word=_word_of_system(failure), said=said)
    explained = explain_failure(failure, secrets=secrets)
    if explained.code != UNKNOWN:
        return Cause(word=word_of(explained.code), finding=explained.code, said=said)
    state = (getattr(failure, "sqlstate", None) or "") if isinstance(failure, psycopg.Error) else ""
    return Cause(word=_BY_STATE.get(state) or _BY_STATE.get(state[:2], "error"), said=said)


def _said(failure: BaseException, secrets: Iterable[str]) -> str:
    """Its words and those of its cause, on one line."""
    words = [str(failure)]
    if failure.__cause__ is not None and str(failure.__cause__) not in words[0]:
        words.append(str(failure.__cause__))
    text = redact(" ".join(" ".join(words).split()), secrets)
    return text if len(text) <= _LONGEST_SAID else text[:_LONGEST_SAID] + "…"


def _word_of_system(failure: OSError) -> str:
    if isinstance(failure, TimeoutError):
        return "timeout"
    if isinstance(failure, socket.gaierror):
        return "dns"
    if isinstance(failure, ConnectionError):
        return "unreachable"
    return _BY_ERRNO.get(failure.errno or 0, "error")
