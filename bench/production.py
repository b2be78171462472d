"""The shop as in production, on the bench's own database: settings, static files."""

import subprocess
import sys

from local.env import to_serve, with_environment
from local.place import CHECKOUT
from local.postgres import Server
from local.problem import Problem


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
