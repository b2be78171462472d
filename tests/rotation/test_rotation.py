"""Certificates, authority, password and user name are renewed under load; no request fails."""

from datetime import UTC, datetime, timedelta

import pytest

from local.cluster import ensure_certificates
from ops.certs.issue import make_authority, write_certificates, write_key
from tests.rotation.conftest import Load, as_literal, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def web(installation):
    """Each request logs in anew, so that each meets what was renewed."""
    with installation.web(DB_CONN_MAX_AGE_SECONDS="0") as one:
        yield one


def renew_server_certificate(installation):
    """Let the server show a new certificate; ends when it does."""
    place, before = installation.server.place, installation.serial()
    (place.server_home / "server.crt").unlink()
    assert ensure_certificates(place)
    installation.reload()
    wait_for(lambda: installation.serial() != before, "the new certificate to be shown")


def set_password(installation, password, user="jewelry_app"):
    installation.sql(f"ALTER ROLE {user} PASSWORD {as_literal(password)}")


def told(web, event):
    return any(event in line for line in web.said)


def wait_until_told(web, event):
    """A line may come after the answer: another process writes it."""
    wait_for(lambda: told(web, event), f"the line {event!r}")


def test_a_renewed_server_certificate(installation, web):
    with Load(web) as load:
        renew_server_certificate(installation)
        load.go_on()

    assert set(load.statuses()) == {200}


def test_a_renewed_authority(installation, web):
    """Both are trusted while the servers change over; then the old one is not."""
    place, mounted = installation.server.place, installation.mounted
    old = place.ca_certificate.read_text()
    coming = make_authority(name="the next authority", now=datetime.now(UTC))
    with Load(web) as load:
        write_certificates(place.folder / "next.crt", coming.certificate)
        new = (place.folder / "next.crt").read_text()
        mounted.renew(ca_crt=old + new)
        load.go_on()

        (place.folder / "next.crt").replace(place.ca_certificate)
        write_key(place.authority / "ca.key", coming.key)
        renew_server_certificate(installation)
        load.go_on()

        mounted.renew(ca_crt=new)
        load.go_on()

    assert set(load.statuses()) == {200}
    mounted.renew(ca_crt=old)  # the counter-proof: the old one alone is refused
    try:
        assert web.pieces().status == 503
    finally:
        mounted.renew(ca_crt=new)


def test_a_renewed_password(installation, web):
    with Load(web) as load:
        installation.mounted.renew(password="renewed-1")
        load.go_on()
        set_password(installation, "renewed-1")
        load.go_on()

    assert set(load.statuses()) == {200}
    wait_until_told(web, "database_login_renewed")


def test_a_password_renewed_in_the_database_before_its_file(installation):
    """As an operator does it: an old connection goes on, past its age, until the file has come."""
    with installation.web(DB_CONN_MAX_AGE_SECONDS="1", WEB_THREADS="1") as web, Load(web) as load:
        set_password(installation, "renewed-2")
        wait_for(lambda: told(web, "database_link_outlives_its_age"), "the link to outlive its age")
        load.go_on()
        installation.mounted.renew(password="renewed-2")
        wait_for(lambda: told(web, "database_login_renewed"), "the new password to be taken up")
        load.go_on()

    assert set(load.statuses()) == {200}


def test_a_changed_user_name(installation, web):
    """Both names are valid for a while, then the old one is locked out."""
    installation.sql(
        "CREATE ROLE jewelry_app_261123 LOGIN INHERIT PASSWORD 'of-the-new-name'"
        " IN ROLE jewelry_app"
    )
    before = installation.mounted["password"].read_text()
    try:
        with Load(web) as load:
            installation.mounted.renew(username="jewelry_app_261123", password="of-the-new-name")
            load.go_on()
            installation.sql("ALTER ROLE jewelry_app NOLOGIN")
            load.go_on()
            web.wait_until_ready()

        assert set(load.statuses()) == {200}
    finally:
        installation.sql("ALTER ROLE jewelry_app LOGIN")
        installation.mounted.renew(username="jewelry_app", password=before)
        installation.sql("ALTER ROLE jewelry_app_261123 NOLOGIN")
    assert web.pieces().status == 200


def test_a_secret_that_cannot_be_read_is_named_and_not_shown(installation, web):
    before = installation.mounted["password"].read_text()
    set_password(installation, "another")
    installation.mounted.renew(password="")
    try:
        answer = web.pieces()

        assert (answer.status, answer.json()["error"]) == (503, "DatabaseAway")
        wait_until_told(web, "APP_DB_PASSWORD is not set")
        assert not told(web, before)
    finally:
        set_password(installation, before)
        installation.mounted.renew(password=before)


def test_the_renewed_certificate_is_the_one_that_lasts(installation):
    certificate = installation.served()
    assert certificate.not_valid_after_utc - datetime.now(UTC) > timedelta(days=390)
