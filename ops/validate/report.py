"""Results as text, JSON, JUnit and Markdown."""

import json
from collections.abc import Sequence
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from ops.validate.claim import Result, Verdict


def as_text(results: Sequence[Result]) -> str:
    """For a person at a terminal: the verdict first, what contradicts below it."""
    lines = []
    for one in results:
        lines.append(f"{one.verdict:<10}{one.name:<16}{one.sentence}")
        lines += [f"{'':<10}against   {line}" for line in one.against]
        if one.why_unchecked:
            lines.append(f"{'':<10}{one.why_unchecked}")
        lines += [f"{'':<10}{line}" for line in one.seen]
    return "\n".join([*lines, _sum(results)])


def as_json(results: Sequence[Result], *, about: dict[str, str]) -> str:
    """For programs."""
    return json.dumps(
        {
            "schema": 1,
            **about,
            "holds": all_hold(results),
            "claims": [
                {
                    "name": one.name,
                    "claim": one.sentence,
                    "verdict": str(one.verdict),
                    "against": list(one.against),
                    "evidence": list(one.seen),
                    "unchecked": one.why_unchecked or None,
                    "seconds": round(one.took_s, 3),
                }
                for one in results
            ],
        },
        indent=2,
    )


def as_junit(results: Sequence[Result]) -> str:
    """For whatever collects test results. What was not checked is an error, never a skip."""
    cases = []
    for one in results:
        inside = ""
        if one.verdict is Verdict.BROKEN:
            inside = f"<failure message={quoteattr(one.against[0])}>{_lines(one.against)}</failure>"
        elif one.verdict is Verdict.UNCHECKED:
            inside = f"<error message={quoteattr(one.why_unchecked)}/>"
        cases.append(
            f"  <testcase classname={quoteattr('ops.validate')} name={quoteattr(one.name)}"
            f' time="{one.took_s:.3f}">{inside}<system-out>{_lines(one.seen)}</system-out>'
            "</testcase>"
        )
    broken = sum(one.verdict is Verdict.BROKEN for one in results)
    unchecked = sum(one.verdict is Verdict.UNCHECKED for one in results)
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<testsuite name="ops.validate" tests="{len(results)}" failures="{broken}"'
            f' errors="{unchecked}">',
            *cases,
            "</testsuite>\n",
        ]
    )


def as_markdown(results: Sequence[Result], *, about: dict[str, str], at: datetime) -> str:
    """The report that is kept: what was claimed, what was seen."""
    where = ", ".join(f"{key} {value}" for key, value in about.items() if value)
    lines = [
        "# What was validated",
        "",
        f"{at:%Y-%m-%d %H:%M} UTC, {where}. {_sum(results)}",
        "",
        "| claim | verdict |",
        "|---|---|",
        *(f"| {one.sentence} | {one.verdict} |" for one in results),
    ]
    for one in results:
        lines += ["", f"## {one.name}: {one.verdict}", "", one.sentence, ""]
        if one.why_unchecked:
            lines += [f"Not checked: {one.why_unchecked}", ""]
        lines += [f"- **against:** {line}" for line in one.against]
        lines += [f"- {line}" for line in one.seen]
    return "\n".join(lines) + "\n"


def all_hold(results: Sequence[Result]) -> bool:
    """Whether every claim holds; of no claims, none does."""
    return bool(results) and all(one.verdict is Verdict.HOLDS for one in results)


def _sum(results: Sequence[Result]) -> str:
    counts = {
        verdict: sum(one.verdict is verdict for one in results)
        for verdict in (Verdict.HOLDS, Verdict.BROKEN, Verdict.UNCHECKED)
    }
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items()) + "."


def _lines(lines: Sequence[str]) -> str:
    return escape("\n".join(lines))
