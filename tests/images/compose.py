"""compose.yaml as compose itself reads it, and a stand-in for its engine on this machine.

There are no containers: each service is a process here, with the arguments, the environment and
the files of compose.yaml. A path in a container becomes a folder of this machine, a service's name
`localhost`, its port a free one. Everything else is as it is written there.
"""

import json
import os
import shlex
import subprocess
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from local.place import CHECKOUT

# Compose itself: the package's own door to it keeps its exit status to itself.
COMPOSE = Path(str(find_spec("compose").origin)).with_name("docker-compose")


@cache
def _config() -> str:
    done = subprocess.run(
        [str(COMPOSE), "--file", str(CHECKOUT / "compose.yaml"), "config", "--format", "json"],
        env={"PATH": os.defpath, "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def project() -> dict[str, Any]:
    """The whole file, validated and with its merges done; the caller's own to change."""
    return dict(json.loads(_config()))


@dataclass(frozen=True, slots=True)
class Service:
    """One service, and where its paths and names are on this machine."""

    name: str
    given: dict[str, Any]
    folders: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        return {name: self.here(str(value)) for name, value in self.given["environment"].items()}

    def command(self, default: list[str] | None = None) -> list[str]:
        words = self.given.get("command") or default
        assert words is not None
        return [self.here(word) for word in words]

    def check(self) -> list[str]:
        """The command of its healthcheck."""
        kind, *words = self.given["healthcheck"]["test"]
        return (
            ["sh", "-c", self.here(words[0])]
            if kind == "CMD-SHELL"
            else [self.here(w) for w in words]
        )

    def here(self, text: str) -> str:
        """The text with the container's paths, and the names of the others, as they are here."""
        for there, folder in sorted(self.folders.items(), key=lambda pair: -len(pair[0])):
            text = text.replace(there, folder)
        return text


def service(name: str, *, volumes: Path) -> Service:
    """A service whose volumes are folders below `volumes`; bound files are the checkout's."""
    given = project()["services"][name]
    folders = {
        mount["target"]: str(volumes / mount["source"])
        if mount["type"] == "volume"
        else mount["source"]
        for mount in given.get("volumes", [])
    }
    return Service(name, given, folders)


def seconds(duration: str) -> float:
    """A duration as compose prints it: 1m0s, 40s."""
    units = {"h": 3600.0, "m": 60.0, "s": 1.0}
    total, number = 0.0, ""
    for sign in duration:
        if sign in units:
            total, number = total + float(number) * units[sign], ""
        else:
            number += sign
    assert not number, duration
    return total


def said(done: subprocess.CompletedProcess[str]) -> str:
    return f"{shlex.join(map(str, done.args))}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
