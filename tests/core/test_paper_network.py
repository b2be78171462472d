"""Which addresses this server calls as printers, and what is said when one does not answer."""

import socket

import pytest

from apps.core.paper import network
from apps.core.paper.network import PrinterOutside, PrinterPortUnusual, PrinterSilent
from tests.labels.printers import printer_at


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.9",
        "192.168.1.50",
        "169.254.7.7",
        "::1",
        "fe80::1",
        "fd00::9",
    ],
)
def test_addresses_of_the_shops_own_network_are_called(host):
    network.demand_printer_address(host, 9100)


@pytest.mark.parametrize(
    "host",
    [
        "8.8.8.8",
        "172.32.0.1",
        "192.169.0.1",
        "0.0.0.0",  # noqa: S104 — what is refused
        "169.254.169.254",
        "fd00:ec2::254",
        "fd00:ec2::254%1",
        "x" * 64 + ".local",
        "::ffff:8.8.8.8",
        "::ffff:169.254.169.254",
        "2001:4860:4860::8888",
        "2130706433",
        "0x7f000001",
        "127.1",
        "",
        "printer\n.local",
        "a b",
        "طلا.local",
        "user@10.0.0.1",
        "x" * 101,
    ],
)
def test_all_others_are_refused_with_an_example(host):
    with pytest.raises(PrinterOutside) as refused:
        network.demand_printer_address(host, 9100)
    assert "192.168.1.50" in str(refused.value)


@pytest.mark.parametrize("port", [0, 22, 80, 5432, 9099, 9110, 65536])
def test_only_ports_of_printers_are_called(port):
    with pytest.raises(PrinterPortUnusual) as refused:
        network.demand_printer_address("192.168.1.50", port)
    assert "9100" in str(refused.value)


def named(monkeypatch, *addresses):
    monkeypatch.setattr(network, "_looked_up", lambda _name: list(addresses))


def test_a_name_that_leads_outside_is_not_called(monkeypatch):
    named(monkeypatch, "8.8.8.8")
    with pytest.raises(PrinterOutside):
        network.send(b"x", host="printer.example", port=9100)


def test_a_name_that_leads_inside_and_outside_is_not_called(monkeypatch):
    with printer_at() as printer:
        named(monkeypatch, printer.host, "8.8.8.8")
        with pytest.raises(PrinterOutside):
            network.send(b"x", host="printer.example", port=9100)


def test_the_address_that_was_judged_is_the_one_that_is_called(monkeypatch):
    with printer_at() as printer:
        named(monkeypatch, printer.host)
        network.send(b"by name", host="printer.shop", port=9100)
        assert printer.received() == b"by name"


def test_a_long_job_arrives_whole():
    job = bytes(range(256)) * 4000
    with printer_at() as printer:
        network.send(job, host=printer.host, port=printer.port)
        assert printer.received() == job


def test_a_closed_port_and_a_silent_printer_are_one_sentence(monkeypatch):
    with pytest.raises(PrinterSilent) as closed:
        network.send(b"x", host="127.0.0.99", port=9108)
    monkeypatch.setattr(network, "_ALL_SECONDS", 0.2)
    with socket.create_server(("127.0.0.98", 9108), backlog=1), pytest.raises(PrinterSilent):
        # Nobody reads: the buffers of both ends fill, and the time runs out.
        network.send(b"x" * 50_000_000, host="127.0.0.98", port=9108)
    assert "127.0.0.99:9108" in str(closed.value)
