"""What one action of a working day costs in processor time: of the web, and of the database.

    python -m bench.actions [TIMES]

One client, one action at a time, on the site of bench.day. Processor time depends far less than
waiting on who else is at work on the machine, so these are the figures to multiply. It does depend:
take the best of several runs.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from statistics import median
from typing import Any, Final

from bench.day import PORT, given_by, own_site
from bench.processor import used_s
from local.problem import Problem, told_in_one_sentence

WARM: Final = 12  # both processes of the web have met the action


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of one action."""

    name: str
    web_ms: float
    database_ms: float
    half_ms: float


def main(arguments: list[str]) -> int:
    """Measure and print."""
    times = int(arguments[0]) if arguments else 100
    # One clerk; the shelf holds a piece for each sale of the run.
    with own_site(given_by(["--shops", "1", "--clerks", "1"]), pieces=2 * times + 2 * WARM) as site:
        day, programs = site
        costs = list(measure(Client(day), programs, times))
    print(f"\n{'One client, processor ms an action':<40}{'web':>9}{'database':>10}{'p50 ms':>9}")
    for cost in costs:
        print(f"{cost.name:<40}{cost.web_ms:>9.1f}{cost.database_ms:>10.1f}{cost.half_ms:>9.1f}")
    return 0


class Client:
    """One connection, with the token and the session of the shop's owner."""

    def __init__(self, day: dict[str, Any]) -> None:
        self.link = HTTPConnection("localhost", PORT, timeout=30)
        shop = day["shops"][0]
        seat = shop["manager"]
        self.tags = iter(shop["tags"])
        self.sold: list[str] = []
        self.page = {**day["headers"], "Cookie": f"sessionid={seat['session']}"}
        self.api = {
            **day["headers"],
            "Authorization": f"Bearer {seat['token']}",
            "Content-Type": "application/json",
        }

    def look(self, path: str) -> None:
        """One page."""
        self._ask("GET", path, None, self.page)

    def call(self, path: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
        """One call of the API."""
        said = self._ask("POST", path, json.dumps(body).encode(), {**self.api, **headers})
        return dict(json.loads(said))

    def sell(self) -> None:
        """A piece that was not sold yet, at the price it was quoted."""
        tag = next(self.tags)
        tender = {"kind": "card", "amount": self.total}
        body = {"lines": [{"tag": tag}], "tenders": [tender], "till": "1"}
        self.sold.append(self.call("/api/v1/sales", body, **{"Idempotency-Key": tag})["number"])

    def quote(self) -> None:
        """The price of the first piece, which is that of each."""
        self.total = self.call("/api/v1/quotes", {"lines": [{"tag": "T-0"}]})["total"]

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> bytes:
        self.link.request(method, path, body, headers)
        answer = self.link.getresponse()
        said = answer.read()
        if answer.status not in {200, 201}:
            raise Problem(f"{method} {path} answered {answer.status}; the lines above tell why.")
        return said


def measure(client: Client, programs: dict[str, int], times: int) -> Iterator[Cost]:
    """Each action by itself, warmed up, so many times."""
    actions: dict[str, Callable[[], object]] = {
        "board on the wall": lambda: client.look("/rates/wall/"),
        "search the stock": lambda: client.look("/stock/?search=gold+ring"),
        "a piece": lambda: client.look("/stock/piece/T-0/"),
        "a quote": client.quote,
        "a sale": client.sell,
        "the bill": lambda: client.look(f"/counter/sales/{client.sold[0]}/"),
        "the bill as PDF": lambda: client.look(
            f"/counter/sales/{client.sold[0]}/receipt.pdf?paper=80"
        ),
        "home": lambda: client.look("/"),
        "home, its stock": lambda: client.look("/home/stock/"),
        "list of sales": lambda: client.look("/counter/sales/"),
        "stock list": lambda: client.look("/stock/"),
    }
    for name, action in actions.items():
        for _time in range(WARM):
            action()
        before = {program: used_s(pid) for program, pid in programs.items()}
        took = []
        for _time in range(times):
            begun = time.perf_counter()
            action()
            took.append(time.perf_counter() - begun)
        used = {program: _since(before[program], pid) for program, pid in programs.items()}
        web, database = (1000 * used[program] / times for program in ("web", "database"))
        yield Cost(name, web, database, 1000 * median(took))


def _since(before: float | None, pid: int) -> float:
    now = used_s(pid)
    if before is None or now is None:
        raise Problem("This system has no /proc, so processor time is not known here.")
    return now - before


if __name__ == "__main__":
    with told_in_one_sentence():
        sys.exit(main(sys.argv[1:]))
