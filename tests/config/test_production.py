"""config.settings.production, started as it would be: a process and its environment."""

import json
import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

SECRET = "pl4nted-secret"
GIVEN = {
    "SECRET_KEY": "k" * 60,
    "ALLOWED_HOSTS": "shop.example",
    "POSTGRES_HOST": "db",
    "DB_USER": "jewelry_app",
    "APP_DB_PASSWORD": SECRET,
    "DB_SSLROOTCERT": "/etc/ssl/postgres/ca.crt",
}
SHOW = """
import json
from django.conf import settings
settings.DEBUG  # settings are read when the first is asked for
names = %r
print(json.dumps({name: getattr(settings, name) for name in names}, default=str))
"""


def start(given, *names):
    """(exit status, settings asked for, everything it said)."""
    done = subprocess.run(
        [sys.executable, "-c", SHOW % (names,)],
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "config.settings.production",
            **given,
        },
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
    )
    told = done.stdout + done.stderr
    return done.returncode, json.loads(done.stdout) if done.returncode == 0 else None, told


def sentence_of(told):
    """The last line of a traceback: what an operator reads."""
    return told.strip().splitlines()[-1]


def test_it_starts_verified_by_default():
    status, found, told = start(GIVEN, "DATABASES", "DEBUG")

    assert status == 0, told
    options = found["DATABASES"]["default"]["OPTIONS"]
    assert options["sslmode"] == "verify-full"
    assert options["sslrootcert"] == "/etc/ssl/postgres/ca.crt"
    assert found["DEBUG"] is False


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "require", "verify-ca"])
def test_weaker_modes_are_refused_by_name(mode):
    status, _, told = start({**GIVEN, "DB_SSLMODE": mode})

    assert status != 0
    assert f"sslmode {mode} (DB_SSLMODE)" in sentence_of(told)
    assert "DB_SSLMODE=verify-full" in sentence_of(told)
    assert SECRET not in told


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer"])
def test_plaintext_is_refused_even_when_asked_aloud(mode):
    status, _, told = start({**GIVEN, "DB_SSLMODE": mode, "DB_ALLOW_UNVERIFIED_TLS": "1"})

    assert status != 0
    assert "plaintext" in sentence_of(told)


@pytest.mark.parametrize("mode", ["require", "verify-ca"])
def test_unverified_is_taken_only_aloud(mode):
    status, found, told = start(
        {**GIVEN, "DB_SSLMODE": mode, "DB_ALLOW_UNVERIFIED_TLS": "1"}, "DATABASES"
    )

    assert status == 0, told
    assert found["DATABASES"]["default"]["OPTIONS"]["sslmode"] == mode


def test_the_url_is_held_to_the_same():
    given = {name: value for name, value in GIVEN.items() if name not in ("DB_USER",)}
    url = f"postgresql://jewelry_app:{SECRET}@db/shop?sslmode=require"

    status, _, told = start({**given, "DATABASE_URL": url})

    assert status != 0
    assert "sslmode require (DATABASE_URL)" in sentence_of(told)
    assert SECRET not in told


def test_a_disagreement_stops_the_start_without_a_secret():
    # Given to be refused: nothing connects with it.
    url = f"postgresql://jewelry_app:{SECRET}@db/shop?sslmode=disable"

    status, _, told = start({**GIVEN, "DATABASE_URL": url, "DB_SSLMODE": "verify-full"})

    assert status != 0
    # The sentence names the value that is wrong, since it is no secret.
    assert "DATABASE_URL says sslmode=disable and DB_SSLMODE says verify-full" in sentence_of(told)
    assert SECRET not in told


def test_secrets_from_files(tmp_path):
    given = dict(GIVEN)
    for name in ("SECRET_KEY", "APP_DB_PASSWORD"):
        path = tmp_path / name
        path.write_text(given.pop(name) + "\n")
        given[f"{name}_FILE"] = str(path)

    status, found, told = start(given, "DATABASES", "SECRET_KEY")

    assert status == 0, told
    assert found["DATABASES"]["default"]["PASSWORD"] == SECRET
    assert found["SECRET_KEY"] == "k" * 60


def test_a_secret_file_that_is_not_there(tmp_path):
    given = {name: value for name, value in GIVEN.items() if name != "APP_DB_PASSWORD"}

    status, _, told = start({**given, "APP_DB_PASSWORD_FILE": str(tmp_path / "none")})

    assert status != 0
    assert "APP_DB_PASSWORD_FILE=" in sentence_of(told)


@pytest.mark.parametrize(
    "missing", ["SECRET_KEY", "ALLOWED_HOSTS", "POSTGRES_HOST", "DB_USER", "APP_DB_PASSWORD"]
)
def test_what_is_missing_is_named(missing):
    status, _, told = start({name: value for name, value in GIVEN.items() if name != missing})

    assert status != 0
    assert f"{missing} is not set" in sentence_of(told)
    assert SECRET not in told


def test_a_short_key_is_refused_without_showing_it():
    status, _, told = start({**GIVEN, "SECRET_KEY": "short-pl4nted"})

    assert status != 0
    assert "SECRET_KEY is shorter than 50 characters" in sentence_of(told)
    assert "short-pl4nted" not in told


def test_a_short_key_of_papers_is_refused_without_showing_it():
    status, _, told = start({**GIVEN, "IDENTITY_KEY": f"{'n' * 60},short-pl4nted"})

    assert status != 0
    assert "IDENTITY_KEY holds a key shorter than 50 characters" in sentence_of(told)
    assert "short-pl4nted" not in told


def test_cookies_travel_by_https_only():
    _, found, _ = start(
        GIVEN,
        "SESSION_COOKIE_SECURE",
        "SESSION_COOKIE_HTTPONLY",
        "SESSION_COOKIE_SAMESITE",
        "CSRF_COOKIE_SECURE",
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
        "SESSION_COOKIE_AGE",
    )

    assert found == {
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SESSION_COOKIE_AGE": 12 * 3600,
    }


def test_behind_a_pooler():
    _, found, _ = start({**GIVEN, "USE_PGBOUNCER": "1"}, "DATABASES")

    database = found["DATABASES"]["default"]
    assert database["CONN_MAX_AGE"] == 0
    assert database["DISABLE_SERVER_SIDE_CURSORS"] is True


@pytest.mark.slow
def test_djangos_own_deployment_checks_have_one_thing_to_say():
    """W021: whether browsers preload the host for ever is for the domain's owner to decide."""
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy"],
        env={
            "PATH": os.environ["PATH"],
            **GIVEN,
            "SECRET_KEY": "".join(chr(33 + at) for at in range(60)),
        },
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert re.findall(r"\((\w+\.[WE]\d+)\)", done.stderr) == ["security.W021"], done.stderr
