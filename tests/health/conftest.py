"""One database with all tables for the files of a worker process; a web for each file."""

import shutil
import tempfile
from pathlib import Path

import pytest

from tests.health.database import make_database, run
from tests.paths.authority import NAMES, Authority

# A name that is nowhere but in a file of this test, so that it can be taken away.
OWN_NAME = "db.health.test"
# The names that pages and the program's check look up; compressing the files takes half a minute.
_COLLECT = """
import django
from django.conf import settings
from django.core.management import call_command
django.setup()
plain = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": plain}}
call_command("collectstatic", "--no-input", verbosity=0)
"""


@pytest.fixture(scope="package")
def folder():
    """One that the server's user may enter; pytest's own are closed to others."""
    made = Path(tempfile.mkdtemp(prefix="shop-health-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="package")
def authority():
    return Authority()


@pytest.fixture(scope="package")
def database(folder, authority):
    made = make_database(folder, authority=authority, names=(*NAMES, OWN_NAME))
    try:
        run("-c", _COLLECT, environment=made.environment())
        yield made
    finally:
        made.stop()
