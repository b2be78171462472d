"""The statements of the Job, run by its own command against a server as the operator makes it."""

import os
import subprocess

import psycopg
import pytest
from psycopg import sql

from local.place import CHECKOUT
from local.roles import APP, APP_FLAGS, APP_STATEMENT_TIMEOUT, OWNER, OWNER_FLAGS
from local.spilo import POOLER
from local.tools import DEBIAN_15, POSTGRESQL_15
from tests.k8s.rendered import environment, named, render, workload
from tests.paths.conftest import needs

FLAGS = {
    "LOGIN": "rolcanlogin",
    "SUPERUSER": "rolsuper",
    "BYPASSRLS": "rolbypassrls",
    "CREATEROLE": "rolcreaterole",
    "REPLICATION": "rolreplication",
    "CREATEDB": "rolcreatedb",
    "INHERIT": "rolinherit",
}


def repair(server, folder):
    """Run what the Job's container runs, its mounts being files of this machine."""
    needs(POSTGRESQL_15)
    objects = render("k3d")
    one = workload(objects, "database-roles")
    (container,) = one.containers
    (content,) = named(objects, "ConfigMap", one.spec["volumes"][0]["configMap"]["name"])[
        "data"
    ].items()
    (folder / content[0]).write_text(content[1])
    (folder / "username").write_text("postgres\n")
    (folder / "password").write_text(server.passwords["postgres"] + "\n")
    script = container["command"][2].replace("/sql/", f"{folder}/")
    script = script.replace("/run/secrets/superuser/", f"{folder}/")
    given = environment(one, container, objects) | {
        "PGSSLROOTCERT": str(server.ca),
        "PGHOST": "localhost",
        "PGPORT": str(server.port),
        "PATH": f"{DEBIAN_15}:{os.defpath}",
    }
    return subprocess.run(
        [*container["command"][:2], script],
        env=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def flags_of(server, role):
    with server.superuser() as connection:
        columns = sql.SQL(", ").join(map(sql.Identifier, FLAGS.values()))
        row = connection.execute(
            sql.SQL("SELECT {} FROM pg_roles WHERE rolname = %s").format(columns), [role]
        ).fetchone()
    return {name for name, held in zip(FLAGS, row, strict=True) if held}


def wanted(flags):
    return {flag for flag in flags.split() if not flag.startswith("NO")} | (
        set() if "NOINHERIT" in flags else {"INHERIT"}
    )


@pytest.fixture
def spoiled(primary):
    """Roles as an operator leaves them that once was told to make them superusers."""
    with primary.superuser() as connection:
        for role in (APP, OWNER):
            connection.execute(
                sql.SQL(
                    "ALTER ROLE {} SUPERUSER BYPASSRLS CREATEROLE CREATEDB REPLICATION INHERIT"
                ).format(sql.Identifier(role))
            )
        connection.execute("ALTER ROLE jewelry_app RESET statement_timeout")
        connection.execute("GRANT jewelry_owner, pg_read_all_data TO jewelry_app")
        connection.execute("GRANT ALL ON DATABASE jewelry_shop TO PUBLIC")
    return primary


def test_roles_become_what_the_laptop_has(spoiled, tmp_path):
    assert "SUPERUSER" in flags_of(spoiled, APP)
    for _ in range(2):  # as often as one likes
        done = repair(spoiled, tmp_path)
        assert done.returncode == 0, done.stderr
    assert flags_of(spoiled, APP) == wanted(APP_FLAGS)
    assert flags_of(spoiled, OWNER) == wanted(OWNER_FLAGS)
    with spoiled.superuser() as connection:
        members = connection.execute(
            "SELECT count(*) FROM pg_auth_members WHERE member = 'jewelry_app'::regrole"
        ).fetchone()
    assert members == (0,)


def test_the_serving_role_gets_its_time_limit(spoiled, tmp_path):
    repair(spoiled, tmp_path)
    with psycopg.connect(**spoiled.link(APP)) as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == (APP_STATEMENT_TIMEOUT,)


def test_who_may_connect(spoiled, tmp_path):
    repair(spoiled, tmp_path)
    with spoiled.superuser() as connection:
        may = {
            role
            for (role,) in connection.execute(
                "SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' AND NOT rolsuper"
                " AND has_database_privilege(rolname, 'jewelry_shop', 'connect')"
            )
        }
        temporary = connection.execute(
            "SELECT has_database_privilege('jewelry_app', 'jewelry_shop', 'temporary')"
        ).fetchone()
    assert may == {APP, OWNER, POOLER}
    assert temporary == (False,)


def test_a_database_that_is_not_there_yet_is_a_failure(primary, tmp_path):
    """So the Job tries again."""
    objects = render("k3d")
    assert named(objects, "Job", "database-roles")["spec"]["backoffLimit"] >= 10
    with primary.superuser() as connection:
        connection.execute("ALTER DATABASE jewelry_shop RENAME TO elsewhere")
        try:
            done = repair(primary, tmp_path)
        finally:
            connection.execute("ALTER DATABASE elsewhere RENAME TO jewelry_shop")
    assert done.returncode != 0
    assert 'database "jewelry_shop" does not exist' in done.stderr
    assert primary.passwords["postgres"] not in done.stderr


def test_compose_runs_the_same_statements():
    compose = (CHECKOUT / "compose.yaml").read_text()
    assert (
        "./k8s/base/database-roles.sql:/docker-entrypoint-initdb.d/sql/database-roles.sql:ro"
        in compose
    )
