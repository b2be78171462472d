"""Each pod gets the settings it needs: they are loaded with its very environment."""

import os
import re
import subprocess
import sys

import pytest

from local.place import CHECKOUT
from tests.architecture.test_settings import headings
from tests.k8s.rendered import OVERLAYS, environment, render, workload
from tests.k8s.wiring import OF_THE_RUNTIME

# What each program does first, and ends where its settings are refused.
LOADS = {
    "django": ["gunicorn", "--check-config", "-c", "config/gunicorn.py", "config.wsgi:application"],
    "worker": ["manage.py", "check", "--tag", "models"],
    "migrate": ["manage.py", "check", "--tag", "models"],
}
# What stands in the files of the secrets, as long as settings demand.
CONTENT = {"username": "jewelry_app", "password": "p" * 64}
DEMANDED = (
    "SECRET_KEY_FILE",
    "ALLOWED_HOSTS",
    "POSTGRES_HOST",
    "DB_USER_FILE",
    "APP_DB_PASSWORD_FILE",
)


def mounted(one, container):
    """Path of each file that a secret's volume puts into the container."""
    volumes = {volume["name"]: volume for volume in one.spec["volumes"]}
    found = set()
    for mount in container["volumeMounts"]:
        secret = volumes[mount["name"]].get("secret")
        if secret:
            keys = [item["path"] for item in secret.get("items", [])] or ["username", "password"]
            found |= {f"{mount['mountPath']}/{key}" for key in keys}
    return found


def pod_environment(name, objects, folder):
    """The container's environment, its secret files written below `folder`."""
    one = workload(objects, name)
    (container,) = one.containers
    given, files = environment(one, container, objects), mounted(one, container)
    for variable, path in given.items():
        if variable.endswith("_FILE"):
            assert path in files, f"{name}: {variable} names {path}, where no secret is mounted"
            copy = folder / path.strip("/").replace("/", "-")
            copy.write_text(CONTENT.get(path.rpartition("/")[2], "s" * 64) + "\n")
            given[variable] = str(copy)
    return given


def load(name, given, folder):
    """Load the settings as the container does; its exit status and what it said."""
    command = LOADS[name]
    program = ["-m", *command] if command[0] == "gunicorn" else command
    done = subprocess.run(
        [sys.executable, *program],
        cwd=CHECKOUT,
        # Static files are in the image; here they need not be.
        env=given | {"PATH": os.defpath, "HOME": str(folder), "STATIC_ROOT": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("name", LOADS)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_settings_take_what_the_pod_gives(overlay, name, tmp_path):
    given = pod_environment(name, render(overlay), tmp_path)
    assert given["DJANGO_SETTINGS_MODULE"] == "config.settings.production"
    status, said = load(name, given, tmp_path)
    assert status == 0, said[-2000:]


@pytest.mark.slow
@pytest.mark.parametrize("variable", DEMANDED)
def test_settings_refuse_a_pod_that_lacks_one(variable, tmp_path):
    given = pod_environment("django", render("k3d"), tmp_path)
    del given[variable]
    status, said = load("django", given, tmp_path)
    assert status != 0
    assert f"{variable.removesuffix('_FILE')} is not set" in said


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_variable_is_one_that_somebody_reads(overlay):
    """A misspelled one would be taken without a word, and the default used."""
    objects, known = render(overlay), headings() | OF_THE_RUNTIME
    unread = {
        variable
        for name in LOADS
        for variable in environment(
            workload(objects, name), workload(objects, name).containers[0], objects
        )
        if variable not in known and variable.removesuffix("_FILE") not in known
    }
    assert not unread


def test_what_is_mounted_is_whole():
    """A secret's file that is named and not among the items would never be there."""
    objects = render("k3d")
    one = workload(objects, "django")
    assert mounted(one, one.containers[0]) == {
        "/run/secrets/database/username",
        "/run/secrets/database/password",
        "/run/secrets/app/secret-key",
        "/run/secrets/app/health-token",
        "/run/secrets/app/identity-key",
    }


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_secret_that_settings_tell_of_is_mounted(overlay):
    """Its default would be taken without a word: papers sealed with SECRET_KEY, no health token."""
    page = (CHECKOUT / "docs/reference/settings.md").read_text()
    told = set(re.findall(r"^    (\w+_FILE)=/run/secrets/", page, re.MULTILINE))
    assert {"SECRET_KEY_FILE", "IDENTITY_KEY_FILE", "HEALTH_TOKEN_FILE"} <= told
    if overlay == "k3d":
        told.discard("EMAIL_HOST_PASSWORD_FILE")  # it sends no mail
    objects = render(overlay)
    for name in ("django", "worker"):
        one = workload(objects, name)
        given = environment(one, one.containers[0], objects)
        assert told <= set(given), f"{name}: {told - set(given)}"


def test_the_identity_key_is_one_of_its_own():
    """The same file twice would tie the papers to SECRET_KEY, which is to be changed alone."""
    objects = render("production")
    one = workload(objects, "worker")
    given = environment(one, one.containers[0], objects)
    assert given["IDENTITY_KEY_FILE"] == "/run/secrets/app/identity-key"
    assert given["IDENTITY_KEY_FILE"] != given["SECRET_KEY_FILE"]


def test_the_command_of_each_program_is_there():
    """What a manifest or an image calls by `manage.py` is a command of the shop."""
    called = set()
    for overlay in OVERLAYS:
        for name in LOADS:
            text = str(workload(render(overlay), name).spec)
            called |= set(re.findall(r"manage\.py'?,? '?(\w+)", text))
    page = (CHECKOUT / "docs/reference/commands.md").read_text()
    commands = set(re.findall(r"^## (\w+)$", page, re.MULTILINE))
    assert {"worker", "migrate", "drain"} <= called
    of_django = {"migrate", "createcachetable"}
    assert called <= commands | of_django, called - commands - of_django
