"""Where the programs of a shop on this machine answer probes: local.web."""

import socket
from contextlib import ExitStack

import pytest

from local.web import probe_ports


def test_each_program_has_a_port_of_its_own_above_the_sites():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        site = taken.getsockname()[1] - 81
        first, second = probe_ports(site, count=2)

    assert site + 81 < first < second


@pytest.mark.parametrize("site", [65535, 65500])
def test_at_the_end_of_all_ports_it_begins_again(site):
    ports = probe_ports(site, count=2)

    assert len(set(ports)) == 2
    assert site not in ports
    assert all(1024 <= port <= 65535 for port in ports)


def test_a_second_shop_beside_the_first_gets_others():
    first = probe_ports(18_000, count=2)
    with ExitStack() as opened:
        for port in first:
            opened.enter_context(socket.create_server(("127.0.0.1", port)))
        assert not set(probe_ports(18_001, count=2)) & set(first)
