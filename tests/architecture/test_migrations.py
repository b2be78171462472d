"""Migrations: complete, first things first, and reversible to nothing and back."""

import os
import re
import subprocess
import sys

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

FIRST = ("core", "0001_grants")
THEIRS = re.compile(r"procrastinate|django_migrations|pg_toast")


def test_grants_come_before_everything():
    """Default privileges bind only tables that are made after them."""
    graph = MigrationLoader(None, ignore_no_migrations=True).graph
    late = {node for node in graph.nodes if FIRST not in graph.forwards_plan(node)}
    roots = sorted(node for node in late if not graph.node_map[node].parents)
    assert not late, f"core.0001_grants: run_before = […, {', '.join(map(str, roots))}]"


def test_migrations_that_come_first_exist():
    """A name in run_before that no migration bears is passed over without a word."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    named = loader.disk_migrations[FIRST].run_before
    unknown = [node for node in named if tuple(node) not in loader.disk_migrations]
    assert not unknown, unknown


@pytest.mark.django_db
def test_models_and_migrations_agree(capsys):
    try:
        call_command("makemigrations", check=True, dry_run=True, verbosity=1)
    except SystemExit:
        pytest.fail(f"manage.py makemigrations: {capsys.readouterr().out}")


def test_migrations_are_named_by_what_they_do():
    loader = MigrationLoader(None, ignore_no_migrations=True)
    nameless = [
        f"{app}.{name}"
        for app, name in loader.disk_migrations
        if loader.disk_migrations[app, name].__module__.startswith("apps.") and "_auto_" in name
    ]
    assert not nameless, f"makemigrations -n says_what_it_does: {nameless}"


@pytest.fixture
def empty_database(django_db_setup, django_db_blocker):
    """A database beside the tests' own; gives its name and how to look into it as its owner."""
    name = f"{settings.DATABASES['default']['TEST']['NAME']}_migrations"
    link = settings.DATABASES["default"]

    def connect(dbname):
        return psycopg.connect(
            host=link["HOST"],
            port=link["PORT"],
            dbname=dbname,
            user=os.environ["DB_USER"],
            password=settings.DB_LINK.password,
            sslmode="verify-full",
            sslrootcert=settings.DB_LINK.sslrootcert,
            autocommit=True,
        )

    with connect("postgres") as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield name, lambda: connect(name)
    with connect("postgres") as server:
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.mark.slow
def test_migrations_go_to_nothing_and_back(empty_database):
    name, connect = empty_database

    def migrate(*target):
        done = subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity=0", *target],
            env={**os.environ, "POSTGRES_DB": name},
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr[-2000:]

    def shape():
        """What our migrations made; procrastinate's own cannot be taken back."""
        asked = {
            "relations": "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace",
            "functions": "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
            "policies": "SELECT tablename, qual FROM pg_policies",
            "triggers": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
            "defaults": "SELECT defaclobjtype, defaclacl::text FROM pg_default_acl",
            "grants": "SELECT table_name, privilege_type FROM information_schema.table_privileges"
            " WHERE grantee = 'jewelry_app'",
        }
        with connect() as database:
            return {
                kind: {row for row in database.execute(statement) if not THEIRS.search(row[0])}
                for kind, statement in asked.items()
            }

    migrate()
    forth = shape()
    assert all(forth.values()), forth
    migrate("users", "zero")  # every app of ours stands on it
    left = shape()
    assert not left["policies"]
    assert not left["triggers"]
    assert left["functions"] == {("current_shop_id",)}
    migrate()
    assert shape() == forth
    migrate("--fake", "procrastinate", "zero")
    migrate("core", "zero")  # and everything stands on this
    assert not any(shape().values()), shape()
