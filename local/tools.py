"""What the shop needs from the machine beside Python: a browser, gettext, libraries for PDFs.

As root on Debian it is installed. Otherwise it is named, with the command that
would install it. Where CI=true, a missing tool is a failure.
"""

import ctypes
import ctypes.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.output import announce
from local.problem import Problem, told_in_one_sentence

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# Where Debian keeps the programs of PostgreSQL 15, which are on nobody's PATH.
DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
# Asked by Debian's packages whether a service may be started; 101 means no.
POLICY = Path("/usr/sbin/policy-rc.d")
# Where what is taken out of a package goes.
PROGRAMS = Path("/usr/local/bin")
# In the order in which WeasyPrint asks for them.
PDF_SONAMES = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset", "fontconfig")
# What `manage.py makemessages` and `compilemessages` call.
GETTEXT_PROGRAMS = ("xgettext", "msguniq", "msgmerge", "msgattrib", "msgfmt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """Something from outside that a part of the shop or its tests cannot do without.

    alone  the one program that is wanted of its package, by its path there: the rest would start
           a service that nobody asked for, so it is taken out and nothing is installed
    """

    name: str
    needed_for: str
    packages: tuple[str, ...]
    is_here: Callable[[], bool]
    alone: str = ""

    @property
    def command(self) -> str:
        """The command that installs it on Debian and Ubuntu."""
        if self.alone:
            (package,) = self.packages
            return f"cd /tmp && apt-get download {package} && {self.takes_out}"
        return f"apt-get install --no-install-recommends {' '.join(self.packages)}"

    @property
    def takes_out(self) -> str:
        """The command that puts `alone` among the programs, in the folder with its package."""
        (package,) = self.packages
        return (
            f"dpkg-deb --fsys-tarfile {package}_*.deb |"
            f" tar -xC {PROGRAMS.parent} --strip-components=2 ./{self.alone}"
        )

    @property
    def why_missing(self) -> str:
        """The sentence for a skipped test or a missing button."""
        return (
            f"{self.name} is not installed, so {self.needed_for} cannot be done."
            f" As root: {self.command}"
        )


def browser() -> str | None:
    """The path of a Chromium, or None."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def _has_pdf_libraries() -> bool:
    return all(_can_load(name) for name in PDF_SONAMES) and shutil.which("fc-list") is not None


def _can_load(name: str) -> bool:
    library = f"lib{name}.so.0" if name != "fontconfig" else "libfontconfig.so.1"
    try:
        ctypes.CDLL(library if sys.platform == "linux" else ctypes.util.find_library(name) or "")
    except OSError:
        return False
    return True


def _debian_python_has(*modules: str) -> bool:
    python = "/usr/bin/python3"
    return (
        os.access(python, os.X_OK)
        and subprocess.run(
            [python, "-I", "-c", f"import {', '.join(modules)}"], capture_output=True, check=False
        ).returncode
        == 0
    )


CHROMIUM = Tool(
    name="Chromium",
    needed_for="the browser journeys",
    packages=("chromium",),
    is_here=lambda: browser() is not None,
)
PDF_LIBRARIES = Tool(
    name="Pango",
    needed_for="receipts as PDF",
    packages=("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fontconfig"),
    is_here=_has_pdf_libraries,
)
POSTGRESQL_15 = Tool(
    name="PostgreSQL 15",
    needed_for="the paths to an older server",
    packages=("postgresql-15",),
    is_here=lambda: (DEBIAN_15 / "postgres").exists(),
)
PGBOUNCER = Tool(
    name="PgBouncer",
    needed_for="the paths through a pooler",
    # What the pooler's entrypoint needs beside it, too.
    packages=("pgbouncer", "gettext-base", "openssl"),
    is_here=lambda: all(
        shutil.which(program, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
        for program in ("pgbouncer", "envsubst", "openssl")
    ),
)
ETCD = Tool(
    name="etcd",
    needed_for="the drill cluster",
    packages=("etcd-server",),
    is_here=lambda: shutil.which("etcd") is not None,
)
HAPROXY = Tool(
    name="HAProxy",
    needed_for="the drill cluster",
    packages=("haproxy",),
    is_here=lambda: shutil.which("haproxy", path=f"{os.defpath}:/usr/sbin") is not None,
)
# Patroni runs as the servers' user, who cannot enter root's own Python: Debian's, and its packages.
PATRONI_NEEDS = Tool(
    name="Debian's Python for Patroni",
    needed_for="the drill cluster",
    packages=tuple(
        f"python3-{name}"
        for name in ("psycopg2", "psutil", "yaml", "urllib3", "dateutil", "click", "prettytable")
    ),
    is_here=lambda: _debian_python_has(
        "psycopg2", "psutil", "yaml", "urllib3", "dateutil", "click"
    ),
)
GETTEXT = Tool(
    name="gettext",
    needed_for="collecting the messages to be translated",
    packages=("gettext",),
    is_here=lambda: all(shutil.which(program) for program in GETTEXT_PROGRAMS),
)
WRK = Tool(
    name="wrk",
    needed_for="the bench of the probes",
    packages=("wrk",),
    is_here=lambda: shutil.which("wrk") is not None,
)
PROMTOOL = Tool(
    name="promtool",
    needed_for="checking the alerts",
    packages=("prometheus",),
    is_here=lambda: shutil.which("promtool") is not None,
    alone="usr/bin/promtool",
)
FOR_DRILLS = (POSTGRESQL_15, PGBOUNCER, ETCD, HAPROXY, PATRONI_NEEDS, PDF_LIBRARIES)
FOR_TESTS = (PDF_LIBRARIES, CHROMIUM, GETTEXT, POSTGRESQL_15, PGBOUNCER, PROMTOOL, *FOR_DRILLS[2:5])


def missing(tools: Sequence[Tool]) -> list[Tool]:
    """Those of `tools` that are not on this machine."""
    return [tool for tool in tools if not tool.is_here()]


def install(tools: Sequence[Tool]) -> list[Tool]:
    """Install what is missing, when root on Debian; return what is missing still."""
    wanted = missing(tools)
    if wanted and os.geteuid() == 0 and shutil.which("apt-get"):
        announce("installing", " ".join(" ".join(tool.packages) for tool in wanted))
        # One by one: what this machine's Debian does not have must not keep the others away.
        failed = [tool for tool in wanted if not _bring(tool)]
        if failed:
            # A fresh container has no package lists.
            _apt_get("update")
            for tool in failed:
                _bring(tool)
    return missing(wanted)


def install_once(tool: Tool, *, remembered_in: Path) -> None:
    """Try to install what the shop can do without; without a network, not at every start."""
    tried = remembered_in / f"tried-{tool.packages[0]}"
    if not tool.is_here() and not tried.exists():
        tried.touch()
        install([tool])
    if not tool.is_here():
        announce("missing", tool.why_missing)


def demand(tools: Sequence[Tool]) -> None:
    """Install what is missing; name what stays missing, and refuse to go on where CI=true."""
    for tool in install(tools):
        if os.environ.get("CI") == "true":
            raise Problem(f"{tool.why_missing} With CI=true nothing is skipped.")
        announce("skipped", tool.why_missing)


@contextmanager
def _no_services() -> Iterator[None]:
    """Keep Debian from starting what it installs: only the programs are wanted.

    Source: invoke-rc.d(8); a machine that has a policy of its own keeps it.
    """
    if POLICY.exists() or not os.access(POLICY.parent, os.W_OK):
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


def _bring(tool: Tool) -> bool:
    """Whether it could be installed, or taken out of its package."""
    if not tool.alone:
        return _apt_get("install", *tool.packages)
    with tempfile.TemporaryDirectory() as folder:
        if not _apt_get("download", *tool.packages, cwd=folder):
            return False
        took = subprocess.run(
            ["sh", "-c", tool.takes_out], cwd=folder, capture_output=True, check=False
        )
        return took.returncode == 0


def _apt_get(verb: str, *packages: str, cwd: str | None = None) -> bool:
    """Whether apt-get succeeded. A dead network is noticed in seconds, not minutes."""
    command = ["apt-get", "-qq", "-y", "-o", "Acquire::Retries=1", "-o", "DPkg::Lock::Timeout=60"]
    command += ["-o", "Acquire::http::Timeout=20", "--no-install-recommends", verb, *packages]
    with _no_services():
        ended = subprocess.run(
            command,
            cwd=cwd,
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    return ended.returncode == 0


if __name__ == "__main__":
    with told_in_one_sentence():
        demand(FOR_TESTS)
