"""Fixtures of tests that start servers of their own; every folder of tests knows them."""

import shutil
import tempfile
from pathlib import Path

import pytest

from tests.paths.authority import Authority


@pytest.fixture(scope="session")
def open_folder():
    """A folder that the servers' user may enter; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="shop-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def authority():
    """Who signs the servers' certificates, and whom their clients trust."""
    return Authority()


@pytest.fixture(scope="session")
def ca(open_folder, authority):
    """The authority's certificate, as the file that clients name."""
    path = open_folder / "ca.crt"
    path.write_bytes(authority.pem)
    path.chmod(0o644)
    return path
