"""What came of drills: JSON for programs, a timeline for eyes, a page for the documents."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ops.drills.run import Drill, Result
from ops.drills.timeline import timeline
from ops.drills.watch import LIVE, READY

_OUTCOME: Final = {
    "passed": "holds",
    "missed": "**does not hold**",
    "broken": "**could not be carried out**",
    "not here": "not on this cluster",
}


def as_json(result: Result) -> dict[str, Any]:
    """Everything that was measured, without the single requests."""
    return {
        "drill": result.name,
        "claim": result.claim,
        "outcome": result.outcome,
        "why": result.why or None,
        "beganAt": result.began_at.isoformat(timespec="seconds"),
        "lastedSeconds": round(result.lasted_s, 1),
        "secondsWithoutASale": None if result.gap_s is None else round(result.gap_s, 2),
        "requests": result.requests,
        "requestsFailed": result.failed,
        "restartsOfWeb": result.restarts,
        "probesWithoutAnswerInTime": {
            path: {"late": late, "of": seen} for path, (late, seen) in result.probes.items()
        },
        "books": asdict(result.books) if result.books else None,
        "checks": [asdict(check) for check in result.checks],
        "events": [asdict(event) for event in result.events],
    }


def write(result: Result, folder: Path) -> None:
    """NAME.json and NAME.svg."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(as_json(result), indent=2, ensure_ascii=False)
    (folder / f"{result.name}.json").write_text(text + "\n")
    if result.run is not None:
        (folder / f"{result.name}.svg").write_text(timeline(result))


def lines(result: Result) -> list[str]:
    """For a terminal."""
    said = [f"{result.name}: {result.outcome}{f' — {result.why}' if result.why else ''}"]
    for check in result.checks:
        mark = "ok  " if check.holds else "MISS"
        said.append(f"    {mark} {check.what}: {check.measured} (wanted {check.wanted})")
    if result.gap_s is not None:
        said.append(
            f"    {result.gap_s:.1f} s without a sale; {result.requests} requests, failed:"
            f" {_failed(result) or 'none'}"
        )
    return said


def page(
    results: Sequence[Result],
    drills: Mapping[str, Drill],
    *,
    at: datetime,
    where: str,
    versions: Mapping[str, str],
    pictures: str,
) -> str:
    """docs/reference/drills.md, bad numbers too."""
    told = "\n".join(_HEAD).format(
        at=at.strftime("%Y-%m-%d %H:%M UTC"),
        where=where,
        versions=", ".join(f"{name} {version}" for name, version in versions.items()),
        holds=sum(result.outcome == "passed" for result in results),
        all=len(results),
    )
    rows = [
        "| drill | claim | outcome | no sale for | requests failed | lost | doubled | restarts |",
        "|---|---|---|---|---|---|---|---|",
        *(_row(result) for result in results),
    ]
    parts = [_section(result, drills[result.name], pictures) for result in results]
    return "\n".join([told, *rows, "", *parts])


_HEAD: Final = (
    "# Drills",
    "",
    "What was broken on purpose, and what it cost. Written by `make drill`; how to run them:",
    "[Drill the system](../howto/drill.md).",
    "",
    "Measured {at} on {where}: {versions}.",
    "**{holds} of {all} claims hold.**",
    "",
    "In every drill five clients sell over the API, each request with its key, sent again until",
    "it is acknowledged. *Lost* is a sale that was acknowledged and is not in the books; *doubled*",
    "one that is there twice. Besides its own claim each drill demands: none lost, none doubled,",
    "none refused, every entry of the ledger in balance.",
    "",
    "",
)


def _row(result: Result) -> str:
    books = result.books
    cells = [
        f"[{result.name}](#{result.name})",
        result.claim,
        _OUTCOME[result.outcome],
        "" if result.gap_s is None else f"{result.gap_s:.1f} s",
        f"{_failed(result) or '0'} of {result.requests}" if result.requests else "",
        str(books.lost) if books else "",
        str(books.doubled) if books else "",
        str(result.restarts) if result.requests else "",
    ]
    return f"| {' | '.join(cells)} |"


def _section(result: Result, drill: Drill, pictures: str) -> str:
    told = [f"## {result.name}", "", drill.page.strip(), ""]
    if result.why:
        told += [f"{_OUTCOME[result.outcome]}: {result.why}", ""]
    if result.checks:
        told += ["| | wanted | measured | |", "|---|---|---|---|"]
        told += [
            f"| {c.what} | {c.wanted} | {c.measured} | {'yes' if c.holds else '**no**'} |"
            for c in result.checks
        ]
        told.append("")
    if result.run is not None:
        late = ", ".join(
            f"`{path}` {result.probes[path][0]} of {result.probes[path][1]}"
            for path in (LIVE, READY)
        )
        told += [f"Probes without an answer in time: {late}.", ""]
        told += [f"![{result.name}: sales, probes, events]({pictures}/{result.name}.svg)", ""]
    return "\n".join(told)


def _failed(result: Result) -> str:
    return ", ".join(f"{count} × {how}" for how, count in sorted(result.failed.items()))
