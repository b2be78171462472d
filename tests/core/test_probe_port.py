"""The probe port, by raw sockets: what it answers, to whom, and what it does not put up with."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from http import HTTPStatus

import pytest

from apps.core import health
from apps.core.sampling import port as ports
from apps.core.sampling import wire
from apps.core.sampling.port import PortRefused, open_port, refuse_taken
from tests.core.probing import CANARIES, PATIENCE_S, a_station, bad, until


@pytest.fixture
def station():
    station = a_station({"cache": bad("unreachable")})
    station.open()
    until(lambda: station.sampler.has_seen_everything, what="first looks")
    yield station
    station.close()


@pytest.fixture
def port(station):
    with opened(station) as port:
        yield port


@contextmanager
def opened(station, host="127.0.0.1"):
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as free:
        free.bind((host, 0))
        number = free.getsockname()[1]
    port = open_port(station, host=host, port=number)
    try:
        yield port
    finally:
        port.close()


class Got:
    def __init__(self, raw):
        head, _, self.body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        self.status = int(first.split(" ")[1]) if first else None
        self.headers = dict(line.split(": ", 1) for line in lines)


def send(port, *parts, pause_s=0.0):
    """Everything that comes back until the port closes, which it does in time."""
    with socket.create_connection(port.address, timeout=wire.CONNECTION_LASTS_S + 3) as link:
        for part in parts:
            link.sendall(part)
            time.sleep(pause_s)
        return Got(read_to_the_end(link))


def read_to_the_end(link):
    came = b""
    try:
        while more := link.recv(65536):
            came += more
    except ConnectionResetError:
        assert not came, "an answer was cut"
    return came


def get(port, path, *headers, method="GET", host="localhost"):
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *headers, "", ""]
    return send(port, "\r\n".join(lines).encode())


class TestAddresses:
    def test_the_probes(self, port):
        for group, body in (
            ("live", {"status": "pass"}),
            ("startup", {"status": "pass"}),
            ("ready", {"status": "warn", "warnings": ["cache"]}),
        ):
            for path in (f"/health/{group}/", f"/health/{group}"):
                got = get(port, path)
                assert (got.status, json.loads(got.body)) == (200, body)
                assert got.headers["Content-Type"] == "application/health+json"
                assert got.headers["Content-Length"] == str(len(got.body))
                assert got.headers["Connection"] == "close"
                assert got.headers["Date"].endswith(" GMT")

    def test_one_check_and_lines(self, port):
        assert json.loads(get(port, "/health/ready/cache/").body)["warnings"] == ["cache"]
        got = get(port, "/health/ready/?verbose&exclude=foo", "Accept: text/plain")
        assert b"[~]cache degraded: unreachable\n" in got.body

    def test_head(self, port):
        got = get(port, "/health/ready/", method="HEAD")
        assert (got.status, got.body) == (200, b"")
        assert got.headers["Content-Length"] == str(len(get(port, "/health/ready/").body))

    def test_metrics(self, port):
        for path in ("/metrics", "/metrics/"):
            got = get(port, path)
            assert got.status == 200
            assert got.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            assert b"# TYPE " in got.body
        assert get(port, "/metrics", method="HEAD").body == b""
        assert get(port, "/metrics", method="POST").status == 405

    @pytest.mark.parametrize("path", ["/", "/accounts/login/", "/health/", "/health/ready/x/"])
    def test_nothing_else(self, port, path):
        got = get(port, path)
        assert (got.status, got.body) == (404, b"")

    def test_each_is_counted(self, port, station):
        get(port, "/health/live")
        get(port, "/metrics")
        get(port, "/nowhere")

        assert station.probes == {("/health/live/", 200): 1, ("/metrics/", 200): 1}

    def test_a_target_as_a_proxy_writes_it(self, port):
        assert get(port, "http://10.0.0.1:8081/health/live/").status == 200
        assert get(port, "http://10.0.0.1:8081").status == 404
        assert get(port, "*", method="OPTIONS").status == 404

    @pytest.mark.parametrize("end", [b"\r\n", b"\n"])
    @pytest.mark.parametrize("version", [b"HTTP/1.0", b"HTTP/1.1"])
    def test_old_clients(self, port, end, version):
        assert send(port, b"GET /health/live/ " + version + end * 2).status == 200


class TestWhoSeesWhat:
    def test_this_machine_sees_everything(self, port):
        for host in ("localhost", "localhost:8081", "127.0.0.1:8081", "[::1]:8081"):
            got = get(port, "/health/detailed/", host=host)
            assert got.status == 200
            assert (
                json.loads(got.body)["checks"]["cache:responseTime"][0]["output"] == "unreachable"
            )

    def test_who_comes_through_a_proxy_is_not_this_machine(self, port):
        for line in (
            "X-Forwarded-For: 127.0.0.1",
            "X-Forwarded-For: 203.0.113.9",
            "Forwarded: for=127.0.0.1",
            "X-Forwarded-Host: shop.example",
            "X-Forwarded-Proto: https",
            "X-Real-IP: 127.0.0.1",
            "Via: 1.1 proxy",
        ):
            got = get(port, "/health/detailed/", line)
            assert (got.status, got.body) == (401, b"")
            assert get(port, "/drain/", line, method="POST").status == 403

    def test_a_stranger_s_name_that_leads_here_is_not_this_machine(self, port):
        for host in ("evil.example", "evil.example:8081", "localhost.evil.example", "10.0.0.1"):
            assert get(port, "/health/detailed/", host=host).status == 401
            assert get(port, "/drain/", method="POST", host=host).status == 403

    def test_the_token_from_anywhere(self, port, settings):
        settings.HEALTH = {**settings.HEALTH, "TOKEN": "t" * 40}

        good = f"Authorization: Bearer {'t' * 40}"
        assert get(port, "/health/detailed/", good, host="10.1.2.3").status == 200
        assert get(port, "/health/detailed/", good[:-1], host="10.1.2.3").status == 401

    @pytest.mark.parametrize(
        ("peer", "is_here"),
        [
            ("127.0.0.1", True),
            ("127.8.9.10", True),
            ("::1", True),
            ("::ffff:127.0.0.1", True),
            ("::ffff:10.0.0.1", False),
            ("10.0.0.1", False),
            ("fe80::1%eth0", False),
            ("0.0.0.0", False),  # noqa: S104
            ("", False),
            ("127.0.0.1.evil.example", False),
        ],
    )
    def test_addresses_of_this_machine(self, peer, is_here):
        request = wire.Request(method="GET", target="/", headers={}, peer=peer)

        assert ports._comes_from_here(request) is is_here

    def test_no_canary(self, port):
        for path in ("/health/ready/?verbose", "/health/detailed/", "/metrics", "/x"):
            got = get(port, path, host="10.1.2.3")
            told = got.body.decode() + str(got.headers)
            assert not [canary for canary in (*CANARIES, "Python", "gunicorn") if canary in told]


class TestDrain:
    def test_from_this_machine(self, port, station):
        got = get(port, "/drain/", "Content-Length: 0", method="POST")

        assert (got.status, got.body) == (204, b"")
        assert "Content-Length" not in got.headers
        assert station.is_draining
        assert get(port, "/health/ready/").status == 503
        assert get(port, "/health/live/").status == 200

    def test_not_by_looking(self, port, station):
        got = get(port, "/drain/")

        assert (got.status, got.headers["Allow"]) == (405, "POST")
        assert not station.is_draining

    def test_not_by_a_page_in_a_browser_on_this_machine(self, port, station):
        origin = "Origin: https://evil.example"

        assert get(port, "/drain/", origin, method="POST").status == 403
        assert not station.is_draining


class TestRudeClients:
    """Each is answered or dropped in time, and nobody else waits for it."""

    @pytest.fixture(autouse=True)
    def others_are_served(self, port):
        yield
        begun = time.monotonic()
        assert get(port, "/health/live/").status == 200
        assert time.monotonic() - begun < 1

    @pytest.mark.parametrize(
        ("sent", "status"),
        [
            (b"GET /health/live/\r\n", 400),  # HTTP/0.9
            (b"GET /health/live/\r\n\r\n", 400),
            (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 400),  # TLS
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
            (b"\0" * 100, 400),
            (b"get /health/live/ HTTP/1.1\r\n\r\n", 400),
            (b"GET  /health/live/ HTTP/1.1\r\n\r\n", 400),
            (b"GET /health/l\xc3\xa9/ HTTP/1.1\r\n\r\n", 400),
            (b"GET /health/live/ HTTP/1.1 \r\n\r\n", 400),
            (b"GET /health/live/\0 HTTP/1.1\r\n\r\n", 400),
            (b"GET /health/live/ HTTP/1.1\r\nX: " + b"a" * 9000, 431),
            (b"GET /" + b"a" * 9000, 431),
            (b"GET /health/live/ HTTP/1.1\r\nno colon\r\n:\r\n: x\r\n\r\n", 200),
            (b"GET /health/live/ HTTP/1.1\r\nX: \xff\xfe\r\n\r\n", 200),
            (b"GET /health/live/?%zz%00&exclude=%ff HTTP/1.1\r\n\r\n", 200),
            (b"POST /health/live/ HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", 405),
            (b"POST /drain/ HTTP/1.1\r\nContent-Length: 99999\r\n\r\nhello", 204),
        ],
    )
    def test_strange_requests(self, port, sent, status):
        assert send(port, sent).status == status

    def test_one_request_of_several(self, port):
        """Pipelined: the first is answered, and its answer is not reset by the second."""
        request = b"GET /health/live/ HTTP/1.1\r\nHost: x\r\n\r\n"

        with socket.create_connection(port.address, timeout=5) as link:
            link.sendall(request * 50)
            assert read_to_the_end(link).count(b"HTTP/1.1 200") == 1

    def test_a_megabyte_of_header(self, port):
        with socket.create_connection(port.address, timeout=5) as link:
            link.sendall(b"GET /health/live/ HTTP/1.1\r\nX: ")
            try:
                for _ in range(1000):
                    link.sendall(b"a" * 1024)
            except OSError:
                return
            assert read_to_the_end(link).startswith(b"HTTP/1.1 431")

    def test_in_pieces(self, port):
        assert send(port, b"GET /health/li", b"ve/ HTTP/1.1\r\nHo", b"st: x\r\n\r", b"\n",
                    pause_s=0.02).status == 200  # fmt: skip

    @pytest.fixture
    def in_a_hurry(self, monkeypatch):
        """How long a connection lasts here."""
        monkeypatch.setattr(wire, "CONNECTION_LASTS_S", 0.4)
        return 0.4

    @pytest.mark.parametrize("said", [b"", b"GET /health/live/ HTTP/1.1\r\nHost:"])
    def test_who_says_no_more_is_dropped(self, port, in_a_hurry, said):
        begun = time.monotonic()
        got = send(port, said)

        assert got.status is None
        assert in_a_hurry / 2 < time.monotonic() - begun < in_a_hurry + 2

    def test_one_byte_a_moment_is_dropped_all_the_same(self, port, in_a_hurry):
        begun = time.monotonic()

        def drip(link):
            while time.monotonic() - begun < PATIENCE_S:
                link.sendall(b"G")
                time.sleep(0.05)

        with (
            socket.create_connection(port.address, timeout=5) as link,
            pytest.raises((ConnectionResetError, BrokenPipeError)),
        ):
            drip(link)
        assert time.monotonic() - begun < in_a_hurry + 2

    def test_who_goes_away_at_once(self, port):
        for _ in range(50):
            with socket.create_connection(port.address) as link:
                link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    def test_who_does_not_read(self, port):
        with socket.create_connection(port.address) as link:
            link.sendall(b"GET /health/live/ HTTP/1.1\r\n\r\n")
            link.sendall(b"x")

    def test_a_crowd_of_silent_ones_keeps_nobody_out(self, port):
        """More than are held at once: those that have said nothing for a moment go first."""
        silent = [
            socket.create_connection(port.address) for _ in range(wire.CONNECTIONS_HELD + 100)
        ]
        try:
            begun = time.monotonic()
            assert get(port, "/health/ready/").status == 200
            assert time.monotonic() - begun < 1
            assert len(port._server._held) <= wire.CONNECTIONS_HELD
        finally:
            for link in silent:
                link.close()

    def test_a_fault_of_an_answer_ends_nothing(self, port, monkeypatch, caplog):
        monkeypatch.setitem(health._GROUPS, "startup", lambda station: 1 / 0)

        assert get(port, "/health/startup/").status == 500
        assert [record.levelname for record in caplog.records] == ["ERROR"]


@pytest.mark.parametrize("first", ["connect and ask", "connect"])
def test_a_thousand_at_once(port, first):
    """All of them connected, before the first answer is read or the first question is put."""
    question = b"GET /health/ready/ HTTP/1.1\r\nHost: x\r\n\r\n"
    links = []
    try:
        for _ in range(1000):
            link = socket.create_connection(port.address, timeout=10)
            links.append(link)
            if first == "connect and ask":
                link.sendall(question)
        if first == "connect":
            for link in links:
                link.sendall(question)
        answers = [Got(read_to_the_end(link)) for link in links]
    finally:
        for link in links:
            link.close()

    assert {got.status for got in answers} == {200}


def test_a_busy_processor_does_not_silence_it(port):
    """Pure Python in other threads holds the interpreter's lock for 5 ms at a time."""
    stop = threading.Event()

    def burn():
        while not stop.is_set():
            sum(range(1000))

    burning = [threading.Thread(target=burn, daemon=True) for _ in range(2)]
    for thread in burning:
        thread.start()
    try:
        took = []
        for _ in range(20):
            begun = time.monotonic()
            assert get(port, "/health/ready/").status == 200
            took.append(time.monotonic() - begun)
    finally:
        stop.set()
        for thread in burning:
            thread.join()
    assert max(took) < 2, took


def test_one_thread_and_no_executor(station):
    before = set(threading.enumerate())
    with opened(station) as port:
        for _ in range(20):
            get(port, "/health/ready/")
        assert len(set(threading.enumerate()) - before) == 1


def test_closing_answers_who_has_called(station):
    with opened(station) as port, ExitStack() as links:
        waiting = [
            links.enter_context(socket.create_connection(port.address, timeout=5))
            for _ in range(20)
        ]
        for link in waiting:
            link.sendall(b"GET /health/live/ HTTP/1.1\r\n\r\n")
        port.close()
        for link in waiting:
            assert b"200 OK" in read_to_the_end(link)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(port.address)
        port.close()  # again, without harm


def test_closing_answers_who_spoke_up_since():
    """They were taken in silent, and said what they want after the bell."""
    is_asked, go_on = threading.Event(), threading.Event()

    def answering(request):
        if request.target == "/slow/":
            is_asked.set()
            assert go_on.wait(PATIENCE_S)
        return health.empty(HTTPStatus.OK)

    listener = socket.create_server(("127.0.0.1", 0))
    address = listener.getsockname()
    server = wire.Server(listener, answering, name="closing")
    server.start()
    closing = threading.Thread(target=server.stop)
    with (
        socket.create_connection(address, 5) as silent,
        socket.create_connection(address, 5) as slow,
    ):
        until(lambda: len(server._held) == 2, what="both taken in")
        slow.sendall(b"GET /slow/ HTTP/1.1\r\n\r\n")
        assert is_asked.wait(PATIENCE_S)
        closing.start()
        until(lambda: server._button.fileno() == -1, what="the bell")
        silent.sendall(b"GET /quick/ HTTP/1.1\r\n\r\n")
        go_on.set()

        assert b"200 OK" in read_to_the_end(slow)
        assert b"200 OK" in read_to_the_end(silent)
    closing.join(PATIENCE_S)
    assert not closing.is_alive()


class TestAddressOfThePort:
    def test_processes_share_it(self, station):
        with opened(station) as port:
            host, number = port.address
            other = open_port(station, host=host, port=number)
            try:
                assert get(port, "/health/live/").status == 200
            finally:
                other.close()
            assert get(port, "/health/live/").status == 200

    def test_another_server_does_not_share_it_without_a_word(self, station):
        with opened(station) as port:
            with pytest.raises(PortRefused) as refusal:
                refuse_taken(*port.address)
            number = port.address[1]
            assert str(refusal.value).startswith(
                f"HEALTH_PORT: port {number} of 127.0.0.1 is taken by another program."
            )
            assert f"HEALTH_PORT={number + 1}" in str(refusal.value)
        refuse_taken(*port.address)

    def test_nor_does_one_that_shares_nothing(self, station):
        with (
            socket.create_server(("127.0.0.1", 0)) as other,
            pytest.raises(PortRefused, match="is taken"),
        ):
            open_port(station, host="127.0.0.1", port=other.getsockname()[1])

    def test_an_address_that_is_not_this_machine_s(self, station):
        with pytest.raises(PortRefused, match=r"HEALTH_BIND: 192\.0\.2\.1 cannot be listened at"):
            refuse_taken("192.0.2.1", 8081)

    # Of a Python that was built without it nobody asks for `::`; CI's has it.
    @pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
    def test_ipv6_and_both(self, station):
        with opened(station, "::1") as port:
            assert get(port, "/health/detailed/", host=f"[::1]:{port.address[1]}").status == 200
        with opened(station, "::") as port:
            for host in ("::1", "127.0.0.1"):
                with socket.create_connection((host, port.address[1]), timeout=5) as link:
                    link.sendall(b"GET /health/detailed/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    assert Got(read_to_the_end(link)).status == 200


def test_it_needs_no_loaded_program():
    """gunicorn's master asks for the port before there are apps."""
    said = subprocess.run(
        [sys.executable, "-c", "from apps.core.sampling.port import refuse_taken"],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.lint"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert said.returncode == 0, said.stderr
