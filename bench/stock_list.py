"""How long the stock list of 100,000 pieces takes, at any page and any search.

Makes a database of its own on the tests' server, as its owner; measures as jewelry_app, whom
row-level security binds; prints one table of milliseconds and drops the database.

    python -m bench.stock_list [PIECES]
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING, Final

import django

from local.env import to_test, with_environment
from local.place import place_from
from local.postgres import started
from local.problem import told_in_one_sentence

if TYPE_CHECKING:
    from django.test import Client

RUNS: Final = 40
AIM_MS: Final = 100
BATCH: Final = 20_000  # a statement of the serving role may take fifteen seconds
Login = dict[str, str]
FILL: Final = Path(__file__).with_suffix(".sql")


def main(arguments: list[str]) -> int:
    """Measure, print; 1 when a 95th percentile is over the aim."""
    pieces = int(arguments[0]) if arguments else 100_000
    with started(place_from(os.environ, for_tests=True)) as server:
        environment = to_test(server.place, port=server.port)
        own = {"TEST_DB_NAME": "bench_stock_list", "LOG_LEVEL": "ERROR"}
        os.environ.update(with_environment(environment | own))
        django.setup()
        with own_database() as owner:
            rows = list(measure(pieces, owner))
    print(f"{'Stock list':<44}{'p50 ms':>9}{'p95 ms':>9}{'max ms':>9}")
    for name, half, most, worst in rows:
        print(f"{name:<44}{half:>9.1f}{most:>9.1f}{worst:>9.1f}")
    return int(any(most > AIM_MS for name, _half, most, _worst in rows if "sums" not in name))


@contextmanager
def own_database() -> Iterator[Login]:
    """A migrated database, dropped at the end; inside, the connection is the serving role's.

    Gives the owner's login.
    """
    from django.db import connection

    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    owner = {key: connection.settings_dict[key] for key in ("USER", "PASSWORD")}
    with connection.cursor() as cursor:
        cursor.execute(
            f"GRANT CONNECT ON DATABASE {connection.settings_dict['NAME']} TO jewelry_app"
        )
    try:
        log_in(serving_role())
        yield owner
    finally:
        log_in(owner)
        connection.creation.destroy_test_db(name, verbosity=0)


def serving_role() -> Login:
    """The login of jewelry_app, as the tests have it."""
    from django.conf import settings

    return dict(getattr(settings, "TEST_APP_LOGIN"))  # noqa: B009  # of the test settings alone


def log_in(who: Login) -> None:
    """Go on as this role."""
    from django.db import connection

    connection.close()
    connection.settings_dict.update(who)


def fill(pieces: int, owner: Login) -> int:
    """Two shops, so that the index holds strangers' pieces too; the id of the large one."""
    from django.db import connection

    from apps.inventory.models import Place
    from apps.shops.models import Branch
    from apps.shops.scope import shop_scope
    from apps.shops.services import open_shop

    shops = []
    for name, amount in (("small", pieces // 5), ("large", pieces * 6 // 5)):
        shop = open_shop(name=name, slug=name, currency="AED", tax_pack="AE", time_zone="UTC")
        with shop_scope(shop.pk), connection.cursor() as cursor:
            branch = Branch.objects.first()
            Place.objects.bulk_create(
                Place(branch=branch, name=f"Tray {number}", kind="tray") for number in range(12)
            )
            for first in range(1, amount + 1, BATCH):
                last = min(first + BATCH - 1, amount)
                cursor.execute(FILL.read_text(), {"first": first, "last": last})
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        shops.append(shop.pk)
    log_in(owner)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    log_in(serving_role())
    return shops[-1]


def signed_in(shop_id: int) -> Client:
    """A browser of the shop's owner; the board has a rate for every metal of the pieces."""
    from django.test import Client
    from django.utils import timezone

    from apps.pricing.models import Metal
    from apps.pricing.services import set_rate
    from apps.shops.models import Role, Shop
    from apps.shops.scope import shop_scope
    from apps.shops.services import enrol
    from apps.users.models import User

    shop = Shop.objects.get(pk=shop_id)
    user = User.objects.create_user("bench")
    member = enrol(user=user, shop=shop, role=Role.OWNER)
    with shop_scope(shop_id):
        for metal in Metal:
            set_rate(
                shop=shop,
                metal=metal,
                fineness=10_000,
                side="sell",
                unit="g",
                amount=Decimal(100),
                at=timezone.now(),
                by=member,
            )
    client = Client()
    client.force_login(user)
    return client


def measure(pieces: int, owner: Login) -> Iterator[tuple[str, float, float, float]]:
    """Name, median, 95th percentile and worst, in milliseconds, of each kind of look."""
    from apps.inventory.selectors import (
        PAGE_SIZE,
        Wanted,
        categories,
        page_by_number,
        page_from,
        sums,
    )
    from apps.shops.scope import shop_scope

    shop_id = fill(pieces, owner)
    client = signed_in(shop_id)
    last = pieces // PAGE_SIZE

    def looks() -> Iterator[tuple[str, Callable[[], object]]]:
        yield "first page", lambda: page_from(Wanted())
        yield "page 2, keyset", lambda: page_from(Wanted(), after=page_from(Wanted()).after)
        for page in (last // 2, last):
            yield f"page {page:,} by number", partial(page_by_number, Wanted(), page=page)
        yield (
            f"page {last // 2:,} by number, one metal",
            lambda: page_by_number(Wanted(metal="gold"), page=last // 2),
        )
        for words in ("r", "15", "ring", "halo ring", "b100021", "0021", "gia62", "ring 9z", "zz"):
            yield f"search “{words}”", partial(page_from, Wanted(search=words))
        yield "search “ring”, page 200", lambda: page_by_number(Wanted(search="ring"), page=200)
        yield "search “o r”, one metal", lambda: page_from(Wanted(search="o r", metal="silver"))
        yield (
            "search “999”, reserved",
            lambda: page_from(Wanted(search="999", states=("reserved",))),
        )
        yield (
            "filter: category and sold",
            lambda: page_from(Wanted(category="Coin", states=("sold",))),
        )
        yield "the page as HTML, 50 prices", partial(client.get, "/stock/")
        yield "the page as HTML, “halo ring”", partial(client.get, "/stock/?search=halo+ring")
        yield "categories", categories
        yield "exact sums, all (asked for after the page)", lambda: sums(Wanted())
        yield "exact sums, “halo” (asked for after the page)", lambda: sums(Wanted(search="halo"))

    for name, look in looks():
        taken = []
        for _run in range(RUNS):
            with shop_scope(shop_id):
                began = time.perf_counter()
                look()
                taken.append((time.perf_counter() - began) * 1000)
        cuts = quantiles(taken, n=20)
        yield name, cuts[9], cuts[18], max(taken)


if __name__ == "__main__":
    with told_in_one_sentence():
        sys.exit(main(sys.argv[1:]))
