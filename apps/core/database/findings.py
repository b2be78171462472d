"""What can be wrong with the database link: every finding, by its stable code.

Pure: says what a finding means and what to do about it. Who finds it is `explain` (from text)
and `stages` (by looking). A code is never renamed: alerts and runbooks hold on to it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from apps.core.database.catalogue import link, login, session, tls
from apps.core.database.finding import STAGES, Finding

__all__ = ["FINDINGS", "STAGES", "UNKNOWN", "Finding", "page"]

FINDINGS: Final[Mapping[str, Finding]] = MappingProxyType(
    {one.code: one for one in (*link.ALL, *tls.ALL, *login.ALL, *session.ALL)}
)
UNKNOWN: Final = "unknown.text"

_HEAD: Final = """\
# Findings

What `manage.py doctor` can say, by stage and by code. A code never changes, so an alert or a
runbook may hold on to it. This page is printed by `doctor --findings`; a test compares both.
How to run it: [the doctor](doctor.md). How to read a log with it:
[Read a database error](../howto/read-a-database-error.md).
"""


def page() -> str:
    """docs/reference/findings.md, whole."""
    parts = [_HEAD]
    for stage in (*STAGES, "unknown"):
        of_stage = [finding for finding in FINDINGS.values() if finding.stage == stage]
        if of_stage:
            parts.append(f"\n## {stage}\n")
        parts += [
            f"\n### {one.code}\n\n{one.saw}\n\n"
            f"- **Means:** {one.means}\n- **Do:** {one.do}\n- **Not:** {one.dont}\n"
            for one in of_stage
        ]
    return "".join(parts)
