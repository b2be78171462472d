"""Years of a shop's sales, cloned in the database from one day that was sold through the services.

Import it after django.setup(). The rows are those of real sales, postings and snapshots too;
what differs is the number, the day, the till, the seller. Run as the owner, whom no policy binds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from apps.inventory.services.new_pieces import NewMetal, NewPiece, NewStone
from apps.inventory.services.take_in import take_in_all
from apps.ledger.services import open_books
from apps.pricing.models import Metal
from apps.pricing.services import set_rate
from apps.sales.orders import Order
from apps.sales.pricing import Wanted
from apps.sales.rules import Payment
from apps.sales.services.sell import sell
from apps.shops.models import Branch, Member, Register, Role, Shop
from apps.shops.scope import shop_scope
from apps.shops.services import enrol, open_shop
from apps.users.models import User

KINDS: Final = ("Ring", "Chain", "Bangle", "Pendant", "Earrings", "Bracelet", "Coin", "Set")
TEMPLATES: Final = 16
SELLERS: Final = 5
TILLS: Final = 3
DAYS: Final = 730
SHELF: Final = 5_000
BATCH: Final = 10_000  # nobody waits longer than twenty seconds for an answer
_TABLES: Final = (
    "sales_sale", "sales_saleline", "sales_tender", "ledger_entry", "ledger_posting",
    "inventory_piece", "inventory_piecemetal", "inventory_piecestone", "inventory_movement",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filled:
    """A shop and the first day of its sales; the last is today."""

    shop: Shop
    owner: Member
    first_day: date


def found(name: str) -> Filled:
    """A shop with tills and sellers that sold its templates today, through the services."""
    now = timezone.now()
    shop = open_shop(name=name, slug=name, currency="INR", tax_pack="IN", time_zone="UTC")
    owner = enrol(user=User.objects.create_user(name), shop=shop, role=Role.OWNER)
    for number in range(SELLERS - 1):
        seller = User.objects.create_user(f"{name}-{number}", first_name=f"Seller {number}")
        enrol(user=seller, shop=shop, role=Role.SALESPERSON)
    with shop_scope(shop.pk):
        open_books()
        branch = Branch.objects.get()
        for number in range(2, TILLS + 1):
            Register.objects.create(branch=branch, code=str(number), name=f"Till {number}")
        for metal in Metal:
            set_rate(
                shop=shop, metal=metal, fineness=10_000, side="sell", unit="g",
                amount=Decimal(100), at=now, by=owner,
            )  # fmt: skip
        take_in_all(
            pieces=[_piece(n) for n in range(TEMPLATES + SHELF)],
            by=owner, at=now, reference="opening",
        )  # fmt: skip
        for number in range(TEMPLATES):
            order = Order(
                lines=(Wanted(f"B-{number}"),),
                payments=(Payment("cash", Decimal(1_000_000)),),
                key=f"bench-{name}-{number}",
            )
            sell(order=order, by=owner, at=now)
    return Filled(shop, owner, now.date() - timedelta(days=DAYS - 1))


def _piece(number: int) -> NewPiece:
    gold = NewMetal(metal="gold", fineness=9160, net_weight_g=Decimal(5 + number % 9))
    silver = NewMetal(metal="silver", fineness=9250, net_weight_g=Decimal(20))
    metals = (gold, silver) if number % 8 == 7 else (silver,) if number % 4 == 3 else (gold,)
    stones = (
        NewStone(kind="diamond", count=1, carats=Decimal("0.25"), price_mode="fixed",
                 price_value=Decimal(300)),
    ) if number % 5 == 0 else ()  # fmt: skip
    return NewPiece(
        tag=f"B-{number}", name=f"{KINDS[number % len(KINDS)]} No. {number}",
        category=KINDS[number % len(KINDS)], metals=metals, stones=stones,
        gross_weight_g=sum((m.net_weight_g for m in metals), Decimal("0.05") * len(stones)),
        making_mode="percent_of_metal", making_value=Decimal(12), cost=Decimal(400 + number % 90),
    )  # fmt: skip


def multiply(filled: Filled, sales: int) -> None:
    """Clone the templates into so many sales over `DAYS` days. As the owner of the tables."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.shop_id', %s, false)", [str(filled.shop.pk)])
        cursor.execute("SET statement_timeout = 0")
        for table in _TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(_TEMPLATES)
        given: dict[str, Any] = {
            "shop": filled.shop.pk,
            "sales": sales,
            "templates": TEMPLATES,
            "days": DAYS,
            "first_day": filled.first_day,
            "sellers": SELLERS,
            "tills": TILLS,
        }
        statements = _clones(cursor)
        for first in range(1, sales + 1, BATCH):
            batch = {"first": first, "last": min(first + BATCH - 1, sales)}
            for statement in statements:
                cursor.execute(statement, given | batch)
        for table in _TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"  # noqa: S608
                f" (SELECT max(id) FROM {table}))"
            )
        cursor.execute(_UNBALANCED)
        assert cursor.fetchone() is None, "the clones do not balance"
        cursor.execute("SELECT set_config('app.shop_id', '', false)")


_TEMPLATES: Final = """
    DROP TABLE IF EXISTS bench_template;
    CREATE UNLOGGED TABLE bench_template AS
    SELECT row_number() OVER (ORDER BY s.id) - 1 AS k, s.id AS sale_id, e.id AS entry_id,
        l.piece_id,
        (SELECT max(id) FROM sales_sale) AS sales, (SELECT max(id) FROM ledger_entry) AS entries,
        (SELECT max(id) FROM inventory_piece) AS pieces
    FROM sales_sale s
    JOIN sales_saleline l ON l.sale_id = s.id
    JOIN ledger_entry e ON e.shop_id = s.shop_id AND e.reference = s.code AND e.what = 'sale'
    WHERE s.shop_id = (SELECT current_shop_id());
"""
_UNBALANCED: Final = (
    "SELECT entry_id FROM ledger_posting GROUP BY entry_id, commodity HAVING sum(amount) <> 0"
    " LIMIT 1"
)
_NUMBERED: Final = "g.n + 1000"
_DAY: Final = "%(first_day)s::date + (g.n * %(days)s / (%(sales)s + 1))::int"
_CODE: Final = f"'9-' || lpad(({_NUMBERED})::text, 6, '0')"
_MEMBERS: Final = "(SELECT array_agg(id ORDER BY id) FROM shops_member WHERE shop_id = %(shop)s)"
_REGISTERS: Final = (
    "(SELECT array_agg(id ORDER BY id) FROM shops_register WHERE shop_id = %(shop)s)"
)


def _clones(cursor: Any) -> list[str]:
    """Statements that copy every row of a template, with what makes the copy another one."""
    sale, entry, piece = "t.sales + g.n", "t.entries + g.n", "t.pieces + g.n"
    tag = "'K-' || g.n"
    at = f"({_DAY}) + time '10:00' + (g.n %% 400) * interval '1 minute'"
    return [
        _clone(cursor, "inventory_piece", "x.id = t.piece_id", {"id": piece, "tag": tag}),
        _clone(cursor, "inventory_piecemetal", "x.piece_id = t.piece_id", {"piece_id": piece}),
        _clone(cursor, "inventory_piecestone", "x.piece_id = t.piece_id", {"piece_id": piece}),
        _clone(
            cursor, "sales_sale", "x.id = t.sale_id",
            {
                "id": sale, "number": _NUMBERED, "code": _CODE, "day": _DAY, "sold_at": at,
                "idempotency_key": "'bench-' || g.n",
                "sold_by_id": f"({_MEMBERS})[1 + g.n %% %(sellers)s]",
                "register_id": f"({_REGISTERS})[1 + g.n %% %(tills)s]",
            },
        ),
        _clone(
            cursor, "sales_saleline", "x.sale_id = t.sale_id",
            {"sale_id": sale, "piece_id": piece, "tag": tag},
        ),
        _clone(cursor, "sales_tender", "x.sale_id = t.sale_id", {"sale_id": sale}),
        _clone(
            cursor, "ledger_entry", "x.id = t.entry_id",
            {"id": entry, "day": _DAY, "posted_at": at, "reference": _CODE},
        ),
        _clone(cursor, "ledger_posting", "x.entry_id = t.entry_id", {"entry_id": entry}),
    ]  # fmt: skip


def _clone(cursor: Any, table: str, of: str, changes: Mapping[str, str]) -> str:
    cursor.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position",
        [table],
    )
    names = [name for (name,) in cursor.fetchall() if name != "id" or "id" in changes]
    values = [changes.get(name, f'x."{name}"') for name in names]
    columns = ", ".join(f'"{name}"' for name in names)
    return (
        f"INSERT INTO {table} ({columns}) SELECT {', '.join(values)}"  # noqa: S608
        " FROM generate_series(%(first)s, %(last)s) AS g(n)"
        f" JOIN bench_template t ON t.k = g.n %% %(templates)s JOIN {table} x ON {of}"
        " ORDER BY g.n"
    )
