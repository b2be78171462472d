"""The form of a finding, and the stages in which they are met."""

from dataclasses import dataclass
from typing import Final

# In the order in which a link comes to be. A link that breaks at one never reaches the next.
STAGES: Final = (
    "parameters",
    "dns",
    "tcp",
    "tls-offered",
    "chain",
    "name",
    "authentication",
    "hba",
    "database",
    "role",
    "rls",
    "primary",
    "peer",
    "pooler",
    "encryption",
    "schema",
    "clock",
    "certificate-days",
    "budget",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that can be wrong, in the three beats of an operator's message, and the wrong way.

    `saw` is the general sentence; who finds it may say it with this link's own facts.
    """

    code: str
    stage: str
    saw: str
    means: str
    do: str
    dont: str
