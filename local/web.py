"""The shop's own ports: which ones, whether they are free, whether the shop answers there."""

import http.client
import socket
from collections.abc import Mapping
from itertools import islice

from local.problem import Problem

DEFAULT_PORT = 8000
# With 8000 the probes are at 8081, as they are by default.
PROBES_ABOVE_BY = 81
LAST_PORT = 65535
ANSWER_WITHIN_S = 5


def chosen_port(environment: Mapping[str, str]) -> int:
    """The port that PORT names, else 8000. Raises Problem when PORT is no port."""
    given = environment.get("PORT") or str(DEFAULT_PORT)
    if not (given.isascii() and given.isdigit() and 1 <= int(given) <= LAST_PORT):
        raise Problem(
            f"PORT is {given}, and a port is a number from 1 to {LAST_PORT}."
            f" Choose one: make run PORT={DEFAULT_PORT}"
        )
    return int(given)


def refuse_taken_port(port: int) -> None:
    """Raise Problem when the port cannot be opened, before anything is started."""
    try:
        _open(port)
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


def probe_ports(port: int, *, count: int) -> list[int]:
    """Free ports where the programs of the shop on `port` answer probes, one for each.

    Beside the site's, so that two shops on one machine differ; another program's are passed over.
    """
    first = port + PROBES_ABOVE_BY
    above = [*range(first, LAST_PORT + 1), *range(1024, min(first, LAST_PORT))]
    return list(islice((one for one in above if one != port and _is_free(one)), count))


def is_ready(port: int) -> bool:
    """Whether the program whose probes are answered at this port says that it is ready."""
    # Not urllib: a proxy in the environment is not the way to this machine.
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_WITHIN_S)
    try:
        link.request("GET", "/health/ready/", headers={"Host": "localhost"})
        return link.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def _is_free(port: int) -> bool:
    try:
        _open(port)
    except OSError:
        return False
    return True


def _open(port: int) -> None:
    """Open it for a moment. Raises OSError when that cannot be done."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tried.bind(("127.0.0.1", port))


def _neighbour(port: int) -> int:
    return port + 1 if port < LAST_PORT else port - 1
