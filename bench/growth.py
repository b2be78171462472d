"""What a piece and its sale leave on the disk: rows, indexes, write-ahead log.

    python -m bench.growth [SALES]

Takes pieces in and sells them one by one through the services, on a database as durable as a real
one; sizes are those of whole tables after a vacuum, differences divided by the sales.
"""

import os
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import django
import psycopg
from psycopg.conninfo import make_conninfo

from local.env import to_serve, with_environment
from local.place import place_from
from local.postgres import Server, started
from local.problem import told_in_one_sentence
from local.roles import DATABASE, connect_as_superuser
from local.run import prepare

PRICE: Final = Decimal("1057.98")  # 10 g of 916 at 100 a fine gram, making 10 %, VAT 5 %
AT_ONCE: Final = 500
SHOPS: Final = 10  # rows of several shops side by side, as in life


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of each table and of its indexes, and of the log since the beginning."""

    tables: dict[str, tuple[int, int]]
    log: int


@dataclass(frozen=True, slots=True)
class Grown:
    """Bytes that one of something added."""

    table: str
    rows: float
    indexes: float

    @property
    def both(self) -> float:
        return self.rows + self.indexes


def main(arguments: list[str]) -> int:
    """Measure and print."""
    sales = int(arguments[0]) if arguments else 3000
    place = place_from({**os.environ, "DATA_DIR": os.environ.get("DATA_DIR", ".local") + "/bench"})
    with started(place) as server:
        prepare(server)
        os.environ.update(with_environment(to_serve(place, port=server.port)))
        django.setup()
        owners = list(_owners())
        count = sales // SHOPS * SHOPS
        before = sizes(server)
        for number, owner in enumerate(owners):
            _take_in(owner, sales // SHOPS, first=number)
        stocked = sizes(server)
        shelf = [(owner, _tags(owner)) for owner in owners]
        # The last piece of each shop is kept for the sale after a checkpoint.
        for owner, tags in shelf:
            for tag in tags[:-1]:
                _sell(owner, tag)
        sold = sizes(server)
        first = [_after_a_checkpoint(server, owner, tags[-1]) for owner, tags in shelf]
    report("a piece taken in", before, stocked, count)
    report("its sale, one line, with one printing", stocked, sold, count - SHOPS)
    print(f"{'the same, first after a checkpoint':<52}{sum(first) / len(first):>9.0f}")
    return 0


def sizes(server: Server) -> Sizes:
    """After a vacuum, so that neither dead rows nor free pages depend on luck."""
    with _superuser(server) as link:
        log = _log(link)
        link.execute("VACUUM")
        tables = link.execute(
            "SELECT relname, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
    return Sizes({name: (rows, indexes) for name, rows, indexes in tables}, log)


def _after_a_checkpoint(server: Server, owner: Any, tag: str) -> int:
    """Bytes of log of one sale that is the first to touch its pages since a checkpoint.

    PostgreSQL then writes each page whole: what a sale costs where shops are many and seldom meet
    on a page.
    """
    with _superuser(server) as link:
        link.execute("CHECKPOINT")
        before = _log(link)
        _sell(owner, tag)
        return _log(link) - before


def _log(link: psycopg.Connection) -> int:
    row = link.execute("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')").fetchone()
    assert row is not None
    return int(row[0])


def _superuser(server: Server) -> psycopg.Connection:
    """To the shop's database; only a superuser may order a checkpoint."""
    with connect_as_superuser(server.place, port=server.port) as elsewhere:
        address = make_conninfo(elsewhere.info.dsn, dbname=DATABASE)
        return psycopg.connect(address, password=elsewhere.info.password, autocommit=True)


def grown(before: Sizes, after: Sizes, count: int) -> list[Grown]:
    """What each table gained for one of `count`, the most first; tables that gained nothing not."""
    rows = [
        Grown(
            name,
            (after.tables[name][0] - before.tables[name][0]) / count,
            (after.tables[name][1] - before.tables[name][1]) / count,
        )
        for name in after.tables
    ]
    return sorted((row for row in rows if row.both), key=lambda row: -row.both)


def report(what: str, before: Sizes, after: Sizes, count: int) -> None:
    """One table: bytes for one."""
    rows = grown(before, after, count)
    print(f"\n{what[:1].upper() + what[1:] + f' (of {count:,})':<52}{'rows':>9}{'indexes':>9}")
    for row in rows:
        print(f"{row.table:<52}{row.rows:>9.0f}{row.indexes:>9.0f}")
    print(f"{'bytes':<52}{sum(r.rows for r in rows):>9.0f}{sum(r.indexes for r in rows):>9.0f}")
    print(f"{'write-ahead log':<52}{(after.log - before.log) / count:>9.0f}")


def _owners() -> Iterator[Any]:
    """Of new shops, each with a rate of today."""
    from django.utils import timezone

    from apps.ledger.services import open_books
    from apps.pricing.services import set_rate
    from apps.shops.models import Role
    from apps.shops.scope import shop_scope
    from apps.shops.services import enrol, open_shop
    from apps.users.models import User

    run = secrets.token_hex(3)
    for number in range(SHOPS):
        name = f"growth-{run}-{number}"
        shop = open_shop(name=name, slug=name, currency="AED", tax_pack="AE")
        owner = enrol(user=User.objects.create_user(name), shop=shop, role=Role.OWNER)
        with shop_scope(shop.pk):
            open_books()
            set_rate(
                shop=shop, metal="gold", fineness=10_000, side="sell", unit="g",
                amount=Decimal(100), at=timezone.now() - timedelta(seconds=1), by=owner,
            )  # fmt: skip
        yield owner


def _take_in(owner: Any, count: int, *, first: int) -> None:
    from django.utils import timezone

    from apps.inventory.services.new_pieces import NewMetal, NewPiece
    from apps.inventory.services.take_in import take_in_all
    from apps.shops.scope import shop_scope

    metal = NewMetal(metal="gold", fineness=9160, net_weight_g=Decimal(10))
    for start in range(0, count, AT_ONCE):
        with shop_scope(owner.shop_id):
            take_in_all(
                pieces=[
                    NewPiece(
                        tag=f"R{first}{number:06}", name=f"Solitaire ring No. {number}",
                        category="ring", metals=(metal,), gross_weight_g=Decimal(10),
                        making_mode="percent_of_metal", making_value=Decimal(10),
                        cost=Decimal(500),
                    )
                    for number in range(start, min(start + AT_ONCE, count))
                ],
                by=owner, at=timezone.now(), reference="opening",
            )  # fmt: skip


def _tags(owner: Any) -> list[str]:
    from apps.inventory.models import Piece
    from apps.shops.scope import shop_scope

    with shop_scope(owner.shop_id):
        return list(Piece.objects.order_by("tag").values_list("tag", flat=True))


def _sell(owner: Any, tag: str) -> None:
    """One piece by itself, and its bill on the roll."""
    from django.utils import timezone

    from apps.sales.models import Paper
    from apps.sales.orders import Order
    from apps.sales.pricing import Wanted
    from apps.sales.receipts.prints import print_receipt
    from apps.sales.rules import Payment
    from apps.sales.services.sell import sell
    from apps.shops.scope import shop_scope

    order = Order(
        lines=(Wanted(tag),), payments=(Payment("card", PRICE),), key=f"till-1-{tag}-20260115"
    )
    now = timezone.now()
    with shop_scope(owner.shop_id):
        sale = sell(order=order, by=owner, at=now).sale
    with shop_scope(owner.shop_id):
        print_receipt(sale=sale, paper=Paper.ROLL, by=owner, at=now)


if __name__ == "__main__":
    with told_in_one_sentence():
        sys.exit(main(sys.argv[1:]))
