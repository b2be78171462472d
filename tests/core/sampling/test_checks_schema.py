"""The migrations that this code needs, against databases that have them, and that lack some."""

import sys

import psycopg
import pytest

from apps.core.sampling.check import State
from apps.core.sampling.checks import migrations
from apps.core.sampling.checks.migrations import needed_on_disk, pending
from local.roles import APP, OWNER
from tests.core.sampling.conftest import broken_by, closed_port, passes, seen

GRANTS = ("core", "0001_grants")


@pytest.mark.django_db  # else nobody makes the database of the tests, when these run alone
class TestAgainstTheShopsOwn:
    def test_all_are_there_and_the_serving_role_may_read_that(self, shop_link):
        reading = migrations.look(shop_link, needed=needed_on_disk())

        assert passes(reading)
        assert seen(reading) == {"migrations:pending": 0}

    def test_those_of_every_app_are_needed(self):
        apps = {app for app, _ in needed_on_disk()}
        assert {"core", "users", "shops", "sales", "sessions", "procrastinate"} <= apps

    def test_one_that_is_missing(self, shop_link):
        needed = {**needed_on_disk(), ("sales", "9999_tomorrow"): ()}

        reading = migrations.look(shop_link, needed=needed)

        assert (reading.state, reading.word, reading.finding) == (
            State.FAIL,
            "pending",
            "schema.behind",
        )
        assert "sales.9999_tomorrow" in reading.said
        assert seen(reading) == {"migrations:pending": 1}

    def test_newer_code_was_here_before(self, link, primary):
        """Old processes of a rollout go on serving."""
        with psycopg.connect(**primary.link(OWNER, autocommit=True)) as owner:
            owner.execute("INSERT INTO django_migrations VALUES ('core', '9999_newer')")
            try:
                assert passes(migrations.look(link, needed={GRANTS: ()}))
            finally:
                owner.execute("DELETE FROM django_migrations WHERE name = '9999_newer'")


class TestOtherwise:
    def test_an_empty_database(self, links, primary):
        pooler = {"USER": "pooler", "PASSWORD": primary.passwords["pooler"]}
        reading = migrations.look(
            links(primary, NAME="postgres", **pooler), needed={GRANTS: (), ("core", "0002"): ()}
        )

        assert (reading.word, reading.finding) == ("pending", "schema.empty")
        assert seen(reading) == {"migrations:pending": 2}

    def test_the_role_may_not_read_them(self, link, primary):
        in_shop = primary.link("postgres", autocommit=True)
        with psycopg.connect(**in_shop) as superuser:
            superuser.execute("REVOKE SELECT ON django_migrations FROM jewelry_app")
            try:
                reading = migrations.look(link, needed={GRANTS: ()})
            finally:
                superuser.execute("GRANT SELECT ON django_migrations TO jewelry_app")
        assert (reading.state, reading.word) == (State.FAIL, "refused")
        assert reading.finding == "role.no-schema-permission"

    def test_no_database(self, links, primary):
        reading = migrations.look(links(primary, PORT=closed_port()), needed={GRANTS: ()})

        assert (reading.state, reading.word) == (State.FAIL, "unreachable")

    def test_many_are_told_in_a_line(self, link):
        needed = {("sales", f"{number:04}_x"): () for number in range(40)}
        reading = migrations.look(link, needed=needed)

        assert reading.said.endswith("and 35 more.")

    def test_it_gates_once(self, link):
        check = migrations.build(link)
        assert check.gates
        assert check.latch

    def test_the_login_of_a_role_that_is_gone(self, links, primary):
        with broken_by(primary, f"ALTER ROLE {APP} NOLOGIN", mended_by=[f"ALTER ROLE {APP} LOGIN"]):
            reading = migrations.look(links(primary), needed={GRANTS: ()})
        assert (reading.word, reading.finding) == ("auth", "auth.may-not-log-in")


class TestSquashed:
    FIRST, SECOND, BOTH, ALL = (("x", name) for name in ("0001", "0002", "0003_both", "0004_all"))
    NEEDED = {BOTH: (FIRST, SECOND)}

    @pytest.mark.parametrize(
        ("applied", "missing"),
        [
            ([BOTH], set()),
            ([FIRST, SECOND], set()),
            ([FIRST], {BOTH}),
            ([], {BOTH}),
        ],
    )
    def test_a_squashed_one_stands_for_its_parts(self, applied, missing):
        assert pending(self.NEEDED, applied) == missing

    def test_one_squashed_again(self):
        needed = {self.ALL: (self.BOTH,), self.BOTH: (self.FIRST, self.SECOND)}
        assert pending(needed, [self.FIRST, self.SECOND]) == set()
        assert pending(needed, [self.SECOND]) == {self.ALL, self.BOTH}

    def test_as_django_reads_it_from_the_files(self, settings, tmp_path, monkeypatch):
        folder = tmp_path / "squashed_migrations"
        folder.mkdir()
        (folder / "__init__.py").touch()
        head = "from django.db import migrations\nclass Migration(migrations.Migration):\n"
        (folder / "0001_first.py").write_text(head + "    dependencies = []\n")
        (folder / "0002_second.py").write_text(
            head + "    dependencies = [('reports', '0001_first')]\n"
        )
        (folder / "0001_squashed_0002.py").write_text(
            head + "    replaces = [('reports', '0001_first'), ('reports', '0002_second')]\n"
        )
        monkeypatch.syspath_prepend(str(tmp_path))
        settings.MIGRATION_MODULES = {"reports": "squashed_migrations"}
        needed_on_disk.cache_clear()
        try:
            needed = needed_on_disk()
        finally:
            needed_on_disk.cache_clear()
            for name in [name for name in sys.modules if name.startswith("squashed_migrations")]:
                del sys.modules[name]

        of_app = {name for name in needed if name[0] == "reports"}
        applied = set(needed) - of_app
        assert of_app == {("reports", "0001_squashed_0002")}
        parts = {("reports", "0001_first"), ("reports", "0002_second")}
        assert pending(needed, applied | parts) == set()
        assert pending(needed, applied) == of_app
