"""One database with all tables for the files of a worker process; a web for each file."""

import shutil
import tempfile
from pathlib import Path

import pytest

from tests.health.database import make_database, run
from tests.paths.authority import NAMES

# A name that is nowhere but in a file of this test, so that it can be taken away.
OWN_NAME = "db.health.test"


@pytest.fixture(scope="package")
def folder():
    """One that the server's user may enter; pytest's own are closed to others."""
    made = Path(tempfile.mkdtemp(prefix="shop-health-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="package")
def database(folder, authority):
    made = make_database(folder, authority=authority, names=(*NAMES, OWN_NAME))
    try:
        run("-m", "local.static", environment=made.environment())
        yield made
    finally:
        made.stop()
