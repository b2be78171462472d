"""Days left of the certificates that servers really show."""

import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from apps.core import metrics
from apps.core.database import certificate_watch
from apps.core.database.certificate_watch import WARN_DAYS, CertificateWatch, look_at
from apps.core.database.served import NotServed, served_certificate
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

    assert (first.role, first.status) == ("primary", "pass")
    assert first.days_left > WARN_DAYS
    assert (second.role, second.status, second.days_left) == ("replica", "warn", None)
    assert "refused" in second.said


@pytest.mark.parametrize(
    ("days_before_end", "status"), [(21.5, "pass"), (20.5, "warn"), (0.5, "warn"), (-3, "warn")]
)
def test_it_warns_three_weeks_before_the_end(primary, days_before_end, status):
    end = served_certificate(*primary, timeout_s=5).not_valid_after_utc

    (look,) = look_at({"primary": primary}, now=end - timedelta(days=days_before_end))

    assert look.status == status
    assert look.days_left == pytest.approx(days_before_end)
    assert (f"{end:%Y-%m-%d}" in look.said) == (status == "warn")


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
    assert watch.looks()[0].status == "pass"
    assert len(seen) == 2


def test_as_checks_of_a_health_answer(primary, closed):
    (good, away) = CertificateWatch({"primary": primary, "pooler": closed}).checks()[
        "database:certificate"
    ]

    assert good["componentId"] == "primary"
    assert good["status"] == "pass"
    assert good["observedUnit"] == "d"
    assert good["observedValue"] > 21
    assert (away["componentId"], away["status"], away["observedValue"]) == ("pooler", "warn", None)


class TestMetrics:
    @pytest.fixture(autouse=True)
    def fresh(self):
        metrics.watched_certificates.cache_clear()
        yield
        metrics.watched_certificates.cache_clear()

    def read(self, client):
        answer = client.get("/metrics/", headers={"Host": "10.1.2.3:8000"})
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
        lines = answer.text.splitlines()
        assert answer.text.endswith("\n")
        return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))

    def test_days_left_by_server(self, client, settings, primary, closed):
        settings.DB_SERVERS = {"primary": primary, "replica": closed}

        told = self.read(client)

        days = float(told['jewelry_shop_database_certificate_days_left{server="primary"}'])
        assert 21 < days <= SERVER_LIFE.days
        assert told['jewelry_shop_database_certificate_shown{server="primary"}'] == "1"
        assert told['jewelry_shop_database_certificate_shown{server="replica"}'] == "0"
        assert 'jewelry_shop_database_certificate_days_left{server="replica"}' not in told

    @pytest.mark.django_db
    def test_no_certificate_makes_a_process_unready(self, client, settings, closed):
        settings.DB_SERVERS = {"pooler": closed}

        assert self.read(client)
        assert client.get("/health/ready/").status_code == 200

    def test_the_link_itself_is_watched(self, settings, primary):
        assert settings.DB_SERVERS["primary"] == primary
