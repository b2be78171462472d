"""Where a close stands: the count that was sent, held against the books of this moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.ledger.models import Entry
from apps.shops.models import Shift
from apps.till.compare import Line, LineKind, compare, worth
from apps.till.counted import Counted
from apps.till.models import TillCount
from apps.till.report import entries_since, expected_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A count and what it comes to. `since`: documents after it, which make it out of date."""

    count: TillCount
    counted: Counted
    lines: Sequence[Line]
    since: Sequence[Entry]
    worth: Decimal | None  # Σ |difference|; None: something differs that is no money of the shop's

    @property
    def differing(self) -> Sequence[Line]:
        return [line for line in self.lines if line.difference]

    @property
    def uncounted(self) -> Sequence[str]:
        """Trays that nobody looked into."""
        return [
            line.name for line in self.lines if line.kind == LineKind.TRAY and line.counted is None
        ]

    @property
    def is_stale(self) -> bool:
        return bool(self.since)


def standing_of(count: TillCount, *, shift: Shift, currency: str) -> Standing:
    """The count against the ledger of now. For signing, the register is locked around it."""
    counted = Counted.from_json(count.counted)
    lines = compare(counted, expected_of(shift), currency=currency)
    return Standing(
        count=count,
        counted=counted,
        lines=lines,
        since=entries_since(shift, count.entries),
        worth=worth(lines, currency=currency),
    )
