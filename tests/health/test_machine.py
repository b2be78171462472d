"""The machine around the web: names that no longer resolve, a disk that is full.

In a mount namespace of its own the web has its own /etc/hosts, /etc/resolv.conf
and temporary folder. Each row of the matrix, and its test:

20 DNS fails, hangs        test_the_name_of_the_database_is_gone
21 disk full               test_the_temporary_folder_is_full
"""

import subprocess
import time
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from tests.health.conftest import OWN_NAME
from tests.health.expect import details, fails, fault, serves
from tests.health.links import deaf_resolver
from tests.health.web import serving

pytestmark = pytest.mark.slow

RESOLVER = "127.0.0.77"
PRIVATE = """
mount --bind "$MACHINE/hosts" /etc/hosts
mount --bind "$MACHINE/resolv.conf" /etc/resolv.conf
mount -t tmpfs -o size=8m tmpfs "$MACHINE/temporary"
exec "$@"
"""


def namespace():
    """The command that gives a program its own mounts, or the reason why there is none."""
    for command in (["unshare", "--mount"], ["unshare", "--mount", "--map-root-user"]):
        try:
            tried = subprocess.run(
                [*command, "sh", "-ec", "mount -t tmpfs tmpfs /mnt"],
                capture_output=True,
                check=False,
            )
        except FileNotFoundError:
            break
        if tried.returncode == 0:
            return command
    return None


class Machine:
    """What the web takes for its machine."""

    def __init__(self, folder):
        self.folder = folder
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self.hosts = folder / "hosts"
        self.hosts.write_text("")
        self.name_resolves()
        (folder / "resolv.conf").write_text(
            f"nameserver {RESOLVER}\noptions timeout:3 attempts:1\n"
        )

    def name_resolves(self):
        self.hosts.write_text(f"127.0.0.1 localhost {OWN_NAME}\n")

    @contextmanager
    def nameless(self):
        self.hosts.write_text("127.0.0.1 localhost\n")
        try:
            yield
        finally:
            self.name_resolves()


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    return Machine(tmp_path_factory.mktemp("machine"))


@pytest.fixture(scope="module")
def web(database, machine):
    command = namespace()
    if command is None:
        pytest.skip("This user may not make a mount namespace, so names and disks stay as they are")
    given = database.environment(
        POSTGRES_HOST=OWN_NAME,
        MACHINE=str(machine.folder),
        TMPDIR=str(machine.temporary),
    )
    with serving(given, before=(*command, "sh", "-ec", PRIVATE, "sh")) as one:
        one.watcher.steady(time.monotonic(), within_s=60, ready=serves)
        yield one


@contextmanager
def without_name(database, machine, resolver):
    with machine.nameless(), resolver:
        database.cut()  # whoever is connected asks for no name
        yield


@pytest.mark.parametrize("resolver", ["refuses", "is silent"])
def test_the_name_of_the_database_is_gone(database, machine, web, resolver):
    silent = resolver == "is silent"
    with fault(
        web,
        without_name(database, machine, deaf_resolver(RESOLVER) if silent else nullcontext()),
        within_s=3,
        # A question to a silent resolver is waited for to its end: three seconds for each family.
        back_within_s=15 if silent else 6,
        ready=fails("database"),
        detailed=details("database", "dns"),
        told=["database"],
    ):
        pass


def test_the_temporary_folder_is_full(machine, web):
    @contextmanager
    def full():
        # As the web sees it: through the eyes of its own process.
        seen_from_here = Path(f"/proc/{web.process.pid}/root") / machine.temporary.relative_to("/")
        filler = seen_from_here / "filler"
        with pytest.raises(OSError, match="No space"):
            filler.write_bytes(b"x" * 9_000_000)
        try:
            yield
        finally:
            filler.unlink()

    with fault(
        web,
        full(),
        within_s=10,
        back_within_s=25,
        ready=fails("temporary"),
        detailed=details("temporary", "disk"),
    ):
        pass
