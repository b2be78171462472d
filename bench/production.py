"""The shop as in production, on the bench's own database: settings, static files, the web."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from local.env import to_serve, with_environment
from local.place import CHECKOUT
from local.postgres import Server
from local.problem import Problem
from local.processes import Part, start_part, stop_parts
from local.web import is_ready

READY_WITHIN_S: Final = 90
_LOOK_EVERY_S: Final = 0.1


def environment(server: Server, **more: str) -> dict[str, str]:
    """What a web process gets; `more` overrides."""
    return with_environment(
        to_serve(server.place, port=server.port)
        | {
            "DJANGO_SETTINGS_MODULE": "config.settings.production",
            "SECURE_SSL_REDIRECT": "0",
            "LOG_LEVEL": "WARNING",
        }
        | more
    )


def collect_static(server: Server) -> None:
    """As the image has them; without its manifest no page loads, and readiness says so."""
    ended = subprocess.run(
        [sys.executable, str(CHECKOUT / "manage.py"), "collectstatic", "--noinput"],
        env=environment(server),
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode != 0:
        raise Problem(f"collectstatic did not succeed:\n{ended.stderr}")


@contextmanager
def web(serving: Mapping[str, str]) -> Iterator[Part]:
    """gunicorn at the PORT of `serving` for a block. Raises Problem when it does not get ready."""
    command = [sys.executable, "-m", "gunicorn", "--no-control-socket"]
    command += ["-c", "config/gunicorn.py", "config.wsgi:application"]
    part = start_part("web", command, environment=serving, folder=CHECKOUT)
    try:
        deadline = time.monotonic() + READY_WITHIN_S
        while not is_ready(int(serving["PORT"])):
            if part.process.poll() is not None or time.monotonic() > deadline:
                raise Problem("The site did not become ready; the lines above tell why.")
            time.sleep(_LOOK_EVERY_S)
        yield part
    finally:
        stop_parts([part])
