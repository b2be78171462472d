"""Django's backend for PostgreSQL, made to live through renewed secrets and failovers.

Beside Django's own keys an entry of DATABASES may have

LOGIN             a function that reads user and password from where they come from
PRIMARY_ONLY      refuse a server that takes no writes
POOLED            a pooler answers, so what was reported at its login may be old
ANSWER_WITHIN_S   how long one answer of the server is waited for; None: for ever
"""

import time
from functools import cached_property
from types import TracebackType
from typing import Any, Final

import psycopg
import structlog
from django.db import OperationalError
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import IsolationLevel
from django.db.utils import DatabaseErrorWrapper

from apps.core.database.login import Login, renewed
from apps.core.database.postgresql.connection import Connection

# What a server says that is going down, or that has become a replica. The link is of no use
# afterwards, although it may look alive. Source: PostgreSQL, appendix A (Error Codes).
DROPPED_ON: Final = frozenset(
    {
        "25006",  # read_only_sql_transaction
        "25P03",  # idle_in_transaction_session_timeout
        "25P04",  # transaction_timeout
        "57P01",  # admin_shutdown
        "57P02",  # crash_shutdown
        "57P03",  # cannot_connect_now
        "57P05",  # idle_session_timeout
    }
)
# A link that was good a moment ago answers in milliseconds; a stopped server's kernel takes
# what is sent to it for minutes.
_STILL_THERE_WITHIN_S: Final = 3.0
_TAKES_NO_WRITES: Final = (
    "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean"
)
_logger = structlog.get_logger(__name__)


class ReadOnly(OperationalError):
    """The server takes no writes: a replica, or a primary that was demoted."""

    def __init__(self) -> None:
        super().__init__("the server takes no writes: it is a replica, or switched to read-only")


class _Errors(DatabaseErrorWrapper):
    """Django's translation of the driver's errors, which also drops a link that is done."""

    def __init__(self, database: "DatabaseWrapper") -> None:
        super().__init__(database)
        self._database = database

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(exc_value, psycopg.Error) and exc_value.sqlstate in DROPPED_ON:
            # Not closed at once: the transaction around it is still to be ended.
            self._database.close_at = time.monotonic()
            if isinstance(exc_value, psycopg.InternalError):
                # A failover like the others, for everybody who asks by the class.
                self._database.errors_occurred = True
                raise OperationalError(*exc_value.args).with_traceback(traceback) from exc_value
        super().__exit__(exc_type, exc_value, traceback)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's connection, with the four keys of this module."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A link past its age, which goes on serving if no new one can be had.
        self._predecessor: Connection | None = None

    @cached_property
    def wrap_database_errors(self) -> DatabaseErrorWrapper:
        return _Errors(self)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        """Log in, with a renewed login if the first one fails; to a primary where one is demanded.

        While a renewed password is in the database and not yet in the mounted
        file, nobody can log in: then the old link goes on.

        Raises psycopg.OperationalError, ReadOnly.
        """
        # As Django's own does; isolation_level and pool of OPTIONS are not used here.
        self.isolation_level = IsolationLevel.READ_COMMITTED
        predecessor, self._predecessor = self._predecessor, None
        try:
            link = self._logged_in({**conn_params, "autocommit": True})
        except psycopg.OperationalError as failure:
            if predecessor is not None and self._serves(predecessor):
                _logger.warning("database_link_outlives_its_age", said=str(failure))
                return predecessor
            if predecessor is not None:
                predecessor.close()
            raise
        if predecessor is not None:
            predecessor.close()
        link.answer_within_s = self._answer_within_s
        if self.settings_dict.get("PRIMARY_ONLY"):
            self._refuse_read_only(link)
        return link

    def close_if_unusable_or_obsolete(self) -> None:
        """Django's, except that a good link of high age is kept until its successor stands."""
        if self._is_aged():
            self._predecessor, self.connection = self.connection, None
        else:
            super().close_if_unusable_or_obsolete()

    def close(self) -> None:
        if self._predecessor is not None:
            self._predecessor.close()
            self._predecessor = None
        super().close()

    def is_usable(self) -> bool:
        """Whether the link still leads to a server that can do what is asked of it."""
        return self.connection is not None and self._serves(self.connection)

    def schema_editor(self, *args: Any, **kwargs: Any) -> Any:
        """Django's, which may wait for as long as building an index takes."""
        self.ensure_connection()
        self.connection.answer_within_s = None
        return super().schema_editor(*args, **kwargs)

    @property
    def _answer_within_s(self) -> float | None:
        # Without a database one is being made or dropped, which takes its time.
        return None if self.alias == NO_DB_ALIAS else self.settings_dict.get("ANSWER_WITHIN_S")

    def _logged_in(self, params: dict[str, Any]) -> Connection:
        """Whatever the failure said: poolers, versions and languages differ in their words."""
        try:
            return Connection.connect(**params)
        except psycopg.OperationalError:
            tried = Login(params.get("user", ""), params.get("password", ""))
            login = renewed(self.settings_dict, tried=tried)
            if login is None:
                raise
            return Connection.connect(**{**params, "user": login.user, "password": login.password})

    def _refuse_read_only(self, link: Connection) -> None:
        try:
            if self._takes_no_writes(link):
                raise ReadOnly
        except (psycopg.Error, ReadOnly):
            link.close()
            raise

    def _takes_no_writes(self, link: Connection) -> bool:
        """By what the server has reported of itself, which costs nothing; a pooler is asked.

        PostgreSQL reports both parameters with the answer after which they changed.
        PgBouncer repeats what some server reported when its pool was made.
        """
        if not self.settings_dict.get("POOLED"):
            standby = link.info.parameter_status("in_hot_standby")
            read_only = link.info.parameter_status("default_transaction_read_only")
            if standby is not None and read_only is not None:
                return "on" in (standby, read_only)
        row = link.execute(_TAKES_NO_WRITES).fetchone()
        return bool(row and row[0])

    def _serves(self, link: Connection) -> bool:
        before, link.answer_within_s = link.answer_within_s, _STILL_THERE_WITHIN_S
        try:
            link.execute("SELECT 1")
            return not (self.settings_dict.get("PRIMARY_ONLY") and self._takes_no_writes(link))
        except psycopg.Error:
            return False
        finally:
            link.answer_within_s = before

    def _is_aged(self) -> bool:
        return (
            self.connection is not None
            and not self.in_atomic_block
            and not self.errors_occurred
            and bool(self.settings_dict["CONN_MAX_AGE"])
            and self.get_autocommit() == self.settings_dict["AUTOCOMMIT"]
            and self.close_at is not None
            and time.monotonic() >= self.close_at
        )
