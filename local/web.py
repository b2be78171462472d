"""The shop's own port: which one, whether it is free, whether the shop answers there."""

import http.client
import socket
from collections.abc import Mapping

from local.problem import Problem

DEFAULT_PORT = 8000
ANSWER_WITHIN_S = 5


def chosen_port(environment: Mapping[str, str]) -> int:
    """The port that PORT names, else 8000. Raises Problem when PORT is no port."""
    given = environment.get("PORT") or str(DEFAULT_PORT)
    if not (given.isascii() and given.isdigit() and 1 <= int(given) <= 65535):
        raise Problem(
            f"PORT is {given}, and a port is a number from 1 to 65535."
            f" Choose one: make run PORT={DEFAULT_PORT}"
        )
    return int(given)


def refuse_taken_port(port: int) -> None:
    """Raise Problem when the port cannot be opened, before anything is started."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise Problem(
                f"Port {port} may be opened by root only."
                f" Choose one above 1023: make run PORT={DEFAULT_PORT}"
            ) from None
        except OSError:
            raise Problem(
                f"Port {port} is taken by another program."
                f" Stop that one, or choose another port: make run PORT={_neighbour(port)}"
            ) from None


def is_ready(port: int) -> bool:
    """Whether the shop answers on this port that it can serve."""
    # Not urllib: a proxy in the environment is not the way to this machine.
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_WITHIN_S)
    try:
        link.request("GET", "/health/ready/", headers={"Host": "localhost"})
        return link.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def _neighbour(port: int) -> int:
    return port + 1 if port < 65535 else port - 1
