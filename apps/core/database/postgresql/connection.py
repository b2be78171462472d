"""A psycopg connection whose answers are waited for only so long."""

from typing import Any, Final, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

_WAIT_INTERVAL_S: Final = 0.1
_RV = TypeVar("_RV")


class Connection(psycopg.Connection[Any]):
    """A connection that is given up when an answer does not come in time.

    statement_timeout is the server's own clock: it does not run in a server
    that is stopped, nor over a network that has swallowed the answer.
    """

    answer_within_s: float | None = None

    def wait(
        self, gen: PQGen[_RV], interval: float = _WAIT_INTERVAL_S, timeout: float | None = None
    ) -> _RV:
        limit = self.answer_within_s if timeout is None else timeout
        try:
            return super().wait(gen, interval=interval, timeout=limit)
        except psycopg.OperationalError as failure:
            if timeout is None and self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                # The answer may come later and would be taken for that of the next statement.
                self.close()
                raise psycopg.OperationalError(
                    f"the server did not answer within {limit:g} s: connection timed out"
                ) from failure
            raise
