"""Run one manage.py command with the laptop's database, started if need be.

python -m local.manage [--owner] COMMAND …
"""

import os
import subprocess
import sys

from local.env import to_migrate, to_serve, with_environment
from local.place import CHECKOUT, place_from
from local.postgres import started
from local.problem import told_in_one_sentence
from local.signals import interrupt_once, left_to_the_child


def main(arguments: list[str]) -> int:
    """The command's own exit status. It runs as jewelry_app, or with --owner as the owner."""
    interrupt_once()
    as_owner = arguments[:1] == ["--owner"]
    with started(place_from(os.environ)) as server, left_to_the_child():
        environment = to_migrate if as_owner else to_serve
        return subprocess.run(
            [sys.executable, str(CHECKOUT / "manage.py"), *arguments[as_owner:]],
            env=with_environment(environment(server.place, port=server.port)),
            check=False,
        ).returncode


if __name__ == "__main__":
    with told_in_one_sentence():
        sys.exit(main(sys.argv[1:]))
