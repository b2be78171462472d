"""What every test stands on: real PostgreSQL over TLS, as the role that serves.

The owner makes and migrates the test database; then the tests log in as
jewelry_app, which row-level security binds.
"""

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase

from apps.core.sampling import entry
from apps.shops.scope import shop_scope
from tests import make

pytest_plugins = ["tests.servers"]

OWNER: dict[str, str] = {}


def log_in(who):
    connection.close()
    connection.settings_dict.update(who)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        database = connection.settings_dict
        OWNER.update(USER=database["USER"], PASSWORD=database["PASSWORD"])
        call_command("createcachetable")
        with connection.cursor() as cursor:
            # As local/roles.py leaves the real one: nobody else comes in, and no temporary tables.
            cursor.execute("REVOKE ALL ON DATABASE %s FROM PUBLIC" % database["NAME"])  # noqa: UP031
            cursor.execute("GRANT CONNECT ON DATABASE %s TO jewelry_app" % database["NAME"])  # noqa: UP031
        log_in(settings.TEST_APP_LOGIN)
    yield
    # A page that was asked how the shop is has woken the checks, and those hold a session.
    entry.close()
    with django_db_blocker.unblock():
        log_in(OWNER)


_flush = TransactionTestCase._fixture_teardown


def _flush_as_owner(self):  # jewelry_app may not TRUNCATE
    log_in(OWNER)
    try:
        _flush(self)
        with connection.cursor() as cursor:  # unmanaged models: flush does not know them
            cursor.execute(
                "TRUNCATE procrastinate_jobs, procrastinate_workers,"
                " procrastinate_periodic_defers, procrastinate_events"
            )
    finally:
        log_in(settings.TEST_APP_LOGIN)


TransactionTestCase._fixture_teardown = _flush_as_owner


@pytest.fixture
def shop(db):
    return make.shop()


@pytest.fixture
def owner(shop):
    return make.member(of=shop)


@pytest.fixture
def scope(shop):
    """The test's body runs inside the shop."""
    with shop_scope(shop.pk):
        yield


@pytest.fixture
def clerk(shop, scope):
    """A salesperson, at work: the test's body runs inside their shop."""
    return make.member(of=shop, role="salesperson")
