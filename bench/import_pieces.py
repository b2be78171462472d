"""How long a file of pieces takes from its bytes to the last row, beside its rows alone.

    python -m bench.import_pieces [ROWS]

The floor sends the same rows to a table without keys, policies or triggers, by COPY.
"""

import os
import sys
import time
from typing import Final

import django

from bench.stock_list import own_database
from local.env import to_test, with_environment
from local.place import place_from
from local.postgres import started
from local.problem import told_in_one_sentence

HEAD: Final = (
    "tag,name,category,metal,fineness,net_weight_g,gross_weight_g,making_mode,making_value,cost"
)


def main(arguments: list[str]) -> int:
    """Measure and print."""
    rows = int(arguments[0]) if arguments else 10_000
    with started(place_from(os.environ, for_tests=True)) as server:
        environment = to_test(server.place, port=server.port)
        os.environ.update(with_environment(environment | {"TEST_DB_NAME": "bench_import"}))
        django.setup()
        with own_database() as owner:
            floor_s = floor(rows, owner)
            read_s, write_s = bring_in(rows)
    print(f"{'Import of ' + format(rows, ',') + ' pieces':<44}{'seconds':>9}{'of floor':>10}")
    print(f"{'the rows alone, by COPY':<44}{floor_s:>9.2f}{1:>10}")
    print(f"{'read and checked':<44}{read_s:>9.2f}{read_s / floor_s:>10.0f}")
    print(f"{'brought in, to the commit':<44}{write_s:>9.2f}{write_s / floor_s:>10.0f}")
    return 0


def lines(rows: int) -> list[str]:
    return [
        f"R-{number},Ring {number},ring,gold,916,3.850,3.850,per_gram,28,1500"
        for number in range(rows)
    ]


def floor(rows: int, owner: dict[str, str]) -> float:
    """Seconds to COPY the rows, four to a piece as the import writes them, into a bare table."""
    from django.db import connection

    from bench.stock_list import log_in

    app = {name: connection.settings_dict[name] for name in ("USER", "PASSWORD")}
    log_in(owner)
    try:
        connection.ensure_connection()
        link = connection.connection
        link.execute("CREATE TABLE bench_floor (line text)")
        begun = time.perf_counter()
        with link.cursor().copy("COPY bench_floor FROM STDIN") as copy:
            for line in lines(rows):
                for _table in range(4):
                    copy.write_row([line])
        return time.perf_counter() - begun
    finally:
        log_in(app)


def bring_in(rows: int) -> tuple[float, float]:
    """Seconds to read and check the file, and to write it, commit included."""
    from django.utils import timezone

    from apps.inventory.services.intake.files import bring_in_file, look_at_file
    from apps.ledger.services import open_books
    from apps.shops.models import Role
    from apps.shops.scope import shop_scope
    from apps.shops.services import enrol, open_shop
    from apps.users.models import User

    shop = open_shop(name="Bench", slug="bench", currency="AED", tax_pack="AE")
    owner = enrol(user=User.objects.create_user("bench"), shop=shop, role=Role.OWNER)
    with shop_scope(shop.pk):
        open_books()
    content = "\n".join([HEAD, *lines(rows)]).encode()
    begun = time.perf_counter()
    with shop_scope(shop.pk):
        seen = look_at_file(content, by=owner)
    read = time.perf_counter()
    with shop_scope(shop.pk):
        bring_in_file(seen=seen, file_name="bench.csv", by=owner, at=timezone.now())
    return read - begun, time.perf_counter() - read


if __name__ == "__main__":
    with told_in_one_sentence():
        sys.exit(main(sys.argv[1:]))
