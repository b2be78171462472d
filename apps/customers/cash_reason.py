"""Why cash above a limit that warns passes all the same."""

from dataclasses import dataclass
from typing import Final

from apps.shops.approvals import Approver


@dataclass(frozen=True, slots=True, kw_only=True)
class CashReason:
    """What was written after the warning; no part of a document, and so of no digest."""

    reason: str = ""
    approver: Approver | None = None


NO_REASON: Final = CashReason()
