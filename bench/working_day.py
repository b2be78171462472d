"""The people of several shops at work, for Locust: clerks and customers, managers, boards on walls.

Needs Locust and nothing of the shop. `bench.day` starts it, gives it its seats and goods in the
file that DAY_GOODS names, and reads what was answered from the file that DAY_DONE names.

A clerk's customer is a *visit*: some searches, some pieces looked at, a price for each, and in two
of five a sale, with its bill on the screen and on paper. A sale is sent again with its key until it
is acknowledged, as the counter does. Times are a person's, divided by the hurry.
"""

import json
import os
import random
import time
from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import gevent.event
from locust import FastHttpUser, events, task
from locust.exception import StopUser

DAY: Final = json.loads(Path(os.environ["DAY_GOODS"]).read_text())
HURRY: Final = float(DAY["hurry"])
# What a person takes, in seconds.
READS_S, TALKS_S, WAITS_S, DESK_S, WALL_S = (2, 6), (10, 40), (30, 120), (10, 60), 30
BUYS: Final = 0.4
TRIES, AGAIN_AFTER_S = 20, 0.5
REQUEST_WITHIN_S: Final = 30
WORDS: Final = ("ring", "gold ring", "band", "halo", "T-1", "plain")
CLOSED: Final = gevent.event.Event()

answered: list[tuple[str, float, bool]] = []
failures: dict[str, int] = {}
orders: list["Order"] = []
empty: set[str] = set()
clock: dict[str, float] = {}


@dataclass(slots=True)
class Order:
    """One sale as the clerk knows it. `number` is what the shop acknowledged."""

    shop: str
    token: str
    key: str
    body: dict[str, Any]
    number: str | None = None
    refused: str | None = None


@events.request.add_listener
def _note(name: str, response_time: float, exception: object, **_more: Any) -> None:
    answered.append((name, response_time / 1000, exception is None))
    if exception is not None:
        said = f"{name}: {exception}"
        failures[said] = failures.get(said, 0) + 1


@events.test_start.add_listener
def _open(**_more: Any) -> None:
    clock["opened"] = time.monotonic()


@events.test_stopping.add_listener
def _close(**_more: Any) -> None:
    """No new visits, and nobody thinks any longer; sales under way are seen through."""
    clock["closed"] = time.monotonic()
    CLOSED.set()


@events.quitting.add_listener
def _write_down(**_more: Any) -> None:
    done = {
        "answered": answered,
        "failures": failures,
        "orders": [asdict(order) for order in orders],
        "empty": sorted(empty),
        "seconds": clock["closed"] - clock["opened"],
    }
    Path(os.environ["DAY_DONE"]).write_text(json.dumps(done))


class Person(FastHttpUser):
    """Somebody with a seat: a token of their own, a session of their own."""

    abstract = True
    host = DAY["host"]
    network_timeout = connection_timeout = REQUEST_WITHIN_S
    seats: deque[dict[str, Any]]

    def on_start(self) -> None:
        """Sit down."""
        self.seat = self.seats.popleft()
        self.shop: dict[str, Any] = DAY["shops"][self.seat["shop"]]

    def wait_time(self) -> float:
        """Nothing more: whoever thinks, thinks in `think`, which the closing ends."""
        return 0

    def think(self, least: float, most: float) -> None:
        """Do as a person does between two requests. Raises StopUser when the shop closes."""
        if CLOSED.wait(random.uniform(least, most) / HURRY):
            raise StopUser

    def look(self, name: str, path: str, *, part: str = "") -> None:
        """One page, or the part of it that htmx asks for."""
        headers = {**DAY["headers"], "Cookie": f"sessionid={self.seat['session']}"}
        if part:
            headers |= {"HX-Request": "true", "HX-Target": part}
        with self.client.get(
            path, name=name, headers=headers, allow_redirects=False, catch_response=True
        ) as answer:
            # A redirect to the sign-in page is no page.
            if answer.status_code != 200:
                answer.failure(f"status {answer.status_code}")

    def ask(
        self, name: str, path: str, body: dict[str, Any] | None = None, *, key: str = ""
    ) -> tuple[int, dict[str, Any]]:
        """One call of the API: its status (0 where nothing came) and its JSON."""
        headers = {**DAY["headers"], "Authorization": f"Bearer {self.seat['token']}"}
        if key:
            headers["Idempotency-Key"] = key
        with self.client.request(
            "GET" if body is None else "POST",
            path,
            name=name,
            headers=headers,
            json=body,
            allow_redirects=False,
            catch_response=True,
        ) as answer:
            status = int(answer.status_code or 0)
            if status not in {200, 201}:
                answer.failure(f"status {status}")
                return status, {}
            return status, dict(answer.json())


class Clerk(Person):
    """Serves customers at a till."""

    seats = deque(DAY["clerks"])
    fixed_count = len(DAY["clerks"])

    @task
    def visit(self) -> None:
        """One customer, from the first wish to the bill."""
        self.think(*WAITS_S)
        if random.random() < 0.3:
            self.ask("the day's rates", "/api/v1/rates")
        tags: list[str] = []
        for _wish in range(random.choice((1, 1, 2, 3))):
            words = random.choice(WORDS).replace(" ", "+")
            self.look("search the stock", f"/stock/?search={words}", part="result")
            self.think(*READS_S)
            tag = self._from_the_shelf()
            tags.append(tag)
            self.look("a piece", f"/stock/piece/{tag}/")
            self.ask("a quote", "/api/v1/quotes", {"lines": [{"tag": tag}]})
            self.think(*TALKS_S)
        taken = random.choice((1, 1, 1, 1, 1, 2)) if random.random() < BUYS else 0
        bought = tags[:taken]
        self.shop["tags"].extend(tags[taken:])
        if bought:
            self._sell(bought)

    def _from_the_shelf(self) -> str:
        """A piece that no other clerk holds: the shelf has many, and each is sold once."""
        try:
            return str(self.shop["tags"].pop(0))
        except IndexError:
            empty.add(self.shop["name"])
            raise StopUser from None

    def _sell(self, tags: list[str]) -> None:
        lines = [{"tag": tag} for tag in tags]
        status, quote = self.ask("a quote", "/api/v1/quotes", {"lines": lines})
        if status != 200:
            return
        tender = {"kind": "card", "amount": quote["total"]}
        body = {"lines": lines, "tenders": [tender], "till": self.seat["till"]}
        key = f"{DAY['prefix']}{self.seat['shop']}-{tags[0]}"
        order = Order(self.shop["name"], self.seat["token"], key, body)
        orders.append(order)
        self._until_acknowledged(order)
        if order.number is None:
            return
        self.look("the bill", f"/counter/sales/{order.number}/")
        if DAY["paper"]:
            self.look("the bill as PDF", f"/counter/sales/{order.number}/receipt.pdf?paper=80")

    def _until_acknowledged(self, order: Order) -> None:
        for _try in range(TRIES):
            status, said = self.ask("a sale", "/api/v1/sales", order.body, key=order.key)
            if status == 201:
                order.number = said["number"]
                self._close_when_enough()
                return
            if 400 <= status < 500:
                order.refused = f"status {status}"
                return
            gevent.sleep(AGAIN_AFTER_S)

    def _close_when_enough(self) -> None:
        if DAY["sales"] and sum(order.number is not None for order in orders) >= DAY["sales"]:
            # Not from here: closing waits for everybody, this clerk too.
            gevent.spawn(self.environment.runner.quit)


class Manager(Person):
    """Looks how the day goes, and takes pieces in."""

    seats = deque(DAY["managers"])
    fixed_count = len(DAY["managers"])

    @task(4)
    def look_at_the_day(self) -> None:
        """The first page, with the part that comes after it."""
        self.think(*DESK_S)
        self.look("home", "/")
        self.look("home, its stock", "/home/stock/", part="stock")

    @task(3)
    def look_at_sales(self) -> None:
        """What was sold today."""
        self.think(*DESK_S)
        self.look("list of sales", "/counter/sales/")

    @task(2)
    def look_at_stock(self) -> None:
        """The list, with the sums that come after it."""
        self.think(*DESK_S)
        self.look("stock list", "/stock/")
        self.look("stock list, its sums", "/stock/facts/", part="facts")

    @task(1)
    def look_at_rates(self) -> None:
        """The board with its chart."""
        self.think(*DESK_S)
        self.look("rate board", "/rates/")

    @task(2)
    def take_in(self) -> None:
        """One new piece."""
        self.think(*DESK_S)
        number = f"N-{random.getrandbits(48):012x}"
        metal = {"metal": "gold", "fineness": "750", "net_weight_g": "3.850"}
        making = {"mode": "per_gram", "value": "28"}
        piece = {"tag": number, "name": "New band", "category": "ring", "metals": [metal]}
        more = {"gross_weight_g": "3.850", "making": making, "cost": "1500"}
        self.ask("take a piece in", "/api/v1/pieces", piece | more)


class Wall(Person):
    """A screen on the wall that asks for the rates every half minute."""

    seats = deque(DAY["walls"])
    fixed_count = len(DAY["walls"])

    def on_start(self) -> None:
        """Screens are not switched on all in one moment."""
        super().on_start()
        self.think(0, WALL_S)

    @task
    def show(self) -> None:
        """The board."""
        self.think(WALL_S, WALL_S)
        self.look("board on the wall", "/rates/wall/", part="wall")
