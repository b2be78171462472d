"""Bytes to a printer of the shop's own network, by the raw port that every such printer opens.

Owners type the address, and it is this server that calls it: so only private addresses and only
the ports of printers are called, and nothing that answers is ever read.
"""

import socket
import time
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from django.utils.translation import gettext as _

from apps.core.errors import Invalid, Unavailable

USUAL_PORT: Final = 9100
PORTS: Final = range(9100, 9110)
LONGEST_HOST: Final = 100
_LONGEST_PART: Final = 63  # between two dots: more no name of DNS has
_CONNECT_SECONDS: Final = 2.0
_ALL_SECONDS: Final = 8.0
_AT_ONCE: Final = 64 * 1024
_NETWORKS: Final = tuple(
    ip_network(network)
    for network in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)
# Where clouds tell a machine its secrets: no printer has ever been there.
_NEVER: Final = (ip_address("169.254.169.254"), ip_address("fd00:ec2::254"))


@dataclass(eq=False)
class PrinterOutside(Invalid):
    host: str

    def __str__(self) -> str:
        return _(
            "%(host)s is no address of a shop's own network. Write one such as 192.168.1.50."
        ) % {"host": self.host}


@dataclass(eq=False)
class PrinterPortUnusual(Invalid):
    port: int

    def __str__(self) -> str:
        return _("Printers listen on ports 9100 to 9109, not on %(port)s. Write 9100.") % {
            "port": self.port
        }


@dataclass(eq=False)
class PrinterSilent(Unavailable):
    """One sentence for a closed port, a cable that is out and a name that nobody knows."""

    host: str
    port: int

    def __str__(self) -> str:
        return _(
            "The printer %(host)s:%(port)s did not take it all. See that it is on and has paper,"
            " and print again."
        ) % {"host": self.host, "port": self.port}


def demand_printer_address(host: str, port: int) -> None:
    """Refuse what this server would not call. A name is judged when it is called.

    Raises PrinterOutside, PrinterPortUnusual.
    """
    if port not in PORTS:
        raise PrinterPortUnusual(port=port)
    address = _literal(host)
    if address is not None:
        _demand_private(address, host)
    elif not _is_name(host):
        raise PrinterOutside(host=host)


def send(data: bytes, *, host: str, port: int) -> None:
    """Send a whole job; return when the printer has taken the last byte.

    A name is looked up once, and exactly the address that was judged is called.
    Raises PrinterOutside, PrinterPortUnusual, PrinterSilent.
    """
    demand_printer_address(host, port)
    until = time.monotonic() + _ALL_SECONDS
    try:
        address = _address_of(host)
        with socket.create_connection((str(address), port), _CONNECT_SECONDS) as link:
            for start in range(0, len(data), _AT_ONCE):
                left = until - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                link.settimeout(left)
                link.sendall(data[start : start + _AT_ONCE])
            link.shutdown(socket.SHUT_WR)
    except OSError as failure:
        raise PrinterSilent(host=host, port=port) from failure


def _address_of(host: str) -> IPv4Address | IPv6Address:
    literal = _literal(host)
    if literal is not None:
        return literal
    addresses = [ip_address(text) for text in _looked_up(host)]
    # All of them: a name that also leads outside is no printer of the shop.
    for address in addresses:
        _demand_private(address, host)
    return addresses[0]


def _looked_up(name: str) -> list[str]:
    """The addresses of a name, as the system's resolver gives them."""
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except UnicodeError as failure:  # a part that no name of DNS can have
        raise OSError(name) from failure
    return [str(entry[4][0]) for entry in found]


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_name(host: str) -> bool:
    """Whether it can be a name of DNS, and no number that a resolver reads as an address."""
    parts = host.split(".")
    return (
        0 < len(host) <= LONGEST_HOST
        and host.isascii()
        and all(
            0 < len(part) <= _LONGEST_PART and part.replace("-", "a").isalnum() for part in parts
        )
        and not parts[-1][0].isdigit()
    )


def _demand_private(address: IPv4Address | IPv6Address, host: str) -> None:
    plain = getattr(address, "ipv4_mapped", None) or address
    if plain.version == 6:
        plain = IPv6Address(int(plain))  # fd00:ec2::254%1 is the same machine
    if plain in _NEVER or not any(
        plain in network for network in _NETWORKS if network.version == plain.version
    ):
        raise PrinterOutside(host=host)
