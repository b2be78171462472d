"""How long each report takes on a shop with 20,000 and with 200,000 sales, and how it grows.

Makes a database of its own on the tests' server, fills it as its owner with clones of real sales,
measures whole pages as jewelry_app, whom row-level security binds, and drops the database.

    python -m bench.reports [SMALL LARGE]
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import django

from bench.stock_list import log_in, own_database, serving_role
from local.env import to_test, with_environment
from local.place import place_from
from local.postgres import started
from local.problem import told_in_one_sentence

if TYPE_CHECKING:
    from bench.reports_fill import Filled

RUNS: Final = 7
AIM_MS: Final = 1000
# The same sums as one plain statement over the rows themselves: what a report without sums of days
# would have to wait for.
FLOORS: Final = {
    "books": "SELECT p.account, p.commodity, sum(p.amount) FROM ledger_posting p"
    " JOIN ledger_entry e ON e.id = p.entry_id WHERE p.shop_id = %(shop)s"
    " AND e.day BETWEEN %(first)s AND %(last)s GROUP BY 1, 2",
    "sales": "SELECT l.snapshot->>'category', count(*), sum(l.metal), sum(l.making), sum(l.total),"
    " sum(l.cost) FROM sales_saleline l JOIN sales_sale s ON s.id = l.sale_id"
    " WHERE s.shop_id = %(shop)s AND s.day BETWEEN %(first)s AND %(last)s GROUP BY 1",
    "tax": "SELECT t->>'percent', sum((t->>'amount')::numeric) FROM sales_sale s,"
    " jsonb_array_elements(s.terms->'taxes') t WHERE s.shop_id = %(shop)s"
    " AND s.day BETWEEN %(first)s AND %(last)s GROUP BY 1",
}


def main(arguments: list[str]) -> int:
    """Measure, print; 1 when a report of the large shop is over the aim."""
    sizes = [int(each) for each in arguments] or [20_000, 200_000]
    with started(place_from(os.environ, for_tests=True)) as server:
        environment = to_test(server.place, port=server.port)
        own = {"TEST_DB_NAME": "bench_reports", "LOG_LEVEL": "ERROR"}
        os.environ.update(with_environment(environment | own))
        django.setup()
        with own_database() as owner:
            columns = [measure(filled) for filled in fill(sizes, owner)]
    return printed(sizes, columns)


def fill(sizes: list[int], owner: dict[str, str]) -> list[Filled]:
    """A shop of each size, founded as the serving role and multiplied as the owner."""
    from django.db import connection

    from bench.reports_fill import found, multiply

    shops = []
    for size in sizes:
        filled = found(f"shop-{size}")
        log_in(owner)
        multiply(filled, size)
        shops.append(filled)
        log_in(serving_role())
    log_in(owner)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'VACUUM ANALYZE "{table}"')
    log_in(serving_role())
    return shops


def measure(filled: Filled) -> dict[str, float]:
    """Milliseconds of each report and of each floor, the middle of some runs."""
    from django.db import connection
    from django.test import Client
    from django.utils import timezone

    from apps.reports.services import sum_up
    from apps.shops.scope import shop_scope
    from bench.reports_fill import DAYS

    days: dict[str, Any] = {"first": filled.first_day, "last": timezone.now().date()}
    found = {}
    with shop_scope(filled.shop.pk), connection.cursor() as cursor:
        for name, statement in FLOORS.items():
            found[f"floor: {name}"] = timed(
                partial(cursor.execute, statement, {"shop": filled.shop.pk, **days}), runs=3
            )
    begun = time.perf_counter()
    quarters = 1
    while True:
        with shop_scope(filled.shop.pk):
            if not sum_up(shop=filled.shop, at=timezone.now()):
                break
        quarters += 1
    found[f"summing {DAYS} days, once"] = (time.perf_counter() - begun) * 1000
    client = Client()
    client.force_login(filled.owner.user)
    for name, address in addresses(days).items():
        found[name] = timed(partial(fetched, client, address))
    return found


def addresses(days: dict[str, Any]) -> dict[str, str]:
    """Each report over all that the shop ever sold, which is its slowest."""
    ever = f"since={days['first']}&until={days['last']}"
    today = f"since={days['last']}&until={days['last']}"
    return {
        "trial balance, two years": f"/reports/trial-balance/?{ever}",
        "account: cash, two years": f"/reports/account/?{ever}&account=cash",
        "day book, a day": f"/reports/day-book/?{today}",
        "sales by kind, two years": f"/reports/sales/?{ever}&by=category",
        "sales by seller, two years": f"/reports/sales/?{ever}&by=seller",
        "sales by metal, one till": f"/reports/sales/?{ever}&by=metal&till=2",
        "sales by kind, this month": "/reports/sales/?period=month",
        "pieces sold, two years, page 1": f"/reports/sold-pieces/?{ever}",
        "stock at cost and at rate": "/reports/stock/",
        "metal position": "/reports/metal-position/",
        "tax, two years": f"/reports/tax/?{ever}",
        "tax, CSV": f"/reports/tax.csv?{ever}",
        "trial balance, XLSX": f"/reports/trial-balance.xlsx?{ever}",
    }


def fetched(client: Any, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)


def timed(call: Callable[[], object], *, runs: int = RUNS) -> float:
    """Milliseconds, the middle of the runs after a first one."""
    call()
    taken = []
    for _run in range(runs):
        begun = time.perf_counter()
        call()
        taken.append((time.perf_counter() - begun) * 1000)
    return median(taken)


def printed(sizes: list[int], columns: list[dict[str, float]]) -> int:
    """The table; 1 when a report of the largest shop is over the aim."""
    heads = "".join(f"{f'{size:,}':>12}" for size in sizes)
    print(f"{'p50 in milliseconds, sales of the shop:':<44}{heads}{'grows':>9}")
    for name in columns[0]:
        times = [column[name] for column in columns]
        shown = "".join(f"{each:>12.0f}" for each in times)
        print(f"{name:<44}{shown}{times[-1] / times[0]:>8.1f}x")
    slow = [
        name
        for name, taken in columns[-1].items()
        if taken > AIM_MS and not name.startswith(("floor", "summing"))
    ]
    if slow:
        print(f"Over {AIM_MS} ms: {', '.join(slow)}.")
    return int(bool(slow))


if __name__ == "__main__":
    with told_in_one_sentence():
        sys.exit(main(sys.argv[1:]))
