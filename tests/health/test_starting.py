"""A web that comes up before its database, and before the tables that it needs.

Each row of the matrix, and its test; one after another in the life of one web:

17 database down at start  test_it_starts_without_its_database
15 migrations pending      test_it_waits_for_its_tables
16 newer tables            test_tables_of_a_newer_program_do_not_trouble_it
"""

import json
import time
from contextlib import ExitStack

import pytest

from tests.health.expect import (
    ROOM,
    assert_sound,
    details,
    fails,
    passes,
    serves,
)
from tests.health.watch import READY
from tests.health.web import serving

pytestmark = pytest.mark.slow

_LAST = "SELECT app, name, applied FROM django_migrations ORDER BY id DESC LIMIT 1"
_FORGET = "DELETE FROM django_migrations WHERE app = %s AND name = %s"
_APPLY = "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)"


class Life:
    """One web, begun without a database, and the migration that was missing when it came."""

    def __init__(self, database, held):
        self.database = database
        ((app, name, applied),) = database.sql(_LAST)
        self.missing = (app, name, applied)
        database.sql(_FORGET, app, name)
        self._outage = ExitStack()
        self._outage.enter_context(database.crashed())
        held.callback(self._outage.close)
        self.began = time.monotonic()
        self.web = held.enter_context(serving(database.environment()))
        self.workers = self.web.workers

    def database_comes(self):
        self._outage.close()

    def apply(self):
        app, name, _ = self.missing
        self.database.sql(_FORGET, app, name)
        self.database.sql(_APPLY, *self.missing)


@pytest.fixture(scope="module")
def life(database):
    with ExitStack() as held:
        one = Life(database, held)
        yield one
        one.database_comes()
        one.apply()


def test_it_starts_without_its_database(life):
    shown = life.web.watcher.steady(
        life.began,
        within_s=20,
        startup=passes,
        live=passes,
        ready=lambda seen: seen.status == 503 and "database" in seen.json()["failing"],
        detailed=details("database", "unreachable"),
    )
    assert shown < 8 * ROOM
    time.sleep(1.0)
    assert life.web.workers == life.workers
    assert life.web.kubelet.restarts == 0
    assert not life.web.kubelet.in_service


def test_it_waits_for_its_tables(life):
    life.database_comes()
    came = time.monotonic()
    life.web.watcher.steady(
        came,
        within_s=15 * ROOM,
        ready=fails("migrations"),
        detailed=details("migrations", "pending"),
    )
    told = json.loads(life.web.detailed().body)["checks"]["migrations:pending"]
    assert [(one["observedValue"], one["status"]) for one in told] == [(1, "fail")]

    life.apply()
    life.web.watcher.steady(time.monotonic(), within_s=15 * ROOM, ready=serves)
    assert life.web.kubelet.restarts == 0


def test_tables_of_a_newer_program_do_not_trouble_it(life):
    began = time.monotonic()
    app, name, applied = life.missing
    life.database.sql(_APPLY, app, "9999_of_a_newer_program", applied)
    life.database.sql(_FORGET, app, name)  # and what was once there is not asked for again
    try:
        time.sleep(2.5)
        assert all(serves(one) for one in life.web.watcher.since(began, READY))
    finally:
        life.database.sql(_FORGET, app, "9999_of_a_newer_program")
        life.apply()
    assert life.web.workers == life.workers
    assert_sound(life.web, since=began)
