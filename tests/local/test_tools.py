"""What the machine lacks is installed, named, or fatal: in that order of luck."""

import os
import shutil
import subprocess

import pytest

from local import tools
from local.problem import Problem
from local.tools import CHROMIUM, PDF_LIBRARIES, Tool, demand, install_once

LOUPE = Tool(
    name="Loupe",
    needed_for="looking closely",
    packages=("loupe", "loupe-data"),
    is_here=lambda: False,
)
COMMAND = "apt-get install --no-install-recommends loupe loupe-data"


@pytest.fixture(autouse=True)
def an_ordinary_user(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)


def test_a_missing_tool_is_named_with_the_command_that_installs_it(monkeypatch, capsys):
    monkeypatch.delenv("CI", raising=False)
    demand([LOUPE])
    said = capsys.readouterr().out
    assert said.startswith("skipped    Loupe is not installed, so looking closely cannot be done.")
    assert COMMAND in said


def test_in_continuous_integration_a_missing_tool_is_a_failure(monkeypatch):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(Problem, match=COMMAND):
        demand([LOUPE])


def test_what_is_here_is_not_mentioned(monkeypatch, capsys):
    monkeypatch.setenv("CI", "true")
    here = Tool(name="Scales", needed_for="weighing", packages=("scales",), is_here=lambda: True)
    demand([here])
    assert capsys.readouterr().out == ""


@pytest.fixture
def apt(monkeypatch):
    """Root on Debian, with an apt-get that knows the package only after an update."""
    called: list[tuple[str, ...]] = []

    def apt_get(verb: str, *packages: str) -> bool:
        called.append((verb, *packages))
        return len(called) == 3

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(tools.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(tools, "_apt_get", apt_get)
    return called


def test_root_installs_and_updates_the_lists_when_they_are_old(apt):
    assert tools.install([LOUPE]) == [LOUPE]
    wanted = ("install", "loupe", "loupe-data")
    assert apt == [wanted, ("update",), wanted]


def test_a_start_without_network_tries_once(apt, tmp_path, capsys):
    install_once(LOUPE, remembered_in=tmp_path)
    tried = len(apt)
    install_once(LOUPE, remembered_in=tmp_path)
    assert len(apt) == tried == 3
    assert capsys.readouterr().out.count("missing    Loupe is not installed") == 2


def test_the_real_tools_name_their_packages():
    assert CHROMIUM.command.endswith(" chromium")
    assert "libpangoft2-1.0-0" in PDF_LIBRARIES.command


class TestNoServices:
    def test_while_debian_installs_it_is_told_to_start_nothing(self, monkeypatch, tmp_path):
        policy = tmp_path / "policy-rc.d"
        monkeypatch.setattr(tools, "POLICY", policy)

        with tools._no_services():
            said = subprocess.run([policy, "etcd", "start"], check=False).returncode

        assert said == 101
        assert not policy.exists()

    def test_a_machine_keeps_a_policy_of_its_own(self, monkeypatch, tmp_path):
        policy = tmp_path / "policy-rc.d"
        policy.write_text("its own")
        monkeypatch.setattr(tools, "POLICY", policy)

        with tools._no_services():
            assert policy.read_text() == "its own"

        assert policy.read_text() == "its own"


@pytest.fixture
def scales(tmp_path, monkeypatch):
    """A tool that is one program of a package full of others."""
    monkeypatch.setattr(tools, "PROGRAMS", tmp_path / "bin")
    return Tool(
        name="Scales",
        needed_for="weighing",
        packages=("scales",),
        is_here=lambda: (tmp_path / "bin" / "scales").exists(),
        alone="usr/bin/scales",
    )


# A tool is taken out of a package on Debian alone, CI's system; elsewhere it is named (below).
@pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="packages of Debian are made on Debian")
def test_one_program_is_taken_out_of_its_package_and_no_service_comes_with_it(
    scales, tmp_path, monkeypatch
):
    """A package that cannot be installed, as its own script fails: it is not asked to be."""
    tree = tmp_path / "tree"
    for path, text in {
        "DEBIAN/control": "Package: scales\nVersion: 1\nArchitecture: all\n"
        "Maintainer: nobody <nobody@example.com>\nDescription: none\n",
        "DEBIAN/postinst": "#!/bin/sh\nexit 1\n",
        "usr/bin/scales": "#!/bin/sh\necho 3.21 g\n",
        "usr/bin/scalesd": "#!/bin/sh\nexit 1\n",
    }.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text)
        (tree / path).chmod(0o755)

    def apt_get(verb, *packages, cwd=None):
        assert (verb, packages) == ("download", ("scales",))
        subprocess.run(["dpkg-deb", "--build", tree, f"{cwd}/scales_1_all.deb"], check=True)
        return True

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(tools, "_apt_get", apt_get)

    assert tools.install([scales]) == []

    assert [path.name for path in (tmp_path / "bin").iterdir()] == ["scales"]
    assert subprocess.check_output([tmp_path / "bin" / "scales"], text=True) == "3.21 g\n"


def test_how_one_program_is_had_by_hand():
    assert tools.PROMTOOL.command == (
        "cd /tmp && apt-get download prometheus && dpkg-deb --fsys-tarfile prometheus_*.deb |"
        " tar -xC /usr/local --strip-components=2 ./usr/bin/promtool"
    )
