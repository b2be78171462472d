"""Sales lost and sales doubled: what was acknowledged, held against what is in the books. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ops.drills.cluster import Recorded
from ops.drills.load import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """The reckoning after a drill. All but the first two have to be zero."""

    acknowledged: int
    recorded: int
    lost: int  # acknowledged to the customer, and not in the books as it was acknowledged
    doubled: int  # a key with two sales, or a piece sold by two
    unbooked: int  # sales without exactly one entry in the ledger
    unanswered: int  # orders that were never acknowledged, whatever became of them
    refused: int  # orders that were answered with a no
    imbalance: int  # entries of the ledger that do not sum to zero

    @property
    def clean(self) -> bool:
        return not any((self.lost, self.doubled, self.unbooked, self.imbalance, self.refused))


def reckon(
    orders: Iterable[Order],
    recorded: Sequence[Recorded],
    *,
    imbalance: int,
    sold_twice: int = 0,
) -> Books:
    """Hold the clients' orders against the books.

    An acknowledged sale is lost when its key is not there, or stands for another number than the
    client was told. `sold_twice` are pieces that the whole shop sold twice.
    """
    orders = list(orders)
    numbers: dict[str, list[str]] = {}
    for sale in recorded:
        numbers.setdefault(sale.key, []).append(sale.number)
    acknowledged = [order for order in orders if order.number is not None]
    lost = sum(order.number not in numbers.get(order.key, ()) for order in acknowledged)
    keys = sum(len(some) - 1 for some in numbers.values())
    pieces = Counter(tag for sale in recorded for tag in sale.tags)
    tags = sum(count - 1 for count in pieces.values())
    return Books(
        acknowledged=len(acknowledged),
        recorded=len(recorded),
        lost=lost,
        # A key with two sales of one piece is one doubled sale, and seen in both ways.
        doubled=max(keys, tags, sold_twice),
        unbooked=sum(sale.entries != 1 for sale in recorded),
        unanswered=sum(order.number is None and order.refused is None for order in orders),
        refused=sum(order.refused is not None for order in orders),
        imbalance=imbalance,
    )
