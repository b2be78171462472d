"""Waiting in tests for what another connection does: for the event, never for a while."""

import time

from django.db import connection

PATIENCE_S = 30  # a busy machine gives a thread its turn late
# Not pg_stat_activity: a transaction sees there who was connected when it first looked.
WAITS_FOR_ME = """
    SELECT count(*) FROM pg_locks
    WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))
"""


def until_somebody_waits():
    """Return once another session waits for a lock of this one's transaction; fail if none does."""
    deadline = time.monotonic() + PATIENCE_S
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(WAITS_FOR_ME)
            if cursor.fetchone()[0]:
                return
    raise AssertionError(f"Nobody waited for this transaction within {PATIENCE_S} s.")
