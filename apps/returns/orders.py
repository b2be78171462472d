"""What a clerk asks for: which pieces of which bill come back, and in which state."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

from apps.customers.cash_reason import NO_REASON, CashReason
from apps.returns.refusals import ChosenTwice, NothingComesBack, WeightImpossible
from apps.shops.approvals import Approver

_HEAVIEST_G = Decimal(100_000)
_MILLIGRAM = Decimal("0.001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """A piece that lies on the counter again. Units: grams, of the whole piece."""

    tag: str
    weighed_g: Decimal | None = None
    hallmark_intact: bool = True
    damaged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What every document begins with.

    `key`: of the caller's choice, new for each document; sent again, it answers the first one.
    `seen`: what the screen showed as the result; another one is refused.
    """

    bill: str
    reason: str
    key: str
    till: str = ""
    approver: Approver | None = None
    seen: Decimal | None = None
    cash_reason: CashReason = NO_REASON

    def digest(self, **more: Any) -> str:
        """Tells one request from another; who approved it and with which PIN is no part of it."""
        said = {"bill": self.bill, "reason": self.reason.strip(), "till": self.till, **more}
        return sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def demand_sense(backs: Sequence[Back]) -> None:
    """Refuse what cannot be meant. Raises NothingComesBack, ChosenTwice, WeightImpossible."""
    if not backs:
        raise NothingComesBack
    seen: set[str] = set()
    for back in backs:
        if back.tag in seen:
            raise ChosenTwice(tag=back.tag)
        seen.add(back.tag)
        weight = back.weighed_g
        if weight is None:
            continue
        # A comparison with NaN would raise, and infinity has no milligrams.
        if not weight.is_finite() or not 0 < weight <= _HEAVIEST_G or weight % _MILLIGRAM:
            raise WeightImpossible(tag=back.tag)


def written(backs: Sequence[Back]) -> list[list[str]]:
    """The pieces as a digest takes them."""
    return sorted(
        [
            back.tag,
            "" if back.weighed_g is None else format(back.weighed_g.normalize(), "f"),
            str(back.hallmark_intact),
            str(back.damaged),
        ]
        for back in backs
    )
