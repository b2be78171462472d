"""Explain an error text: which line is the cause, who said it, what it means. Pure, no connection.

Two attempts make two lines. Under the mode `prefer` libpq tries again in plaintext after every
failed TLS login, so a refusal of plaintext beside another refusal of the same server is an echo,
and the other line is the cause.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from apps.core.database import wording_link, wording_login
from apps.core.database.findings import FINDINGS, UNKNOWN, Finding
from apps.core.database.loglines import Said, said_in
from apps.core.database.nearest import nearest_stages
from apps.core.database.redact import redact
from apps.core.database.wording import POSTGRESQL, Tells, may_tell
from apps.core.database.wording_login import PLAINTEXT_REFUSED, state_in

# Attempts of one login stand together: a handful of lines, a few seconds.
_NEAR_LINES: Final = 4
_NEAR_SECONDS: Final = 10
_LONGEST_EVIDENCE: Final = 500
_LOGIN_STAGES: Final = frozenset(
    {"tls-offered", "chain", "name", "authentication", "hba", "database", "budget", "primary"}
)


class Part(StrEnum):
    """What a line is in the story."""

    CAUSE = "cause"
    ECHO = "echo"  # the plaintext retry after the real refusal
    CONSEQUENCE = "consequence"  # of the cause
    REPEAT = "repeat"  # the same said again
    OTHER = "other"  # a finding of its own, behind the first


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the text that says something known; secrets are taken out of `text`."""

    number: int
    text: str
    code: str
    by: str
    part: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a text says. `code` is UNKNOWN when nothing in it is known; then `nearest` may help."""

    code: str
    lines: tuple[Line, ...]
    nearest: tuple[str, ...] = ()

    @property
    def finding(self) -> Finding:
        return FINDINGS[self.code]

    @property
    def cause(self) -> Line | None:
        return next((line for line in self.lines if line.part is Part.CAUSE), None)

    @property
    def known(self) -> bool:
        return self.code != UNKNOWN

    @property
    def evidence(self) -> tuple[str, ...]:
        """The cause and its echoes, as they stand in the text."""
        return tuple(line.text for line in self.lines if line.part in (Part.CAUSE, Part.ECHO))


@dataclass(slots=True)
class _Known:
    said: Said
    code: str
    by: str
    tells: Tells
    part: Part = Part.OTHER

    @property
    def is_plaintext_refusal(self) -> bool:
        return self.code in PLAINTEXT_REFUSED


def explain(text: str, *, secrets: Iterable[str] = ()) -> Explanation:
    """Explain a pasted log, traceback or message.

    `secrets` are taken out of everything that is shown, beside what looks like one.
    """
    clean = redact(text, secrets)
    known = [one for said in said_in(clean) if (one := _known(said)) is not None]
    if not known:
        return Explanation(code=UNKNOWN, lines=(), nearest=nearest_stages(clean))
    _mark_echoes(known)
    _mark_repeats(known)
    cause = _cause_of(known)
    cause.part = Part.CAUSE
    for one in known:
        if one.part is Part.OTHER and _follows(one, cause):
            one.part = Part.CONSEQUENCE
    lines = tuple(_line(one) for one in known)
    return Explanation(code=_code(cause, known), lines=lines)


def _known(said: Said) -> _Known | None:
    if not may_tell(said.text):
        return None
    for one in (*wording_login.WORDINGS, *wording_link.WORDINGS):
        if one.pattern.search(said.text):
            return _Known(said, one.code, one.by, one.tells)
    if found := state_in(said.text):
        return _Known(said, found[0], POSTGRESQL, found[1])
    return None


def _mark_echoes(known: Sequence[_Known]) -> None:
    """Mark refusals of plaintext that are the second half of a failed login, before or after it."""
    for at, one in enumerate(known):
        if not one.is_plaintext_refusal:
            continue
        # Backwards past other echoes to what was said first; forwards under the mode `allow`.
        before = next((k for k in reversed(known[:at]) if not k.is_plaintext_refusal), None)
        after = next((k for k in known[at + 1 :] if not k.is_plaintext_refusal), None)
        if (before and _same_login(before, one, known)) or (
            after and after.said.target and _same_login(one, after, known)
        ):
            one.part = Part.ECHO


def _same_login(first: _Known, second: _Known, known: Sequence[_Known]) -> bool:
    other = second if first.is_plaintext_refusal else first
    if other.tells <= Tells.NO_WAY or FINDINGS[other.code].stage not in _LOGIN_STAGES:
        return False
    if first.said.target and second.said.target and first.said.target != second.said.target:
        return False
    if first.said.at and second.said.at:
        apart = abs((second.said.at - first.said.at).total_seconds())
        if apart > _NEAR_SECONDS:
            return False
    return second.said.number - first.said.number <= _NEAR_LINES


def _mark_repeats(known: Sequence[_Known]) -> None:
    """A traceback of Django says everything twice; a retried start says it many times."""
    met: set[tuple[str, Part]] = set()
    for one in known:
        key = (one.code, one.part)
        if one.part is Part.OTHER and key in met:
            one.part = Part.REPEAT
        met.add(key)


def _cause_of(known: Sequence[_Known]) -> _Known:
    candidates = [one for one in known if one.part is Part.OTHER]
    # An echo has its cause beside it, so there is always one that is none.
    return max(candidates, key=lambda one: one.tells)


def _follows(one: _Known, cause: _Known) -> bool:
    """Whether the cause accounts for it: said later and weaker, or less exact about the same."""
    if one.tells >= cause.tells:
        return False
    if FINDINGS[one.code].stage == FINDINGS[cause.code].stage:
        return True
    return one.tells <= Tells.PASSING and one.said.number >= cause.said.number


def _code(cause: _Known, known: Sequence[_Known]) -> str:
    echoed = any(one.part is Part.ECHO for one in known)
    if cause.code == "auth.wrong-password" and echoed:
        return "auth.wrong-password-behind-echo"
    return cause.code


def _line(one: _Known) -> Line:
    text = one.said.text
    if len(text) > _LONGEST_EVIDENCE:
        text = text[:_LONGEST_EVIDENCE] + "…"
    return Line(number=one.said.number, text=text, code=one.code, by=one.by, part=one.part)


def explain_failure(failure: BaseException, *, secrets: Iterable[str] = ()) -> Explanation:
    """Explain an exception by its words and those of its causes.

    The driver knows no SQLSTATE of a failed login, so its words are all there is.
    """
    words: list[str] = []
    one: BaseException | None = failure
    while one is not None and len(words) < 10:
        if str(one) not in words:
            words.append(str(one))
        one = one.__cause__ or one.__context__
    explained = explain("\n".join(words), secrets=secrets)
    return replace(explained, nearest=())
