"""The short drills on real servers: Patroni, PgBouncer, HAProxy, web and worker, real sales."""

import json
import os
import subprocess
import sys

import pytest

from local.place import CHECKOUT
from local.tools import FOR_DRILLS, missing
from ops.drills.failures import SHORT

pytestmark = pytest.mark.slow

WITHIN_S = 480


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    for tool in missing(FOR_DRILLS):
        if os.environ.get("CI") == "true":
            pytest.fail(tool.why_missing)
        pytest.skip(tool.why_missing)
    folder = tmp_path_factory.mktemp("drills")
    command = [sys.executable, "-m", "ops", "drill", "run", *SHORT, "--reports", str(folder)]
    ended = subprocess.run(
        command, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=WITHIN_S
    )
    assert ended.returncode in {0, 1}, ended.stderr[-3000:]
    found = {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}
    return found, ended


@pytest.mark.parametrize("name", SHORT)
def test_the_claim_holds(reports, name):
    found, ended = reports

    drill = found[name]

    missed = [check for check in drill["checks"] if not check["holds"]]
    assert drill["outcome"] == "passed", (drill["why"], missed, ended.stdout[-2000:])
    assert drill["books"]["acknowledged"] > 40
    assert drill["books"]["lost"] == drill["books"]["doubled"] == 0


def test_the_status_says_that_every_claim_held(reports):
    _found, ended = reports

    assert ended.returncode == 0
    assert "every claim holds" in ended.stdout
