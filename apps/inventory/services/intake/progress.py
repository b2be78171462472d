"""How far a file is, told while the transaction that brings it in is still open."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from django.db import connection


@contextmanager
def told_at_once(*, shop_id: int, upload_id: int) -> Iterator[Callable[[int], None]]:
    """Give a function that notes how many rows are written, on a connection of its own.

    What the open transaction writes itself nobody else sees before its end.
    """
    with closing(connection.copy()) as beside:
        beside.set_autocommit(False)

        def tell(done_rows: int) -> None:
            with beside.cursor() as cursor:
                cursor.execute("SELECT set_config('app.shop_id', %s, true)", [str(shop_id)])
                cursor.execute(
                    "UPDATE inventory_pieceimport SET done_rows = %s WHERE id = %s",
                    [done_rows, upload_id],
                )
            beside.commit()

        yield tell
