"""Could a sale be made now? One statement tells: answered, writable, over TLS, policies bind."""

import time
from datetime import datetime
from typing import Any, Final

import psycopg
from django.utils.translation import gettext_lazy as _

from apps.core.sampling.causes import Cause, cause_of, found
from apps.core.sampling.check import Check, Observation, Reading, State
from apps.core.sampling.link import Link

_EVERY_S: Final = 1.0
_WITHIN_S: Final = 0.8
# Sooner than the deadline, so that the look itself can say what it waited for.
_ASKED_WITHIN_S: Final = 0.7
# `default_…` changes in the kept session on a reload; what is set for the role or the database,
# only newcomers meet, so that is asked as well. A table that is not there yet is the migrations'
# affair; they look once, so one that is gone is this check's.
_QUESTION: Final = """
    SELECT pg_is_in_recovery(),
           current_setting('transaction_read_only')::boolean
             OR current_setting('default_transaction_read_only')::boolean,
           coalesce(own.ssl, false), role.rolsuper, role.rolbypassrls,
           coalesce(row_security_active(to_regclass('shops_register')::oid), true)
             AND coalesce((SELECT bool_and(row_security_active(polrelid)) FROM pg_policy), true),
           to_regclass('shops_register') IS NOT NULL,
           pg_conf_load_time(),
           (SELECT string_agg(setconfig::text, ' ' ORDER BY setdatabase, setrole)
              FROM pg_db_role_setting
             WHERE setdatabase IN (0, own.datid) AND setrole IN (0, own.usesysid))
      FROM pg_stat_get_activity(pg_backend_pid()) own
      LEFT JOIN pg_roles role ON role.oid = own.usesysid
"""

_Configured = tuple[datetime, str | None]


def build(link: Link, *, gates: bool = True) -> Check:
    """Asked each second over the link, which this check alone opens again after a failure."""
    return Check(
        name="database",
        look=Database(link).look,
        every_s=_EVERY_S,
        within_s=_WITHIN_S,
        gates=gates,
        give_up=link.cut,
        component_type="datastore",
        meaning=_("Takes and answers writes"),
    )


class Database:
    """Remembers what newcomers would meet: when the server read its files, what is set for us."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._configured: tuple[int, _Configured] | None = None
        self._had_tables = False

    def look(self) -> Reading:
        """One look. Observes the statement's time and the server's role."""
        began_s = time.monotonic()
        try:
            answer = self._link.ask(_QUESTION, within_s=_ASKED_WITHIN_S, urgent=True)
        except psycopg.Error as failure:
            cause = cause_of(failure, secrets=self._link.secrets)
            took = _took(time.monotonic() - began_s, cause)
            return cause.reading(observed=(took,))
        *seen, has_tables, configured_at, settings = answer.row
        self._notice((configured_at, settings))
        observed = (_took(answer.took_s), _role(in_recovery=seen[0]))
        found_cause = _cause(*seen, encrypted=answer.encrypted, pooled=self._link.is_pooled)
        if found_cause is None and self._had_tables and not has_tables:
            found_cause = found("schema.empty")
        if found_cause is not None:
            return found_cause.reading(observed=observed)
        self._had_tables = has_tables
        if self._link.not_renewed is not None:
            cause = cause_of(self._link.not_renewed, secrets=self._link.secrets)
            # The kept session serves, as those of the pages do. Behind a pooler they keep none.
            state = State.FAIL if self._link.is_pooled else State.WARN
            return cause.reading(state=state, observed=observed)
        return Reading(observed=observed)

    def _notice(self, configured: _Configured) -> None:
        """Log in again after each reload, of rules or certificates, and each ALTER ROLE … SET."""
        if self._link.is_pooled:
            return  # each server session has a time of its own, and renewals are frequent
        before, self._configured = self._configured, (self._link.sessions, configured)
        if before is not None and before[0] == self._link.sessions and before != self._configured:
            self._link.renew_soon()


def _cause(
    in_recovery: bool,
    read_only: bool,
    server_leg_encrypted: bool,
    superuser: bool | None,
    bypasses: bool | None,
    bound: bool,
    *,
    encrypted: bool,
    pooled: bool,
) -> Cause | None:
    if in_recovery or read_only:
        return found("session.read-only")
    if not encrypted:
        return found("tls.link-plaintext")
    # Behind a pooler the server speaks of the pooler's leg.
    if not server_leg_encrypted:
        return found("tls.server-leg-plaintext" if pooled else "tls.link-plaintext")
    if superuser is None:
        return found("auth.no-such-role")
    if superuser:
        return found("role.superuser")
    if bypasses:
        return found("role.bypassrls")
    return None if bound else found("rls.not-bound")


def _role(*, in_recovery: bool) -> Observation:
    return Observation(
        measurement="database:role",
        component="default",
        value="standby" if in_recovery else "primary",
        state=State.FAIL if in_recovery else State.PASS,
        word="read_only" if in_recovery else "",
    )


def _took(seconds: float, cause: Cause | None = None) -> Observation:
    value: Any = round(seconds * 1000, 3)
    return Observation(
        measurement="database:responseTime",
        component="default",
        value=value,
        unit="ms",
        state=State.FAIL if cause else State.PASS,
        word=cause.word if cause else "",
    )
