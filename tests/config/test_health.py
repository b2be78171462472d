"""HEALTH_* and DRAIN_SECONDS: what stops the start, with which sentence, and what does not."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.health import health

DEFAULTS = {
    "BIND": "127.0.0.1",
    "PORT": 8081,
    "TOKEN": "",
    "DATABASE_GATE": "fail",
    "CHECKS_OFF": frozenset(),
    "RETURN_SPREAD_SECONDS": 0,
    "WEDGED_AFTER_MINUTES": 0,
    "DRAIN_SECONDS": 0,
    "RELEASE": "",
}


@pytest.fixture(autouse=True)
def given(monkeypatch):
    """The environment with these variables and no others of ours."""
    for name in DEFAULTS:
        monkeypatch.delenv(name if name == "DRAIN_SECONDS" else f"HEALTH_{name}", raising=False)
    monkeypatch.delenv("PORT", raising=False)

    def give(**variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return health()

    return give


def test_defaults(given):
    assert given() == DEFAULTS


@pytest.mark.parametrize(
    ("variable", "value", "key", "meant"),
    [
        ("HEALTH_BIND", "0.0.0.0", "BIND", "0.0.0.0"),  # noqa: S104
        ("HEALTH_BIND", "[::]", "BIND", "::"),
        ("HEALTH_PORT", "9000", "PORT", 9000),
        ("HEALTH_TOKEN", "t" * 32, "TOKEN", "t" * 32),
        ("HEALTH_DATABASE_GATE", "warn", "DATABASE_GATE", "warn"),
        ("HEALTH_CHECKS_OFF", "site, disk", "CHECKS_OFF", {"site", "disk"}),
        ("HEALTH_RETURN_SPREAD_SECONDS", "5", "RETURN_SPREAD_SECONDS", 5),
        ("HEALTH_WEDGED_AFTER_MINUTES", "0.05", "WEDGED_AFTER_MINUTES", 0.05),
        ("DRAIN_SECONDS", "12.5", "DRAIN_SECONDS", 12.5),
        ("HEALTH_RELEASE", "2026.11.23-ab12cd3", "RELEASE", "2026.11.23-ab12cd3"),
    ],
)
def test_taken(given, variable, value, key, meant):
    assert given(**{variable: value})[key] == meant


@pytest.mark.parametrize(
    ("variable", "value", "fact"),
    [
        ("HEALTH_BIND", "everywhere", "is not an address"),
        ("HEALTH_BIND", "", "is not an address"),
        ("HEALTH_PORT", "probe", "is not a whole number"),
        ("HEALTH_PORT", "0", "is not a port"),
        ("HEALTH_PORT", "65536", "is not a port"),
        ("HEALTH_PORT", "-1", "is not a port"),
        ("HEALTH_PORT", "8000", "is the port of the site"),
        ("HEALTH_TOKEN", "s" * 31, "is shorter than 32 characters"),
        ("HEALTH_TOKEN", "s" * 31 + " s", "has a space"),
        ("HEALTH_TOKEN", "s" * 31 + "é", "has a space"),
        ("HEALTH_DATABASE_GATE", "ignore", "is neither fail nor warn"),
        ("HEALTH_DATABASE_GATE", "", "is neither fail nor warn"),
        ("HEALTH_CHECKS_OFF", "redis", "names a check that does not exist"),
        ("HEALTH_CHECKS_OFF", "disk,databse", "names a check that does not exist"),
        ("HEALTH_CHECKS_OFF", "database,disk", "names database, without which"),
        ("HEALTH_CHECKS_OFF", "migrations", "names migrations, without which"),
        ("HEALTH_RETURN_SPREAD_SECONDS", "-1", "is not a time"),
        ("HEALTH_RETURN_SPREAD_SECONDS", "soon", "is not a time"),
        ("HEALTH_RETURN_SPREAD_SECONDS", "5000", "is more than 300"),
        ("HEALTH_WEDGED_AFTER_MINUTES", "-0.1", "is not a time"),
        ("HEALTH_WEDGED_AFTER_MINUTES", "nan", "is not a time"),
        ("DRAIN_SECONDS", "inf", "is not a time"),
        ("DRAIN_SECONDS", "-5", "is not a time"),
        ("DRAIN_SECONDS", "3601", "is more than 3600"),
        ("HEALTH_RELEASE", "x" * 101, "is longer than 100 characters"),
        ("HEALTH_RELEASE", "a\nb", "cannot be printed"),
    ],
)
def test_refused(given, variable, value, fact):
    """A sentence that names the variable, says the fact, what to do and where it is written."""
    with pytest.raises(ImproperlyConfigured) as refusal:
        given(**{variable: value})

    said = str(refusal.value)
    assert said.startswith(f"{variable} ")
    assert fact in said
    assert f"docs/reference/settings.md#{variable.lower()}." in said


def test_the_port_of_the_site_as_it_is_given(given):
    with pytest.raises(ImproperlyConfigured, match="is the port of the site"):
        given(PORT="9000", HEALTH_PORT="9000")
    assert given(PORT="9001", HEALTH_PORT="8000")["PORT"] == 8000


def test_no_refusal_repeats_a_secret(given):
    for secret in ("hunter2-and-short", "hunter2 " * 8):
        with pytest.raises(ImproperlyConfigured) as refusal:
            given(HEALTH_TOKEN=secret)
        assert "hunter2" not in str(refusal.value)


def test_a_secret_in_a_file(given, tmp_path):
    (tmp_path / "token").write_text("t" * 40 + "\n")

    assert given(HEALTH_TOKEN_FILE=str(tmp_path / "token"))["TOKEN"] == "t" * 40


def test_loading_the_program_starts_no_thread():
    """A station opens after forking; what a parent started would be missing in its children."""
    code = (
        "import threading, django\n"
        "django.setup()\n"
        "import config.wsgi, config.urls, apps.core.sampling.entry\n"
        "print([thread.name for thread in threading.enumerate()])\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.lint"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.stdout == "['MainThread']\n", ended.stderr
