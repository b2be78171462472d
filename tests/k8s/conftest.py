"""A real database for the scripts of the manifests, as the operator makes one."""

import shutil
import tempfile
from pathlib import Path

import pytest

from local import spilo
from tests.paths.authority import Authority


@pytest.fixture(scope="module")
def primary():
    """A primary of the packages' version, with the operator's roles and the shop's."""
    folder = Path(tempfile.mkdtemp(prefix="shop-k8s-"))
    folder.chmod(0o755)
    authority = Authority()
    ca = folder / "ca.crt"
    ca.write_bytes(authority.pem)
    ca.chmod(0o644)
    server = spilo.start_primary(
        folder / "primary", major=spilo.embedded_major(), pair=authority.issue(), ca=ca
    )
    yield server
    server.stop()
    shutil.rmtree(folder)
