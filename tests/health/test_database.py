"""The database under a web of two workers: gone, silent, full, locked out, disguised, read-only.

Each row of the matrix, and its test:

 2 stopped                 test_it_is_not_ready_while (stopped)
 5 frozen, links warm      test_it_is_not_ready_while (frozen)
10 too many connections    test_it_is_not_ready_while (full)
11 login                   test_it_is_not_ready_while (password, role gone, locked)
   not bound               test_it_is_not_ready_while (superuser, bypasses)
12 TLS                     test_it_is_not_ready_while (stranger, expired, another name)
13 read-only               test_it_is_not_ready_while (read-only, standby)
"""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import psycopg
import pytest

from local.roles import APP
from tests.health.expect import details, fails, fault
from tests.health.links import wait_for
from tests.health.web import serving
from tests.paths.authority import Authority

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def web(database):
    with serving(database.environment()) as one:
        yield one


def full(database):
    """Nobody but a superuser gets in: all connections are taken."""

    @contextmanager
    def taken():
        with ExitStack() as held:

            def take_all():
                while True:
                    try:
                        link = psycopg.connect(**database.server.link(APP, application_name="held"))
                    except psycopg.OperationalError:
                        return
                    held.enter_context(link)

            take_all()
            # Each that is cut tries to come back at once: until none of them has.
            while database.sql(
                "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity"
                " WHERE usename = %s AND application_name <> 'held'",
                APP,
            ):
                take_all()
            yield

    return taken()


def another_password(database):
    right = psycopg.sql.Literal(database.server.passwords[APP]).as_string(None)
    return database.altered(
        f"ALTER ROLE {APP} PASSWORD 'another'", back=[f"ALTER ROLE {APP} PASSWORD {right}"]
    )


def role_gone(database):
    return database.altered(
        f"ALTER ROLE {APP} RENAME TO gone_app", back=[f"ALTER ROLE gone_app RENAME TO {APP}"]
    )


def role(flag):
    def altered(database):
        return database.altered(
            f"ALTER ROLE {APP} {flag}", back=[f"ALTER ROLE {APP} {_opposite(flag)}"]
        )

    return altered


def _opposite(flag):
    return flag.removeprefix("NO") if flag.startswith("NO") else f"NO{flag}"


def showing(make):
    return lambda database: database.showing(make(database.authority))


def read_only(database):
    return database.altered(
        "ALTER SYSTEM SET default_transaction_read_only = on",
        "SELECT pg_reload_conf()",
        back=["ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()"],
    )


FAULTS = {
    "stopped": (lambda database: database.crashed(), "unreachable"),
    "frozen": (lambda database: database.frozen(), "timeout"),
    "full": (full, "refused"),
    "another password": (another_password, "auth"),
    "role gone": (role_gone, "auth"),
    "role locked": (role("NOLOGIN"), "auth"),
    "role a superuser": (role("SUPERUSER"), "unbound"),
    "role bypasses policies": (role("BYPASSRLS"), "unbound"),
    "a stranger's certificate": (showing(lambda _: Authority("a stranger").issue()), "tls"),
    "an expired certificate": (showing(lambda ours: ours.issue(days=-1)), "tls"),
    "another's name": (showing(lambda ours: ours.issue(names=("db.elsewhere",))), "tls"),
    "read-only": (read_only, "read_only"),
    "a standby": (lambda database: database.demoted(), "read_only"),
}


# Each of these has its own code, although row-level security binds neither.
FINDINGS = {
    "role a superuser": "role.superuser",
    "role bypasses policies": "role.bypassrls",
    "read-only": "session.read-only",
}


@pytest.mark.parametrize("name", FAULTS)
def test_it_is_not_ready_while(database, web, name):
    doing, word = FAULTS[name]
    with ThreadPoolExecutor(4) as visitors:
        visits = range(100 if name == "frozen" else 1)
        assert set(visitors.map(lambda _: visit(web), visits)) == {302}

    with fault(
        web,
        doing(database),
        within_s=3,
        ready=fails("database"),
        detailed=details("database", word),
        told=["database"],
    ):
        if name == "stopped":
            wait_for(lambda: not web.kubelet.in_service, "the kubelet to send nobody any more")
        checks = json.loads(web.detailed().body)["checks"]
        if name == "a standby":
            assert [one["observedValue"] for one in checks["database:role"]] == ["standby"]
        if name in FINDINGS:
            (entry,) = checks["database:responseTime"]
            assert entry["xFinding"] == FINDINGS[name]

    wait_for(lambda: web.kubelet.in_service, "the kubelet to send requests again")
    assert visit(web) == 302


def visit(web):
    """A page that asks the database who somebody is."""
    return web.get("/", Cookie="sessionid=somebody").status
