"""Days left of the certificates that servers really show."""

import socket
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from apps.core import metrics
from apps.core.database import certificate_watch
from apps.core.database.certificate_watch import WARN_DAYS, CertificateWatch, look_at
from apps.core.database.served import NotServed, served_certificate
from apps.core.sampling.checks import certificates
from apps.core.sampling.station import Options, Station
from local.certificates import SERVER_LIFE


@pytest.fixture
def primary():
    """Where the tests' own database answers."""
    return connection.settings_dict["HOST"], int(connection.settings_dict["PORT"])


@pytest.fixture
def silent():
    """A port that accepts and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[:2]


@pytest.fixture
def closed():
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield probe.getsockname()


def test_the_certificate_of_the_server_itself(primary):
    shown = served_certificate(*primary, timeout_s=5)

    left = shown.not_valid_after_utc - datetime.now(UTC)
    assert timedelta() < left <= SERVER_LIFE


def test_who_is_silent_is_given_up_in_time(silent):
    before = datetime.now(UTC)
    with pytest.raises(NotServed, match="says nothing"):
        served_certificate(*silent, timeout_s=0.2)
    assert datetime.now(UTC) - before < timedelta(seconds=2)


def test_who_offers_no_tls_is_told():
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()

        def refuse():
            link, _ = server.accept()
            with link:
                link.recv(8)
                link.sendall(b"N")

        thread = threading.Thread(target=refuse)
        thread.start()
        with pytest.raises(NotServed, match="speaks no TLS"):
            served_certificate(*address, timeout_s=5)
        thread.join(5)


def test_one_server_that_is_away_does_not_hide_the_others(primary, closed):
    first, second = look_at({"primary": primary, "replica": closed})

    assert first.role == "primary"
    assert first.days_left > WARN_DAYS
    assert (second.role, second.days_left) == ("replica", None)
    assert "refused" in second.said


@pytest.mark.parametrize(
    ("days_before_end", "says_when"), [(21.5, False), (20.5, True), (0.5, True), (-3, True)]
)
def test_it_says_when_from_three_weeks_before_the_end(primary, days_before_end, says_when):
    end = served_certificate(*primary, timeout_s=5).not_valid_after_utc

    (look,) = look_at({"primary": primary}, now=end - timedelta(days=days_before_end))

    assert look.days_left == pytest.approx(days_before_end)
    assert (f"{end:%Y-%m-%d}" in look.said) == says_when


def test_a_look_serves_everybody_for_a_while(primary, monkeypatch):
    clock = [0.0]
    seen = []
    monkeypatch.setattr(
        certificate_watch, "look_at", lambda servers: seen.append(dict(servers)) or look_at(servers)
    )
    watch = CertificateWatch({"primary": primary}, clock=lambda: clock[0])

    assert watch.looks() is watch.looks()
    assert len(seen) == 1
    clock[0] = 301
    assert watch.looks()[0].days_left > WARN_DAYS
    assert len(seen) == 2


def test_who_was_away_is_looked_for_sooner(closed, primary):
    clock = [0.0]
    watch = CertificateWatch({"primary": closed}, clock=lambda: clock[0])
    assert watch.looks()[0].days_left is None
    watch._servers["primary"] = primary  # it is back

    assert watch.looks()[0].days_left is None
    clock[0] = 15
    assert watch.looks()[0].days_left > WARN_DAYS


class TestMetrics:
    """The alert on a certificate's end hangs on these names."""

    @pytest.fixture
    def read(self):
        opened = []

        def read_of(servers):
            check = certificates.build(CertificateWatch(servers))
            station = Station([check], options=Options())
            opened.append(station)
            station.open()
            deadline = time.monotonic() + 10
            while "certificate_shown{" not in (text := metrics.page(station).decode()):
                assert time.monotonic() < deadline, text
                time.sleep(0.01)
            lines = [line for line in text.splitlines() if not line.startswith("#")]
            return dict(line.rsplit(" ", 1) for line in lines)

        yield read_of
        for station in opened:
            station.close()

    def test_days_left_by_server(self, read, primary, closed):
        told = read({"primary": primary, "replica": closed})

        left_s = float(
            told['jewelry_shop_database_certificate_remaining_seconds{server="primary"}']
        )
        assert 21 < left_s / 86_400 <= SERVER_LIFE.days
        assert told['jewelry_shop_database_certificate_shown{server="primary"}'] == "1.0"
        assert told['jewelry_shop_database_certificate_shown{server="replica"}'] == "0.0"
        assert 'jewelry_shop_database_certificate_remaining_seconds{server="replica"}' not in told

    def test_no_certificate_makes_a_process_unready(self, read, closed):
        told = read({"pooler": closed})

        assert told['jewelry_shop_health_status{probe="ready",worker="0"}'] == "0.5"

    def test_the_link_itself_is_watched(self, settings, primary):
        assert settings.DB_SERVERS["primary"] == primary
