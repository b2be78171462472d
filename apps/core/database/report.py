"""What the doctor says, as JSON and as lines for people. Pure: the words are ready, secrets gone.

The form of the JSON is promised in docs/reference/doctor.md.
"""

from collections.abc import Callable, Iterator, Sequence
from textwrap import wrap
from typing import Any, Final

from apps.core.database.explain import Explanation, Line, Part
from apps.core.database.findings import FINDINGS, Finding
from apps.core.database.look import Result, Status
from apps.core.database.params import Link

SCHEMA: Final = 1
_WIDTH: Final = 96
_INDENT: Final = " " * 8
_LABEL: Final = 8

Paint = Callable[[Status, str], str]


def status_of(results: Sequence[Result]) -> Status:
    """The worst of the stages: fail, warn or ok."""
    met = {result.note.status for result in results}
    return next((one for one in (Status.FAIL, Status.WARN) if one in met), Status.OK)


def finding_of(results: Sequence[Result]) -> str | None:
    """The first failure's code, else the first warning's, else None."""
    for status in (Status.FAIL, Status.WARN):
        for result in results:
            if result.note.status is status:
                return result.note.code
    return None


def link_as_json(name: str, link: Link | None, results: Sequence[Result]) -> dict[str, Any]:
    """One link. Never the password."""
    target = None
    if link is not None:
        fields = ("host", "port", "dbname", "user", "sslmode", "sslrootcert", "pooled", "sources")
        target = {field: getattr(link, field) for field in fields}
        target["sources"] = dict(link.sources)
    return {
        "link": name,
        "target": target,
        "status": status_of(results).value,
        "finding": finding_of(results),
        "stages": [_stage_as_json(result) for result in results],
    }


def _stage_as_json(result: Result) -> dict[str, Any]:
    note, finding = result.note, FINDINGS.get(result.note.code)
    return {
        "stage": result.stage,
        "status": note.status.value,
        "finding": note.code or None,
        "saw": note.saw,
        "means": finding.means if finding else None,
        "do": finding.do if finding else None,
        "not": finding.dont if finding else None,
        "evidence": list(note.evidence),
        "seconds": round(result.seconds, 4),
    }


def explanation_as_json(explained: Explanation) -> dict[str, Any]:
    """An explained text: the finding, the line that is the cause, and what every line is."""
    finding, cause = explained.finding, explained.cause
    return {
        "schema": SCHEMA,
        "stage": finding.stage if explained.known else None,
        "status": "fail" if explained.known else "unknown",
        "finding": explained.code,
        "saw": finding.saw,
        "means": finding.means,
        "do": finding.do,
        "not": finding.dont,
        "evidence": list(explained.evidence),
        "said_by": cause.by if cause else None,
        "line": cause.number if cause else None,
        "lines": [
            {
                "line": line.number,
                "part": line.part.value,
                "finding": line.code,
                "said_by": line.by,
                "text": line.text,
            }
            for line in explained.lines
        ],
        "nearest_stages": list(explained.nearest),
    }


def link_for_people(
    name: str, link: Link | None, results: Sequence[Result], *, paint: Paint, all_evidence: bool
) -> Iterator[str]:
    """A table of the stages; under each finding what it means and what to do."""
    where = f"  {link.user}@{link.host}:{link.port}/{link.dbname}" if link else ""
    yield f"{name}{where}"
    for result in results:
        note = result.note
        mark = paint(note.status, f"{note.status.value:<7}")
        time = "" if note.status is Status.SKIPPED else f"  {result.seconds * 1000:.0f} ms"
        yield f"  {mark} {result.stage:<16} {note.saw}{time}"
        finding = FINDINGS.get(note.code)
        if finding:
            yield f"{_INDENT}{note.code}"
            yield from _beats(finding)
        if finding or all_evidence:
            for line in note.evidence:
                yield from _labelled("Seen", line)


def explanation_for_people(explained: Explanation, *, paint: Paint) -> Iterator[str]:
    """The finding first, then which line is what."""
    finding = explained.finding
    status = Status.FAIL if explained.known else Status.WARN
    yield f"{paint(status, explained.code)}  {finding.saw}"
    if explained.cause:
        yield from _labelled("Cause", _quoted(explained.cause))
    for line in explained.lines:
        if line.part is Part.ECHO:
            yield from _labelled("Echo", f"{_quoted(line)} (only the retry without TLS)")
        if line.part is Part.CONSEQUENCE:
            yield from _labelled("After", f"{_quoted(line)} (a consequence)")
        if line.part is Part.OTHER:
            yield from _labelled("Also", f"{_quoted(line)} ({line.code})")
    yield from _beats(finding)
    if explained.nearest:
        yield from _labelled("Nearest", ", ".join(explained.nearest))


def _quoted(line: Line) -> str:
    return f"line {line.number}, {line.by}: {line.text}"


def _beats(finding: Finding) -> Iterator[str]:
    for label, text in (("Means", finding.means), ("Do", finding.do), ("Not", finding.dont)):
        yield from _labelled(label, text)


def _labelled(label: str, text: str) -> Iterator[str]:
    lines = wrap(text, _WIDTH - len(_INDENT) - _LABEL, break_on_hyphens=False) or [""]
    yield f"{_INDENT}{label + ':':<{_LABEL}} {lines[0]}"
    for line in lines[1:]:
        yield f"{_INDENT}{'':<{_LABEL}} {line}"
