"""Cut a pasted text into the things that were said, with the line each stands on. Pure.

Knows the forms in which an error reaches a person: a traceback, a log of Kubernetes, JSON
lines, a repr with written-out newlines, several attempts on one line.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

LONGEST_LINE: Final = 100_000
# A message is short; what goes on longer is data, and costs the comparison its time.
LONGEST_SAYING: Final = 1_500
MOST_LINES: Final = 20_000

_TIME: Final = re.compile(r"\b(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)")
# Where a new attempt or a new message begins in the middle of a line. After a colon it is the
# rest of a prefix (`connection failed: connection to server …`), not a new one.
_BEGINS: Final = re.compile(
    r"(?<=[^:\s])\s+(?=connection to server (?:at|on socket) \"|- host: )"
    r"|(?<=[^:\s\])])\s+(?=FATAL:\s)"
)
_TARGET: Final = re.compile(
    r"connection to server (?:at|on socket) \"(?P<host>[^\"]*)\"(?: \((?P<ip>[^)]+)\))?"
    r"(?:, port (?P<port>\d+))?"
    r"|- host: '?(?P<host2>[^',]*)'?, port: '?(?P<port2>\d*)'?(?:, hostaddr:"
    r" '?(?P<ip2>[^',\s]*?)'?:)"
)
_LOCAL_TARGET: Final = re.compile(
    r"[\"»«“](?P<host>[^\"»«“”]+)[\"»«”][^:]*?\b[Pp]\w*rt\w* (?P<port>\d+)"
)
_DETAIL: Final = re.compile(
    r"^\s|^(?:Either provide|This may indicate|Is the server running|TCP/IP connections)"
    r"|\b(?:DETAIL|HINT|TIPP|CONTEXT|STATEMENT|LOCATION|ASTUCE|CONSEJO|ПОДСКАЗКА)\s*: "
)


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that was said. `number` counts the lines of the text from 1."""

    number: int
    text: str
    target: tuple[str, str] | None
    at: datetime | None
    is_detail: bool


def said_in(text: str) -> Iterator[Said]:
    """Every saying of the text, in order; at most MOST_LINES lines are read."""
    for number, line in enumerate(text.splitlines()[:MOST_LINES], start=1):
        whole = line[:LONGEST_LINE]
        at = _time_of(whole)
        for saying in _sayings(whole):
            one = saying[:LONGEST_SAYING]
            if one.strip():
                yield Said(
                    number=number,
                    text=one.strip(),
                    target=_target_of(one),
                    at=at,
                    is_detail=bool(_DETAIL.search(one)),
                )


def _sayings(line: str) -> Iterator[str]:
    pieces = list(_strings_of(line)) or [line]
    for piece in pieces:
        # A repr writes its newlines out.
        for unescaped in re.split(r"\n|\\r\\n|\\n", piece.replace('\\"', '"')):
            yield from _BEGINS.split(unescaped)


def _strings_of(line: str) -> Iterator[str]:
    """The strings of a JSON log line, wherever in the line the object begins."""
    start = line.find("{")
    if start < 0 or not line.rstrip().endswith("}"):
        return
    try:
        found = json.loads(line[start:])
    except (ValueError, RecursionError):
        return
    yield from _strings_in(found)


def _strings_in(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting.extend(reversed(one.values()))
        elif isinstance(one, list):
            waiting.extend(reversed(one))


def _target_of(text: str) -> tuple[str, str] | None:
    if match := _TARGET.search(text):
        host = match["ip"] or match["ip2"] or match["host"] or match["host2"] or ""
        return host, match["port"] or match["port2"] or ""
    if match := _LOCAL_TARGET.search(text):
        return match["host"], match["port"]
    return None


def _time_of(line: str) -> datetime | None:
    if match := _TIME.search(line):
        try:
            return datetime(*(int(part) for part in match.groups()))  # type: ignore[arg-type]  # noqa: DTZ001
        except ValueError:
            return None
    return None
