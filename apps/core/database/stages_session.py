"""The stages after the login: role, row-level security, which server, pooler, schema, room.

Everything is read in one transaction that writes nothing and limits its own statements, so that
it is right behind a pooler too and leaves nothing behind.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import psycopg

from apps.core.database import certificate
from apps.core.database.look import Expect, Look, Note, fail, ok, skipped, warn, within
from apps.core.database.redact import redact
from apps.core.database.stages_login import connect

ANSWER_WITHIN_S: Final = 2.0
_CLOCKS_MAY_DIFFER: Final = timedelta(seconds=5)
_FULL_FROM: Final = 0.8
_APPS: Final = Path(__file__).resolve().parents[2]
_MARK: Final = "jewelry.doctor"  # a setting that exists nowhere else
_SHOWN: Final = 5

_ROLE: Final = """
    SELECT r.rolsuper, r.rolbypassrls, r.rolcreatedb, r.rolcreaterole, r.rolreplication,
           CASE WHEN isfinite(r.rolvaliduntil) THEN r.rolvaliduntil END, session_user, current_user,
           (SELECT count(*) FROM pg_class c
             WHERE c.relkind IN ('r', 'p') AND c.relowner = r.oid
               AND c.relnamespace NOT IN
                   (SELECT oid FROM pg_namespace WHERE nspname LIKE 'pg\\_%'))
      FROM pg_roles r WHERE r.rolname = current_user
"""
_RLS: Final = """
    SELECT count(*), coalesce(array_agg(c.oid::regclass::text ORDER BY 1)
                              FILTER (WHERE NOT row_security_active(c.oid)), '{}')
      FROM pg_class c
     WHERE c.relrowsecurity AND c.relkind IN ('r', 'p')
       AND has_schema_privilege(c.relnamespace, 'USAGE')
"""
_ROOM: Final = """
    SELECT current_setting('max_connections')::int,
           current_setting('superuser_reserved_connections')::int
             + coalesce(current_setting('reserved_connections', true)::int, 0),
           (SELECT coalesce(sum(numbackends), 0)::int FROM pg_stat_database),
           (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user)
"""


def role(look: Look) -> Note:
    """What the role may do: too much is a finding."""
    row = _row(look, _ROLE)
    superuser, bypasses, *mighty, until, login, current, owned = row
    evidence = (f"logged in as {login}, acting as {current}, owns {owned} tables",)
    if superuser:
        return fail("role.superuser", f"{current} is a superuser.", *evidence)
    if bypasses:
        return fail("role.bypassrls", f"{current} has BYPASSRLS.", *evidence)
    if owned:
        return fail("role.owns-tables", f"{current} owns {owned} tables.", *evidence)
    flags = ("CREATEDB", "CREATEROLE", "REPLICATION")
    held = [flag for flag, has in zip(flags, mighty, strict=True) if has]
    if held:
        return warn("role.too-mighty", f"{current} has {', '.join(held)}.", *evidence)
    if until is not None and until - look.now < timedelta(days=certificate.WARN_DAYS):
        return warn("role.expires-soon", f"The password of {current} ends {until:%Y-%m-%d}.")
    return ok(f"{current}: no superuser, no BYPASSRLS, no owner", *evidence)


def rls(look: Look) -> Note:
    """Whether row-level security binds this role on every table that has it."""
    protected, unbound = _row(look, _RLS)
    if not protected:
        return skipped("no table has row-level security here")
    if unbound:
        shown = ", ".join(unbound[:_SHOWN])
        return fail("rls.not-bound", f"It does not bind on {len(unbound)} tables: {shown}.")
    return ok(f"binds on {protected} tables")


def primary(look: Look) -> Note:
    """Primary or read-only, against what this link is for."""
    recovering, read_only = _row(
        look,
        "SELECT pg_is_in_recovery(), current_setting('default_transaction_read_only')::bool",
    )
    if look.expect is Expect.REPLICA:
        if recovering:
            return ok("a replica, as it should be")
        return warn("session.not-read-only", "A primary answers where a replica should.")
    if recovering:
        return fail("session.read-only", "The server is a replica: it takes no writes.")
    if read_only:
        return fail("session.read-only", "default_transaction_read_only is on.")
    return ok("a primary that takes writes")


def peer(look: Look) -> Note:
    """PostgreSQL itself or a pooler, its version, and the pool mode as far as it can be seen."""
    assert look.connection is not None
    (real,) = _row(look, "SELECT pg_backend_pid()")
    info = look.connection.info
    version = info.parameter_status("server_version") or "of an unknown version"
    # A pooler makes up the process it names at the login; PostgreSQL names its own.
    look.pooled = info.backend_pid != real
    if look.pooled and not look.link.pooled:
        return warn("pooler.unexpected", f"PgBouncer or the like, before PostgreSQL {version}.")
    if look.link.pooled and not look.pooled:
        return warn("pooler.absent", f"PostgreSQL {version} itself, with USE_PGBOUNCER on.")
    if look.pooled:
        return ok(f"PgBouncer or the like, before PostgreSQL {version}")
    return ok(f"PostgreSQL {version} itself")


def pooler(look: Look) -> Note:
    """What the pooler drops: startup options, and the session itself."""
    if not look.pooled:
        return skipped("no pooler in between")
    assert look.connection is not None
    look.connection.rollback()
    first = _row(look, "SELECT pg_backend_pid()")
    look.connection.rollback()
    try:
        with connect(look, options=f"-c {_MARK}=1") as second:
            answer = within(
                ANSWER_WITHIN_S,
                lambda: second.execute(
                    "SELECT pg_backend_pid(), current_setting(%s, true)", [_MARK]
                ).fetchone(),
            )
    except psycopg.Error as failure:
        words = redact(str(failure), look.secrets)
        if "unsupported" in words:
            return warn("pooler.startup-parameter", "It refuses the parameter options.", words)
        raise
    assert answer is not None
    # Two clients at once on one server connection: it belongs to a transaction, not to a session.
    shared = answer[0] == first[0]
    mode = "transaction pooling: session state, LISTEN and session locks are lost"
    seen = mode if shared else "pool mode not to be seen from here"
    if answer[1]:
        return ok(f"passes options on; {seen}")
    if look.link.pooled:
        return ok(f"drops options, which the program does not use; {seen}")
    return warn("pooler.options-dropped", f"It drops options; {seen}.")


def encryption(look: Look) -> Note:
    """What the server says about the encryption of the connection that reached it."""
    row = _row(look, "SELECT ssl, version, cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    encrypted, version, cipher = row
    assert look.connection is not None
    if not look.connection.pgconn.ssl_in_use:
        return fail("tls.link-plaintext", "This connection is plaintext.")
    if encrypted:
        leg = "the pooler's leg to the server is" if look.pooled else "the server sees"
        return ok(f"{leg} {version} {cipher}")
    if look.pooled:
        return fail("tls.server-leg-plaintext", "The pooler's leg to PostgreSQL is plaintext.")
    return fail("tls.server-leg-plaintext", "TLS ends before PostgreSQL, which sees plaintext.")


def schema(look: Look) -> Note:
    """Whether the migrations of this version's own apps have been applied."""
    there, readable = _row(
        look,
        "SELECT to_regclass('django_migrations') IS NOT NULL,"
        " coalesce(has_table_privilege(to_regclass('django_migrations')::oid, 'SELECT'), false)",
    )
    if not there:
        return fail("schema.empty", "There is no table of migrations in this database.")
    if not readable:
        return fail("role.no-schema-permission", "The role may not read the table of migrations.")
    applied = {(app, name) for app, name in _rows(look, "SELECT app, name FROM django_migrations")}
    ours = migrations_on_disk()
    missing = sorted(ours - applied)
    if missing == sorted(ours):
        return fail("schema.empty", "None of the shop's migrations has been applied.")
    if missing:
        shown = tuple(f"{app}.{name}" for app, name in missing[:_SHOWN])
        return fail("schema.behind", f"{len(missing)} migrations are not applied.", *shown)
    return ok(f"{len(ours)} migrations of the shop are applied")


def migrations_on_disk() -> set[tuple[str, str]]:
    """The migrations of this version's apps, by the names Django records."""
    return {(path.parent.parent.name, path.stem) for path in _APPS.glob("*/migrations/[0-9]*_*.py")}


def clock(look: Look) -> Note:
    """The difference between the server's clock and ours, give or take the way there."""
    (there,) = _row(look, "SELECT clock_timestamp() - %s", [look.now])
    # `now` was taken when the look began, which is some of our own time ago.
    off = abs(there - look.spent)
    if off > _CLOCKS_MAY_DIFFER:
        return warn("clock.differs", f"They differ by {off.total_seconds():.0f} s.")
    return ok(f"within {_CLOCKS_MAY_DIFFER.total_seconds():.0f} s")


def certificate_days(look: Look) -> Note:
    """Days left of the certificate that is served."""
    if not look.chain:
        return skipped("no certificate was seen")
    left = certificate.days_left(look.chain[0], now=look.now)
    if left < certificate.WARN_DAYS:
        return warn("tls.expires-soon", f"{left} days are left.")
    return ok(f"{left} days are left")


def budget(look: Look) -> Note:
    """Connections in use, of those that a serving role may have."""
    most, reserved, used, of_role = _row(look, _ROOM)
    room = most - reserved
    limit = "" if of_role < 0 else f", at most {of_role} for this role"
    saw = f"{used} of {room} in use ({most} less {reserved} reserved{limit})"
    return warn("budget.nearly-full", f"{saw}.") if used >= _FULL_FROM * room else ok(saw)


def _row(look: Look, query: str, given: Sequence[Any] = ()) -> tuple[Any, ...]:
    rows = _rows(look, query, given)
    assert rows, query
    return rows[0]


def _rows(look: Look, query: str, given: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Ask within one transaction. Raises TookTooLong, psycopg.Error."""
    connection = look.connection
    assert connection is not None

    def ask() -> list[tuple[Any, ...]]:
        if connection.autocommit:
            connection.autocommit = False
        if connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
            connection.execute("SET TRANSACTION READ ONLY")
            connection.execute(
                "SELECT set_config('statement_timeout', %s, true)",
                [f"{int(ANSWER_WITHIN_S * 1000)}ms"],
            )
        return connection.execute(query, given or None).fetchall()

    return within(ANSWER_WITHIN_S, ask)
