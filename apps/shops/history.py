"""The shop's history: what was changed, by whom, from where. Written by triggers alone."""

from django.db import connection


def redact(*, table: str, row: int) -> int:
    """Take what it says out of the history of a person's row; how many changes were redacted.

    That something changed, when and by whom, stays. Only tables of customers and their dossiers:
    the database refuses any other. Call it after the row itself was changed, in the same
    transaction, so that the change which emptied the row is redacted too.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT shops_redact_history(%s, %s)", [table, row])
        return int(cursor.fetchone()[0])
