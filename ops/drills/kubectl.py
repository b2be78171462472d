"""kubectl: the one program by which a running cluster is looked at and broken."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from typing import Final

from ops.drills.cluster import Cannot, Failed

# Longer than any wait that kubectl itself is told.
WITHIN_S: Final = 360.0

# One look at a probe's address, from inside the pod: the API server's way to it may be closed by a
# policy, and kubectl would itself wait for as long as a 503 asks. No redirect is followed. Gives
# status, seconds and text.
PROBE: Final = """
import http.client, json, os, sys, time
begun, status, text = time.monotonic(), None, ""
link = http.client.HTTPConnection(
    "127.0.0.1", int(os.environ.get("HEALTH_PORT", 8081)), timeout=float(sys.argv[2]))
try:
    link.request("GET", sys.argv[1])
    answer = link.getresponse()
    status, text = answer.status, answer.read().decode()
except (OSError, http.client.HTTPException):
    pass
print(json.dumps([status, time.monotonic() - begun, text]))
"""


def run_kubectl(command: Sequence[str], sent: str | None) -> str:
    """What kubectl prints. Raises Failed when it fails or hangs, Cannot where there is none."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        raise Cannot("kubectl is not on this machine: https://kubernetes.io/docs/tasks/tools/")
    try:
        ended = subprocess.run(  # noqa: S603  # kubectl, with words of ours
            [kubectl, *command],
            input=sent,
            stdin=None if sent is not None else subprocess.DEVNULL,
            env=dict(os.environ),
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"kubectl {command[4]} did not end within {WITHIN_S:g} seconds.") from None
    if ended.returncode != 0:
        said = ended.stderr.strip().splitlines()
        raise Failed(f"kubectl {command[4]}: {said[-1] if said else 'it said nothing'}")
    return ended.stdout
