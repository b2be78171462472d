"""Run the tests on a database of their own, over TLS, stopped afterwards whatever happens.

    python -m local.suite                 everything: the suite, then the browser journeys
    python -m local.suite PATH …          pytest with these arguments, in one process

Journeys are a pytest run of their own: the browser driver's event loop stays
in its process. They run last, and only when the suite has passed, so that the
last summary line always tells the whole truth.
"""

import os
import subprocess
import sys

from local.env import to_test, with_environment
from local.place import CHECKOUT, place_from
from local.postgres import started
from local.problem import told_in_one_sentence
from local.signals import interrupt_once, left_to_the_child
from local.tools import CHROMIUM, FOR_TESTS, demand

JOURNEYS = "tests/journeys"


def main(arguments: list[str]) -> int:
    """The exit status of the first pytest run that did not pass, else 0."""
    interrupt_once()
    demand(FOR_TESTS)
    with started(place_from(os.environ, for_tests=True)) as server, left_to_the_child():
        environment = with_environment(to_test(server.place, port=server.port))
        for run in [arguments] if arguments else _everything():
            if any(JOURNEYS in argument for argument in run):
                # Playwright's synchronous driver runs an event loop under Django's ORM.
                environment["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
            status = _pytest(run, environment)
            if status != 0:
                return status
    return 0


def _everything() -> list[list[str]]:
    # Groups keep the tests that start servers of their own in one process.
    runs = [["-n", "2", "--dist", "loadfile", "tests"]]
    if (CHECKOUT / JOURNEYS).is_dir() and CHROMIUM.is_here():
        runs.append([JOURNEYS])
    return runs


def _pytest(arguments: list[str], environment: dict[str, str]) -> int:
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, env=environment, cwd=CHECKOUT, check=False).returncode


if __name__ == "__main__":
    with told_in_one_sentence():
        sys.exit(main(sys.argv[1:]))
