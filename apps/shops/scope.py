"""Which shop's rows the database shows. The only door into tenant data."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from apps.core.sampling import wedge
from apps.shops.acting import actor


@contextmanager
def shop_scope(shop_id: int, *, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Run the block, in one transaction, as this shop and no other.

    Scopes nest: leaving an inner one restores the outer shop. The setting is
    local to the transaction, so a pooled connection never carries it to
    another request, and the outermost scope has nothing to restore. `using`
    names a database of DATABASES: the replica has a scope of its own.
    """
    connection = connections[using]
    nested = connection.in_atomic_block
    with transaction.atomic(using=using):
        outer = _set_shop(str(shop_id), using=using)
        wedge.of_pages.reached()
        yield
        # A rollback undoes the setting by itself, and forbids further queries.
        if nested and not connection.needs_rollback:
            _set_shop(outer, using=using)


def _set_shop(value: str, *, using: str) -> str:
    """Set app.shop_id until the transaction ends; return what it was ('' if unset).

    The same statement says who acts, for the history of what is changed.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(
            "WITH outer_scope AS MATERIALIZED"
            " (SELECT coalesce(current_setting('app.shop_id', true), '') AS shop)"
            " SELECT shop, set_config('app.shop_id', %s, true), set_config('app.actor', %s, true)"
            " FROM outer_scope",
            [value, actor()],
        )
        return str(cursor.fetchone()[0])
