"""Sales: what a sale costs over HTTP, beside the same SQL issued by one plain client.

    python -m bench.sales [SALES]

The floor replays, over the same TLS link and as the same role, the very statements that sales of
this run issue: recorded from the real service, rolled back, then sent by one psycopg client with
nothing around them. Web is gunicorn as in production; the database is as durable as a real one.
"""

import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from http.client import HTTPConnection
from statistics import quantiles
from typing import Any, Final

import django
import psycopg

from bench import production
from local.env import to_migrate
from local.place import place_from
from local.postgres import Server, started
from local.problem import told_in_one_sentence
from local.run import prepare
from local.spilo import free_port

PORT: Final = 8900
CLIENTS: Final = 8
MANY: Final = 20
PRICE: Final = Decimal("1057.98")  # 10 g of 916 at 100 a fine gram, making 10 %, VAT 5 %
# Ids and numbers so large that no other number of a statement is mistaken for one.
FIRST_SALE, FIRST_ENTRY, FIRST_NUMBER = 5_000_000_000, 7_000_000_000, 500_000_000


@dataclass(frozen=True, slots=True)
class Measured:
    """One row: how many sales, how long each took in seconds, how long all took."""

    name: str
    took_s: list[float]
    all_s: float
    statements: str = ""

    @property
    def rate(self) -> float:
        return len(self.took_s) / self.all_s


@dataclass(slots=True)
class Recorded:
    """A sale's statements, and the values that the database will give anew when replayed."""

    statements: list[tuple[str, Any]]
    sale_id: int
    entry_id: int
    number: int
    code: str


def main(arguments: list[str]) -> int:
    """Measure and print: floor and peer by turns, so that both meet the same machine."""
    sales = int(arguments[0]) if arguments else 300
    place = place_from({**os.environ, "DATA_DIR": os.environ.get("DATA_DIR", ".local") + "/bench"})
    with started(place) as server:
        prepare(server)
        production.collect_static(server)
        serving = production.environment(
            server, PORT=str(PORT), HEALTH_BIND="127.0.0.1", HEALTH_PORT=str(free_port())
        )
        os.environ.clear()
        os.environ.update(serving)
        django.setup()
        shelf, token = furnish(server, pieces=sales * 4 + 2 * MANY * (sales // 4) + MANY * 2)
        with production.web(serving):
            report(list(measure(shelf, token, sales)))
    return 0


def furnish(server: Server, *, pieces: int) -> tuple[Iterator[str], str]:
    """A shop with a rate, tills and pieces; the tags to sell, and an API token."""
    from django.db import connection
    from django.utils import timezone

    from apps.inventory.services.new_pieces import NewMetal, NewPiece
    from apps.inventory.services.take_in import take_in_all
    from apps.ledger.services import open_books
    from apps.pricing.services import set_rate
    from apps.shops.models import Branch, Register, Role
    from apps.shops.scope import shop_scope
    from apps.shops.services import enrol, issue_token, open_shop
    from apps.shops.shifts import begin
    from apps.users.models import User

    raise_sequences(server)
    now = timezone.now()
    name = f"bench-{now:%Y%m%d%H%M%S}"
    shop = open_shop(name=name, slug=name, currency="AED", tax_pack="AE")
    owner = enrol(user=User.objects.create_user(name), shop=shop, role=Role.OWNER)
    metal = NewMetal(metal="gold", fineness=9160, net_weight_g=Decimal(10))
    with shop_scope(shop.pk):
        open_books()
        branch = Branch.objects.get()
        Register.objects.bulk_create(
            Register(branch=branch, code=str(number), name=f"Till {number}")
            for number in range(2, CLIENTS + 1)
        )
        Register.objects.update(last_number=FIRST_NUMBER)
        # A shift begins with a till's first document; no sale that is measured is that one.
        for till in Register.objects.select_for_update():
            begin(register=till, by=owner, at=now)
        set_rate(
            shop=shop, metal="gold", fineness=10_000, side="sell", unit="g",
            amount=Decimal(100), at=now, by=owner,
        )  # fmt: skip
        take_in_all(
            pieces=[
                NewPiece(
                    tag=f"T-{number}", name="Ring", category="ring", metals=(metal,),
                    gross_weight_g=Decimal(10), making_mode="percent_of_metal",
                    making_value=Decimal(10), cost=Decimal(500),
                )
                for number in range(pieces)
            ],
            by=owner, at=now, reference="bench",
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return (f"T-{number}" for number in range(pieces)), issue_token(member=owner, at=now)


def raise_sequences(server: Server) -> None:
    """As the owner: fresh statistics, and ids that nothing else can be mistaken for."""
    owner = to_migrate(server.place, port=server.port)
    with psycopg.connect(
        host=owner["POSTGRES_HOST"],
        port=owner["POSTGRES_PORT"],
        dbname=owner["POSTGRES_DB"],
        user=owner["DB_USER"],
        password=server.place.secret_file("owner").read_text().strip(),
        sslmode="verify-full",
        sslrootcert=owner["DB_SSLROOTCERT"],
        autocommit=True,
    ) as connection:
        for table, first in (("sales_sale", FIRST_SALE), ("ledger_entry", FIRST_ENTRY)):
            connection.execute(
                "SELECT setval(s, greatest(%s, nextval(s)))"
                " FROM pg_get_serial_sequence(%s, 'id') AS s",
                [first, table],
            )
        connection.execute("VACUUM ANALYZE")


def measure(shelf: Iterator[str], token: str, sales: int) -> Iterator[Measured]:
    """Each row of the table."""
    few = sales // 4
    sell(token, [baskets(shelf, 10, 1)])  # warm: connections, caches, plans
    yield replay("1 line, the same SQL, one client", token, baskets(shelf, sales, 1))
    yield over_http("1 line, 1 client", token, [baskets(shelf, sales, 1)])
    each = sales // CLIENTS
    yield over_http(
        f"1 line, {CLIENTS} clients", token, [baskets(shelf, each, 1) for _ in range(CLIENTS)]
    )
    yield replay(f"{MANY} lines, the same SQL, one client", token, baskets(shelf, few, MANY))
    yield over_http(f"{MANY} lines, 1 client", token, [baskets(shelf, few, MANY)])


def baskets(shelf: Iterator[str], count: int, lines: int) -> list[list[str]]:
    return [[next(shelf) for _ in range(lines)] for _ in range(count)]


# -- over HTTP -------------------------------------------------------------------------------


def over_http(name: str, token: str, clients: Sequence[list[list[str]]]) -> Measured:
    """Sell each client's baskets one after another, all clients at once, each at its own till."""
    took, all_s = sell(token, clients)
    return Measured(name, took, all_s)


def sell(token: str, clients: Sequence[list[list[str]]]) -> tuple[list[float], float]:
    with ProcessPoolExecutor(len(clients)) as pool:
        begun = time.perf_counter()
        till = range(1, len(clients) + 1)
        runs = list(pool.map(_client, [token] * len(clients), till, clients))
        all_s = time.perf_counter() - begun
    if len(clients) == 1:
        all_s = sum(runs[0])  # without the time the process took to start
    return [took for run in runs for took in run], all_s


def _client(token: str, till: int, orders: list[list[str]]) -> list[float]:
    link = HTTPConnection("127.0.0.1", PORT, timeout=30)
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Host": "localhost",
        "X-Forwarded-Proto": "https",
    }
    took = []
    for tags in orders:
        body = json.dumps(
            {
                "lines": [{"tag": tag} for tag in tags],
                "tenders": [{"kind": "card", "amount": str(PRICE * len(tags))}],
                "till": str(till),
            }
        )
        begun = time.perf_counter()
        link.request("POST", "/api/v1/sales", body, {**headers, "Idempotency-Key": tags[0]})
        answer = link.getresponse()
        said = answer.read()
        took.append(time.perf_counter() - begun)
        assert answer.status == 201, said
    link.close()
    return took


# -- the floor -------------------------------------------------------------------------------


def replay(name: str, token: str, orders: list[list[str]]) -> Measured:
    """Record the statements of each sale, then send them by one plain client."""
    from django.db import connection

    recorded = [record(token, tags) for tags in orders]
    parameters = connection.get_connection_params()
    connection.close()
    took = []
    with psycopg.connect(**parameters, autocommit=True) as link, link.cursor() as cursor:
        for sale in recorded:
            begun = time.perf_counter()
            _send(cursor, sale)
            took.append(time.perf_counter() - begun)
    # BEGIN and COMMIT are statements too.
    return Measured(name, took, sum(took), str(len(recorded[0].statements) + 2))


def record(token: str, tags: list[str]) -> Recorded:
    """What one sale asks the database, from its token to its last row; nothing is kept."""
    from django.db import connection, transaction
    from django.utils import timezone

    from apps.ledger.models import Entry
    from apps.sales.orders import Order
    from apps.sales.pricing import Wanted
    from apps.sales.rules import Payment
    from apps.sales.services.sell import sell
    from apps.shops.identity import member_by_token
    from apps.shops.scope import shop_scope

    statements: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append((sql, params))
        return execute(sql, params, many, context)

    order = Order(
        lines=tuple(Wanted(tag) for tag in tags),
        payments=(Payment("card", PRICE * len(tags)),),
        key=f"floor-{tags[0]}",
    )
    with connection.execute_wrapper(note):
        member = member_by_token(f"Bearer {token}")
        assert member is not None
        with shop_scope(member.shop_id):
            sale = sell(order=order, by=member, at=timezone.now()).sale
            count = len(statements)
            entry = Entry.objects.get(reference=sale.code)
            transaction.set_rollback(True)
    return Recorded(statements[:count], sale.pk, entry.pk, sale.number, sale.code)


def _send(cursor: Any, sale: Recorded) -> None:
    """Replay, putting the ids and the number that this database gives now in place of the old."""
    new: dict[Any, Any] = {}
    token, *rest = sale.statements
    cursor.execute(*token)
    cursor.fetchall()
    cursor.execute("BEGIN")
    for sql, params in rest:
        if new and params:
            params = [_renewed(value, new) for value in params]
        cursor.execute(sql, params)
        rows = cursor.fetchall() if cursor.description else []
        if sql.startswith("UPDATE shops_register"):
            _id, code, number, _shift = rows[0]
            new[sale.number] = number
            new[sale.code] = f"{code}-{number:06d}"
        elif sql.startswith('INSERT INTO "sales_sale" '):
            new[sale.sale_id] = rows[0][0]
        elif sql.startswith('INSERT INTO "ledger_entry" '):
            new[sale.entry_id] = rows[0][0]
    cursor.execute("COMMIT")


def _renewed(value: Any, new: dict[Any, Any]) -> Any:
    """The value, or the one that stands for it now; a column sent as an array value by value."""
    if isinstance(value, list):
        return [_renewed(each, new) for each in value]
    return new.get(value, value) if isinstance(value, int | str) else value


# -- the table -------------------------------------------------------------------------------


def report(rows: list[Measured]) -> None:
    """Print the table; each peer's rate as a share of the floor above it."""
    print(f"\n{'Sales':<38}{'a second':>10}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'of floor':>10}")
    floor = rows[0].rate
    for row in rows:
        if row.statements:
            floor = row.rate
        cuts = [1000 * cut for cut in quantiles(row.took_s, n=100)]
        share = "1" if row.statements else f"{row.rate / floor:.2f}"
        print(
            f"{row.name:<38}{row.rate:>10.0f}{cuts[49]:>9.1f}{cuts[94]:>9.1f}{cuts[98]:>9.1f}"
            f"{share:>10}"
        )
    counts = {row.name.split(",")[0]: row.statements for row in rows if row.statements}
    told = ", ".join(f"{lines}: {count}" for lines, count in counts.items())
    print(f"statements a sale, BEGIN and COMMIT counted: {told}")


if __name__ == "__main__":
    with told_in_one_sentence():
        sys.exit(main(sys.argv[1:]))
