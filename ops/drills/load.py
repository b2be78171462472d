"""Real sales from several clients, each with a key of its own, sent again until acknowledged."""

import http.client
import json
import secrets
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from ops.drills.cluster import Goods

CLIENTS: Final = 5
# A person behind each: what is measured is the outage, not how much the machine can bear.
PAUSE_S: Final = 0.25
REQUEST_WITHIN_S: Final = 12
AGAIN_AFTER_S: Final = 0.5
GIVE_UP_AFTER_S: Final = 240
CREATED: Final = 201
# Sent again they would not become another answer.
FINAL: Final = frozenset({400, 401, 403, 404, 409, 422})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request: when it began (seconds of the run), how long it took, what came of it."""

    key: str
    at: float
    took_s: float
    outcome: str
    retry_after: bool = False

    @property
    def ok(self) -> bool:
        return self.outcome == str(CREATED)


@dataclass(slots=True)
class Order:
    """One customer's order and how it ended."""

    key: str
    tag: str
    number: str | None = None  # of the sale, once it is acknowledged
    acknowledged_at: float | None = None
    refused: str | None = None


@dataclass(slots=True)
class Load:
    """The clients. `attempts` and `orders` grow while they sell."""

    goods: Goods
    take_tag: Callable[[], str]
    prefix: str = field(default_factory=lambda: f"drill-{secrets.token_hex(4)}-")
    attempts: list[Attempt] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    price: str = ""
    _stop: threading.Event = field(default_factory=threading.Event)
    _news: threading.Condition = field(default_factory=threading.Condition)
    _threads: list[threading.Thread] = field(default_factory=list)

    def now(self) -> float:
        """Seconds of this run."""
        return time.monotonic() - self.began

    def start(self) -> None:
        """Ask the price once and let the clients begin."""
        self.price = self._quoted()
        for number in range(CLIENTS):
            till = self.goods.tills[number % len(self.goods.tills)]
            thread = threading.Thread(target=self._sell, args=(till,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def finish(self) -> None:
        """No new orders; those under way are sent again until they are acknowledged."""
        self._stop.set()
        for thread in self._threads:
            thread.join(GIVE_UP_AFTER_S + REQUEST_WITHIN_S)

    def wait_sales(self, count: int, *, after: float, within_s: float) -> float:
        """Wait for so many sales whose requests began after `after`; when the first was there.

        Raises TimeoutError.
        """

        def fresh() -> list[float]:
            return [a.at + a.took_s for a in self.attempts if a.ok and a.at >= after]

        with self._news:
            if not self._news.wait_for(lambda: len(fresh()) >= count, within_s):
                raise TimeoutError(f"{len(fresh())} of {count} sales within {within_s:.0f} s")
            return min(fresh())

    def sell_one(self, *, email: str) -> str:
        """One more sale, with a receipt by mail; its number. Raises RuntimeError."""
        order = Order(key=self.prefix + secrets.token_hex(8), tag=self.take_tag())
        with self._news:
            self.orders.append(order)
        link = Link(self.goods)
        self._until_acknowledged(link, order, self.goods.tills[0], customer_email=email)
        link.close()
        if order.number is None:
            raise RuntimeError(f"The sale was not acknowledged: {order.refused}")
        return order.number

    def _sell(self, till: str) -> None:
        link = Link(self.goods)
        while not self._stop.is_set():
            order = Order(key=self.prefix + secrets.token_hex(8), tag=self.take_tag())
            with self._news:
                self.orders.append(order)
            self._until_acknowledged(link, order, till)
            self._stop.wait(PAUSE_S)
        link.close()

    def _until_acknowledged(self, link: "Link", order: Order, till: str, **more: str) -> None:
        body: dict[str, Any] = {
            "lines": [{"tag": order.tag}],
            "tenders": [{"kind": "card", "amount": self.price}],
            "till": till,
            **more,
        }
        deadline = time.monotonic() + GIVE_UP_AFTER_S
        while time.monotonic() < deadline:
            begun = self.now()
            outcome, answer, retry_after = link.post("/api/v1/sales", body, key=order.key)
            took = self.now() - begun
            with self._news:
                self.attempts.append(Attempt(order.key, begun, took, outcome, retry_after))
                if outcome == str(CREATED):
                    order.number = str(answer["number"])
                    order.acknowledged_at = begun + took
                elif outcome.isdigit() and int(outcome) in FINAL:
                    order.refused = f"{outcome} {answer}"
                self._news.notify_all()
            if order.number or order.refused:
                return
            time.sleep(AGAIN_AFTER_S)

    def _quoted(self) -> str:
        link = Link(self.goods)
        tag = self.take_tag()
        outcome, answer, _ = link.post("/api/v1/quotes", {"lines": [{"tag": tag}]}, key=None)
        link.close()
        if outcome != "200":
            raise RuntimeError(f"The shop quotes no price: {outcome} {answer}")
        return str(answer["total"])


class Link:
    """One client's connection, kept as long as it works."""

    def __init__(self, goods: Goods) -> None:
        self._goods = goods
        self._open: http.client.HTTPConnection | None = None

    def post(
        self, path: str, body: dict[str, Any], *, key: str | None
    ) -> tuple[str, dict[str, Any], bool]:
        """The status, or a word for what kept it away; the answer; whether it said when again."""
        headers = {
            "Authorization": f"Bearer {self._goods.token}",
            "Content-Type": "application/json",
            "Host": "localhost",
        }
        if key is not None:
            headers["Idempotency-Key"] = key
        try:
            if self._open is None:
                self._open = self._connection()
            self._open.request("POST", path, json.dumps(body), headers)
            answer = self._open.getresponse()
            said = answer.read()
            if answer.will_close:
                self.close()
        except TimeoutError:
            self.close()
            return "timeout", {}, False
        except ConnectionRefusedError:
            self.close()
            return "refused", {}, False
        except (OSError, http.client.HTTPException) as failure:
            self.close()
            return f"cut ({type(failure).__name__})", {}, False
        try:
            content = json.loads(said)
        except ValueError:
            content = {}
        again = answer.getheader("Retry-After") is not None
        return str(answer.status), content if isinstance(content, dict) else {}, again

    def close(self) -> None:
        """The next request connects anew."""
        if self._open is not None:
            self._open.close()
        self._open = None

    def _connection(self) -> http.client.HTTPConnection:
        goods = self._goods
        if goods.tls:
            return http.client.HTTPSConnection(
                goods.host,
                goods.port,
                timeout=REQUEST_WITHIN_S,
                context=ssl.create_default_context(),
            )
        return http.client.HTTPConnection(goods.host, goods.port, timeout=REQUEST_WITHIN_S)
