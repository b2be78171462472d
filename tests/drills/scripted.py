"""A cluster in memory, whose shop keeps what it acknowledges, or is told to lose it."""

import threading
from typing import Any

from ops.drills.cluster import Cluster, Goods, Recorded, Seen


class Scripted(Cluster):
    name = "a cluster in memory"

    def __init__(self, shop: Any) -> None:
        self.shop = shop
        self.mended = 0
        self.loses = 0
        self.doubles = 0
        self._tags = iter(range(100_000))
        self._lock = threading.Lock()

    def goods(self) -> Goods:
        return Goods("127.0.0.1", self.shop.server_address[1], False, "token", ("1",))

    def take_tag(self) -> str:
        with self._lock:
            return f"D-{next(self._tags)}"

    def stock_up(self, pieces: int) -> None:
        return

    def web(self) -> list[str]:
        return ["web-0"]

    def probe(self, pod: str, path: str, *, timeout_s: float) -> Seen:
        return Seen(200, 0.001)

    def in_rotation(self) -> list[str]:
        return ["web-0"]

    def restarts(self) -> int:
        return 0

    def primary(self) -> str | None:
        return "db-0"

    def recorded(self, *, since: str) -> list[Recorded]:
        kept = [Recorded(key, "1-000001", (tag,), 1) for key, tag in self.shop.asked[self.loses :]]
        again = [Recorded(key, "1-000002", (tag,), 1) for key, tag in self.shop.asked[-1:]]
        return kept + again * self.doubles

    def imbalance(self) -> int:
        return 0

    def sold_twice(self) -> int:
        return 0

    def wait_whole(self) -> None:
        return

    def mend_members(self) -> None:
        self.mended += 1
