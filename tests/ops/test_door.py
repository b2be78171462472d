"""`python -m ops NAME`: one door, and behind it only what was asked for."""

import subprocess
import sys

from local.place import CHECKOUT
from ops.drills.failures import ALL


def ops(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "ops", *arguments],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_without_a_name_it_says_what_there_is():
    said = ops()

    assert said.returncode == 2
    assert "python -m ops drill" in said.stderr
    assert "python -m ops validate" in said.stderr


def test_an_unknown_name_is_no_success():
    assert ops("dril").returncode == 2


def test_the_drills_are_listed_with_their_claims():
    said = ops("drill", "list")

    assert said.returncode == 0
    assert [line.split()[0] for line in said.stdout.splitlines()] == [one.name for one in ALL]
    assert all(one.claim in said.stdout for one in ALL)


def test_a_drill_that_is_not_there_is_named_and_nothing_is_started():
    said = ops("drill", "run", "kill-primry")

    assert said.returncode == 2
    assert "kill-primry" in said.stderr


def test_on_a_cluster_whose_address_is_not_named_nothing_is_asked():
    said = ops("drill", "run", "kill-primary", "--context", "nowhere")

    assert said.returncode == 1
    assert said.stderr.startswith("drill: Name the ingress")


def test_a_list_needs_no_package_beside_python():
    """With --context it runs where there is nothing but Python and kubectl."""
    said = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(CHECKOUT)!r});"
         "sys.argv = ['ops', 'drill', 'list'];"
         "import runpy; runpy.run_module('ops', run_name='__main__')"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert said.returncode == 0, said.stderr
    assert "kill-primary" in said.stdout


def test_kubernetes_needs_no_package_beside_python():
    imported = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(CHECKOUT)!r});"
         "import ops.drills.on_kubernetes"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert imported.returncode == 0, imported.stderr
