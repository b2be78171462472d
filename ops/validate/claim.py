"""What a claim is, and what looking at it gives."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """How a claim stands. Only the first is a pass."""

    HOLDS = "holds"
    BROKEN = "broken"
    UNCHECKED = "unchecked"


class Unchecked(Exception):
    """The claim could not be looked at; the text says why, and what would make it possible."""


@dataclass(slots=True)
class Evidence:
    """What was seen, line by line, and which of it contradicts the claim."""

    seen: list[str] = field(default_factory=list)
    against: list[str] = field(default_factory=list)

    def note(self, line: str) -> None:
        """Something that agrees with the claim."""
        self.seen.append(line)

    def object(self, line: str) -> None:
        """Something that contradicts it."""
        self.against.append(line)

    def expect(self, true: bool, line: str) -> None:
        """Note the line, on whichever side it falls."""
        (self.note if true else self.object)(line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A sentence about the cluster, and the look that proves or breaks it.

    `look` writes what it sees into the evidence. It raises Unchecked, or
    kubectl's failure, when it cannot see. Evidence without a line is no proof.
    """

    name: str
    sentence: str
    look: Callable[[Any, Evidence], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A claim after the look."""

    name: str
    sentence: str
    verdict: Verdict
    seen: Sequence[str]
    against: Sequence[str]
    why_unchecked: str
    took_s: float
