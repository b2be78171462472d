"""The command, as a person or a program runs it: its words, its status, what it never shows."""

import io
import json
import os
import resource
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import RequestFactory

from apps.core.pages import answer_unavailable
from local.place import CHECKOUT
from local.roles import APP

SECRET = "pl4nted-secret-of-the-shop"
STORY = (
    'connection to server at "jewelry-shop-db-pooler…", port 5432 failed: FATAL:  password'
    ' authentication failed\nconnection to server at "jewelry-shop-db-pooler…", port 5432 failed:'
    " FATAL:  SSL required\n"
)


def run(*arguments, stdin="", **environment):
    """`manage.py …` with this environment and nothing of the shop's from outside."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=CHECKOUT,
        env={"PATH": os.defpath, "HOME": "/nonexistent", **environment},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.fixture
def environment(broken):
    """What the settings of a process hold that serves."""
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings.development",
        "POSTGRES_HOST": "localhost",
        "POSTGRES_PORT": str(broken.server.port),
        "DB_USER": APP,
        "APP_DB_PASSWORD_FILE": str(broken.place.secret_file("app")),
        "DB_SSLROOTCERT": str(broken.place.ca_certificate),
        "SECRET_KEY": "k" * 60,
        "ALLOWED_HOSTS": "localhost",
    }


def test_a_sound_link_is_told_as_lines(environment):
    told = run("doctor", **environment)

    assert "ok      authentication   as jewelry_app" in told.stdout
    assert "\x1b" not in told.stdout, "no colours where there is no terminal"
    # The throwaway database has no tables.
    assert "schema.empty" in told.stdout
    assert (told.returncode, told.stderr) == (1, "")


def test_the_shops_own_database_is_all_green(db, environment):
    """A migrated database over the serving role: every stage ok, and status 0."""
    own = connection.settings_dict
    options = own["OPTIONS"]
    told = run(
        "doctor",
        "--json",
        **environment
        | {
            "POSTGRES_PORT": str(own["PORT"]),
            "POSTGRES_DB": own["NAME"],
            "APP_DB_PASSWORD_FILE": "",
            "APP_DB_PASSWORD": settings.TEST_APP_LOGIN["PASSWORD"],
            "DB_SSLROOTCERT": options["sslrootcert"],
        },
    )
    (link,) = json.loads(told.stdout)["links"]
    statuses = {stage["stage"]: stage["status"] for stage in link["stages"]}

    assert {stage for stage, status in statuses.items() if status != "ok"} == {"pooler"}
    assert (told.returncode, link["status"], link["finding"]) == (0, "ok", None)


def test_the_json_keeps_its_promise(environment):
    told = json.loads(run("doctor", "--json", **environment).stdout)

    assert (told["schema"], told["healthy"]) == (1, False)
    (link,) = told["links"]
    assert (link["link"], link["status"], link["finding"]) == ("configured", "fail", "schema.empty")
    assert {tuple(stage) for stage in link["stages"]} == {
        ("stage", "status", "finding", "saw", "means", "do", "not", "evidence", "seconds")
    }
    assert {stage["status"] for stage in link["stages"]} == {"ok", "skipped", "fail"}
    assert link["target"]["sources"]["host"] == "POSTGRES_HOST"


def test_all_looks_at_each_link_that_is_named(environment):
    port = environment["POSTGRES_PORT"]
    told = run(
        "doctor",
        "--all",
        "--json",
        **environment,
        DB_REPLICA_HOST="127.0.0.1",
        DB_REPLICA_PORT=port,
        DB_POOLER_HOST="localhost",
    )
    links = {one["link"]: one for one in json.loads(told.stdout)["links"]}

    assert list(links) == ["direct", "pooler", "replica"]
    assert links["replica"]["target"]["host"] == "127.0.0.1"
    by_stage = {stage["stage"]: stage for stage in links["replica"]["stages"]}
    assert by_stage["primary"]["finding"] == "session.not-read-only"


def test_a_url_takes_the_place_of_the_configured_link(environment):
    port = environment["POSTGRES_PORT"]
    url = f"postgresql://jewelry_app@localhost:{port}/nowhere"
    told = run("doctor", "--json", "--url", url, **environment)

    assert json.loads(told.stdout)["links"][0]["finding"] == "database.missing"


@pytest.mark.parametrize(
    ("changed", "finding"),
    [
        ({"POSTGRES_HOST": ""}, "params.missing"),
        ({"DATABASE_URL": f"postgres://u:{SECRET}@other/shop"}, "params.contradiction"),
        ({"DB_SSLMODE": "required"}, "params.bad-sslmode"),
        ({"APP_DB_PASSWORD_FILE": "/nowhere/password"}, "params.secret-file"),
        ({"POSTGRES_PORT": "many"}, "params.invalid"),
        ({"USE_PGBOUNCER": "perhaps"}, "params.invalid"),
    ],
)
def test_parameters_that_keep_the_program_from_starting(environment, changed, finding):
    told = run("doctor", "--json", **environment | changed)

    assert told.returncode == 1, told.stderr
    (link,) = json.loads(told.stdout)["links"]
    assert (link["finding"], link["stages"][0]["stage"]) == (finding, "parameters")


def test_the_story_is_blamed_on_the_password():
    """With no environment at all."""
    told = run("doctor", "--explain", "-", stdin=STORY)

    assert told.returncode == 1
    assert told.stdout.startswith("auth.wrong-password-behind-echo")
    assert "Cause:   line 1, PgBouncer" in told.stdout
    assert "Echo:    line 2, PgBouncer" in told.stdout
    assert "Do not switch TLS off" in told.stdout


def test_an_explanation_as_json(tmp_path):
    (tmp_path / "log").write_text(STORY)
    told = json.loads(run("doctor", "--explain", str(tmp_path / "log"), "--json").stdout)

    assert (told["finding"], told["line"], told["said_by"], told["stage"]) == (
        "auth.wrong-password-behind-echo",
        1,
        "PgBouncer",
        "authentication",
    )
    assert [line["part"] for line in told["lines"]] == ["cause", "echo"]


def test_an_unknown_text_is_said_to_be_unknown():
    told = run("doctor", "--explain", "-", "--json", stdin="x509: cheese in the certificate chain")
    explained = json.loads(told.stdout)

    assert (explained["status"], explained["finding"]) == ("unknown", "unknown.text")
    assert explained["nearest_stages"][0] == "chain"


@pytest.mark.parametrize(
    "arguments",
    [("--explain", "/nowhere/log"), ("--explain", "-"), ("--all", "--url", "x"), ("--nonsense",)],
)
def test_misuse(arguments):
    told = run("doctor", *arguments)

    assert told.returncode == 2
    assert "Traceback" not in told.stderr
    assert told.stderr


def test_it_starts_within_a_second():
    """Of the processor: a machine that is busy with something else takes longer."""
    run("doctor", "--explain", "-", stdin=STORY)  # the modules are compiled now
    took = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run("doctor", "--explain", "-", stdin=STORY)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(took) < 1


def test_no_secret_in_any_output(environment, tmp_path):
    """Each way of running it, with a planted password that is wrong."""
    (tmp_path / "password").write_text(SECRET + "\n")
    planted = environment | {"APP_DB_PASSWORD_FILE": str(tmp_path / "password")}
    port = environment["POSTGRES_PORT"]
    url = f"postgresql://{APP}:{SECRET}@localhost:{port}/shop"
    pasted = f"{STORY} {url} password={SECRET} and {SECRET} alone"
    ran = [
        run("doctor", "-v", "2", **planted),
        run("doctor", "--json", **planted),
        run("doctor", "--url", url, "-v", "2", **environment),
        run("doctor", "--url", url + "#broken", **environment),
        run("doctor", "--url", f"postgresql://u:{SECRET}/x@localhost/shop", **environment),
        run("doctor", "--url", f"nonsense {SECRET}", **environment),
        run("doctor", "--explain", "-", stdin=pasted, **planted),
        run("doctor", "--explain", "-", "--json", stdin=pasted, **planted),
        run("migrate", **planted),
    ]
    for one in ran:
        assert SECRET not in one.stdout + one.stderr, one.args
    assert any("auth.wrong-password" in one.stdout for one in ran)


@pytest.mark.parametrize("command", ["migrate", "createcachetable", "showmigrations"])
def test_a_command_that_cannot_log_in_ends_with_the_finding(environment, tmp_path, command):
    (tmp_path / "password").write_text(SECRET)
    ended = run(command, **environment | {"APP_DB_PASSWORD_FILE": str(tmp_path / "password")})

    assert ended.returncode == 1
    assert "database: auth.wrong-password: " in ended.stderr
    assert "Traceback" not in ended.stderr
    assert SECRET not in ended.stdout + ended.stderr


@pytest.mark.slow
def test_a_command_before_a_silent_port_ends_in_time(environment):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = str(silent.getsockname()[1])
        began = time.monotonic()
        ended = run(
            "migrate", **environment | {"POSTGRES_PORT": port, "POSTGRES_HOST": "127.0.0.1"}
        )
        took = time.monotonic() - began
    assert ended.returncode == 1
    assert "database: tcp.timeout: " in ended.stderr
    assert took < 15


def test_settings_that_are_refused_end_with_the_finding(environment):
    ended = run("migrate", **environment | {"DB_SSLMODE": "required"})

    assert ended.returncode == 1
    assert "database: params.bad-sslmode: " in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_web_does_not_start_with_settings_that_are_refused(environment):
    ended = subprocess.run(
        [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", "config.wsgi"],
        cwd=CHECKOUT,
        env={"PATH": os.defpath, **environment, "DB_SSLMODE": "required", "PORT": "0"},
        capture_output=True,
        text=True,
        timeout=15,
        check=False,
    )
    assert ended.returncode != 0
    assert "database: params.bad-sslmode: " in ended.stderr
    assert "Traceback" not in ended.stderr


def test_django_knows_the_command_too():
    told = io.StringIO()
    call_command("doctor", "--findings", stdout=told)

    assert told.getvalue() == Path("docs/reference/findings.md").read_text()


def test_a_request_before_a_database_that_is_away_logs_the_finding(caplog):
    said = f'FATAL:  password authentication failed for user "u" password={SECRET}'
    with caplog.at_level("WARNING"):
        answered = answer_unavailable(RequestFactory().get("/api/v1/x"), OperationalError(said))

    assert answered.status_code == 503
    logged = "".join(str(record.msg) + str(record.args) for record in caplog.records)
    assert "auth.wrong-password" in logged
    assert SECRET not in logged + answered.content.decode()
