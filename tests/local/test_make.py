"""The doors in the Makefile, and how the environment is made."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.place import CHECKOUT

MAKEFILE = (CHECKOUT / "Makefile").read_text()
LOCKS = [CHECKOUT / "requirements" / name for name in ("runtime.txt", "dev.txt")]
DRILL = CHECKOUT / "requirements" / "drill.txt"
LOAD = CHECKOUT / "requirements" / "load.txt"


def test_help_has_a_sentence_for_every_door():
    doors = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[0].split()
    said = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    told = dict(line.split(maxsplit=2)[1:] for line in said.stdout.splitlines())
    assert sorted(told) == sorted(doors)
    assert all(len(sentence) > 5 for sentence in told.values())


def test_the_page_about_make_names_every_door():
    doors = re.findall(r"^([a-z0-9-]+):.*## ", MAKEFILE, re.MULTILINE)
    page = (CHECKOUT / "docs/reference/make.md").read_text()
    assert [door for door in doors if f"`make {door}`" not in page] == []


def test_continuous_integration_goes_through_the_same_door():
    script = (CHECKOUT / ".ci" / "run").read_text().splitlines()
    commands = [line for line in script if line and not line.startswith(("#", "set ", "cd "))]
    assert commands == ["make test"]
    assert os.access(CHECKOUT / ".ci" / "run", os.X_OK)
    assert re.search(r"^test: lint\b", MAKEFILE, re.MULTILINE)


@pytest.mark.parametrize("lock", [*LOCKS, DRILL, LOAD], ids=lambda lock: lock.name)
def test_a_lock_has_a_hash_for_each_package_and_names_no_index(lock):
    text = lock.read_text()
    assert not re.search(r"https?://|file:|--(extra-)?index-url|--find-links|--trusted-host", text)
    packages = re.split(r"\n(?=[a-z])", text.strip())
    assert len(packages) > ({DRILL: 5, LOAD: 20}.get(lock, 40))
    assert [package.split("\n")[0] for package in packages if "--hash=sha256:" not in package] == []
    assert all(re.match(r"[a-z0-9.-]+==\S+", package) for package in packages)


def test_everything_that_runs_is_in_the_lock_for_development():
    runtime, dev = (re.findall(r"^([a-z0-9.-]+==\S+)", lock.read_text(), re.M) for lock in LOCKS)
    assert set(runtime) <= set(dev)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with what an install needs, and nothing installed."""
    (tmp_path / "local").mkdir()
    shutil.copy(CHECKOUT / "local" / "install.sh", tmp_path / "local")
    (tmp_path / "locked.txt").write_text("gunicorn==27.0.1 --hash=sha256:" + "0" * 64 + "\n")
    return tmp_path


def install(checkout: Path, **environment: str) -> tuple[int, str]:
    """Run the install; its status and its last line."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    ended = subprocess.run(
        ["sh", "local/install.sh", "locked.txt"],
        cwd=checkout,
        env=kept | {"PIP_CONFIG_FILE": os.devnull} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stderr.strip().splitlines()[-1]


def test_a_python_of_the_wrong_age_is_named(checkout):
    old = checkout / "python-of-2020"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] || exit 1\necho Python 3.9.2\n')
    old.chmod(0o755)
    assert install(checkout, PYTHON=str(old)) == (
        1,
        "The shop needs Python 3.11, 3.12 or 3.13, and here is Python 3.9.2."
        " Install one, or name it: make run PYTHON=/path/to/python3.12",
    )
    assert not (checkout / ".venv").exists()


@pytest.fixture
def made(checkout: Path) -> Path:
    """The checkout with an environment, borrowed from the one that runs this test."""
    python = checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return checkout


def test_no_network_at_install_is_one_sentence(made):
    (made / "locked.txt").write_text("no-such-ring==1.0 --hash=sha256:" + "0" * 64 + "\n")
    status, said = install(made, PIP_INDEX_URL="http://127.0.0.1:9/simple")
    assert status == 1
    assert said == (
        "The packages could not be fetched, as no package index answers."
        " Connect this machine to the network and run make again; .venv/install.log tells more."
    )


def test_what_is_installed_needs_no_network(made):
    status, said = install(made, PIP_INDEX_URL="http://127.0.0.1:9/simple")
    assert (status, said) == (
        0,
        "installing locked.txt into .venv (the first time this takes a minute)",
    )
