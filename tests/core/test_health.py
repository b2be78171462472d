"""Alive, and able to serve: the two questions of a probe, over a database that comes and goes."""

import pytest
from django.db import connection
from django.urls import resolve

from apps.core import health
from tests import conftest, make


@pytest.fixture
def database_away(transactional_db):
    """The port where the database was answers nobody any more; gives the port."""
    link = connection.settings_dict
    port = link["PORT"]
    connection.close()
    link["PORT"] = 1
    yield port
    connection.close()
    link["PORT"] = port


@pytest.fixture
def as_owner(transactional_db):
    """The process was given the owner's login: every policy is blind to it."""
    serving = {name: connection.settings_dict[name] for name in ("USER", "PASSWORD")}
    conftest.log_in(conftest.OWNER)
    yield
    conftest.log_in(serving)


def test_alive_asks_no_database(client):
    # Without the mark a query would fail this test.
    answer = client.get("/health/live/")

    assert (answer.status_code, answer.json()) == (200, {"status": "pass"})
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/health/live/", "/health/ready/"])
def test_a_kubelet_calls_by_address_and_without_tls(client, settings, path):
    """A 400 for the host would restart every process; a redirect would count as success."""
    settings.ALLOWED_HOSTS = ["shop.example"]
    settings.SECURE_SSL_REDIRECT = True

    assert client.get(path, headers={"Host": "10.1.2.3:8000"}).status_code == 200


def test_a_probe_writes_no_line(client, caplog):
    client.get("/health/live/")

    assert not caplog.records


def test_every_probe_has_its_address():
    """What the middleware answers and what config.urls names are the same doors."""
    for path, door in health.DOORS.items():
        assert resolve(path).func is door


def test_alive_while_the_database_is_away(client, database_away):
    assert client.get("/health/live/").status_code == 200


def test_alive_even_for_a_cookie(client, database_away):
    client.cookies["sessionid"] = "whatever"
    assert client.get("/health/live/").status_code == 200


@pytest.mark.django_db
def test_ready(client):
    answer = client.get("/health/ready/")

    assert answer.status_code == 200, answer.content
    assert answer.json() == {"status": "pass", "checks": {"database": "pass"}}
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_ready_costs_one_query(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        client.get("/health/ready/")


def test_not_ready_while_the_database_is_away(client, database_away):
    answer = client.get("/health/ready/")

    assert answer.status_code == 503
    assert answer.json() == {"status": "fail", "checks": {"database": "does not answer"}}


def test_ready_again_when_it_is_back(client, database_away):
    assert client.get("/health/ready/").status_code == 503
    connection.settings_dict["PORT"] = database_away
    assert client.get("/health/ready/").status_code == 200


def test_ready_after_the_connection_was_cut(client, transactional_db):
    """A failover cuts what was open; the next probe must not trip over the corpse."""
    client.get("/health/ready/")
    backend = connection.connection.info.backend_pid
    connection.close()
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone()[0] != backend
        with pytest.raises(Exception, match=r"terminat|closed"):
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    first = client.get("/health/ready/").status_code
    assert first in (200, 503)
    assert client.get("/health/ready/").status_code == 200


def test_not_ready_as_the_owner(client, as_owner):
    """Every page would show every shop, and nothing else would say so."""
    answer = client.get("/health/ready/")

    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": "role is not bound by row-level security"}


@pytest.mark.django_db
def test_nothing_of_the_installation_is_told(client):
    make.shop(name="Secretive")
    said = client.get("/health/ready/").content + client.get("/health/live/").content

    link = connection.settings_dict
    for told in ("Secretive", link["HOST"], link["USER"], str(link["PORT"])):
        assert told.encode() not in said
