"""worker, migrate, doctor → primary: verified, with all that a session can do."""

import psycopg
import pytest
from django.db import OperationalError

from local import spilo
from local.roles import APP, OWNER
from tests.paths.authority import CLUSTER_NAMES, Authority, Usage, self_signed
from tests.paths.conftest import environment_of, python


def one(connection, statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()


def test_plaintext_is_refused_in_spilos_words(primary):
    with pytest.raises(psycopg.OperationalError, match=r"pg_hba.conf rejects .* no encryption"):
        psycopg.connect(**primary.link(APP, sslmode="disable", sslrootcert=None))


@pytest.mark.parametrize("name", CLUSTER_NAMES)
def test_every_service_name_is_on_the_one_certificate(primary, name):
    with psycopg.connect(**primary.link(APP, host=name)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_name_beside_them_is_refused(primary):
    with pytest.raises(psycopg.OperationalError, match="does not match host name"):
        psycopg.connect(**primary.link(APP, host="jewelry-shop-db.another-namespace"))


def test_django_keeps_the_connection_and_may_open_cursors(as_django, primary):
    direct = as_django(primary)
    assert one(direct, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == (True,)
    assert direct.settings_dict["CONN_MAX_AGE"] == 60
    assert direct.settings_dict["DISABLE_SERVER_SIDE_CURSORS"] is False


def test_a_connection_that_was_cut_is_replaced_before_the_next_request(as_django, primary):
    """CONN_HEALTH_CHECKS: nobody's first query is spent on finding out."""
    direct = as_django(primary)
    (cut,) = one(direct, "SELECT pg_backend_pid()")
    with primary.superuser() as person:
        # Waits until the backend is gone.
        person.execute("SELECT pg_terminate_backend(%s, 10000)", [cut])
    direct.close_if_unusable_or_obsolete()  # as at request_started
    (now,) = one(direct, "SELECT pg_backend_pid()")
    assert now != cut


def test_a_notification_arrives(primary):
    with (
        psycopg.connect(**primary.link(APP, autocommit=True)) as waiting,
        psycopg.connect(**primary.link(APP, autocommit=True)) as calling,
    ):
        waiting.execute("LISTEN jobs")
        calling.execute("SELECT pg_notify('jobs', 'one is due')")
        arrived = next(waiting.notifies(timeout=10))
    assert (arrived.channel, arrived.payload) == ("jobs", "one is due")


@pytest.mark.slow
def test_migrations_change_tables_over_it(migrated):
    with psycopg.connect(**migrated.link(OWNER)) as connection:
        owned = connection.execute(
            "SELECT count(*) > 20 FROM pg_class"
            " WHERE relkind = 'r' AND relowner = current_user::regrole"
        ).fetchone()
    assert owned == (True,)


@pytest.mark.slow
def test_the_serving_role_changes_no_table(migrated):
    with (
        psycopg.connect(**migrated.link(APP)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("CREATE TABLE of_the_app ()")


# The authorities that the machine trusts


# What the program does at its start, in a process of its own: OpenSSL reads its store once.
LOOK = """
import os, psycopg
from apps.core.database.params import link_from
link = link_from(os.environ, pooled=False)
assert link.sslrootcert == "system", link.sslrootcert
options = link.django(connect_timeout_seconds=5, conn_max_age_seconds=0)["OPTIONS"]
address = {"host": link.host, "port": link.port, "user": link.user, "dbname": link.dbname}
with psycopg.connect(**address, password=link.password, **options) as connection:
    print(connection.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone())
"""


def test_the_machines_authorities_are_the_default(primary, ca):
    """As on a machine that has the authority in its store; OpenSSL's variable stands for that."""
    given = environment_of(primary, APP, DB_SSLROOTCERT="", SSL_CERT_FILE=str(ca))
    looked = python("-c", LOOK, environment=given)
    assert looked.stdout == "(True,)\n", looked.stderr


def test_a_private_authority_is_not_among_them(primary, tmp_path):
    other = tmp_path / "ca.crt"
    other.write_bytes(Authority("a stranger").pem)
    given = environment_of(primary, APP, DB_SSLROOTCERT="", SSL_CERT_FILE=str(other))
    looked = python("-c", LOOK, environment=given)
    assert looked.returncode != 0
    assert "certificate verify failed" in looked.stderr


# TLS from the first byte


def test_direct_negotiation_where_the_server_knows_it(as_django, primary):
    direct = as_django(primary, DB_SSLNEGOTIATION="direct")
    if primary.major >= 17:
        assert one(direct, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == (True,)
    else:
        with pytest.raises(OperationalError, match="unexpected eof"):
            direct.ensure_connection()


def test_direct_negotiation_is_not_known_to_this_pooler(as_django, hardened):
    through = as_django(hardened, pooled=True, DB_SSLNEGOTIATION="direct")
    with pytest.raises(OperationalError, match=r"SSL error|server closed the connection"):
        through.ensure_connection()


# Certificates of clients


@pytest.fixture
def client_files(tmp_path, authority):
    def files(of=authority, *, mode=0o600):
        pair = of.issue(names=(), subject=APP, usage=Usage.CLIENT_AUTH)
        certificate, key = tmp_path / "client.crt", tmp_path / "client.key"
        certificate.write_bytes(pair.certificate)
        key.write_bytes(pair.key)
        key.chmod(mode)
        return {"DB_SSLCERT": str(certificate), "DB_SSLKEY": str(key)}

    return files


def test_a_clients_certificate_is_seen_by_the_server(as_django, primary, client_files):
    shown = as_django(primary, **client_files())
    asked = "SELECT client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    assert one(shown, asked) == (f"/CN={APP}",)


def test_a_key_that_others_may_read_is_refused_by_its_name(as_django, primary, client_files):
    files = client_files(mode=0o644)
    with pytest.raises(OperationalError, match="has group or world access") as refused:
        as_django(primary, **files).ensure_connection()
    assert files["DB_SSLKEY"] in str(refused.value)


def test_a_certificate_of_an_unknown_authority_is_refused(as_django, primary, client_files):
    with pytest.raises(OperationalError, match="unknown ca"):
        as_django(primary, **client_files(Authority("a stranger"))).ensure_connection()


def test_a_certificate_without_its_key_is_refused(as_django, primary, client_files):
    files = client_files() | {"DB_SSLKEY": "/nowhere/client.key"}
    with pytest.raises(OperationalError, match="private key file"):
        as_django(primary, **files).ensure_connection()


# What the server shows, good and bad


@pytest.fixture
def showing(own_folder, major):
    """A server of the test's own, and how to let it show another certificate."""
    ca = own_folder / "ca.crt"
    server = None

    def show(pair, trusted):
        nonlocal server
        ca.write_bytes(trusted)
        if server is None:
            server = spilo.start_primary(own_folder / "primary", major=major, pair=pair, ca=ca)
        return server

    yield show
    if server is not None:
        server.stop()


def test_a_self_signed_certificate_that_is_pinned(showing):
    """It works where its names do; a weaker mode would take anybody's."""
    pair = self_signed(names=("localhost",))
    server = showing(pair, pair.certificate)
    with psycopg.connect(**server.link(APP)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError, match="does not match host name"):
        psycopg.connect(**server.link(APP, host="jewelry-shop-db"))
    server.ca.write_bytes(self_signed(names=("localhost",)).certificate)
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        psycopg.connect(**server.link(APP))
    # A renewed one is not the pinned one: old clients refuse it until they get it too.
    server.ca.write_bytes(pair.certificate)
    renewed = self_signed(names=("localhost",))
    with psycopg.connect(**server.link("postgres", dbname="postgres", autocommit=True)) as person:
        server.give("tls.crt", renewed.certificate)
        server.give("tls.key", renewed.key)
        person.execute("SELECT pg_reload_conf()")
    server.ca.write_bytes(pair.certificate + renewed.certificate)
    with psycopg.connect(**server.link(APP)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize(
    "changed",
    [{"days": -1}, {"usage": Usage.CLIENT_AUTH}],
    ids=["expired", "for clients"],
)
def test_a_certificate_that_is_not_to_be_used_is_refused(own_folder, major, changed):
    authority = Authority()
    ca = own_folder / "ca.crt"
    ca.write_bytes(authority.pem)
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        spilo.start_primary(
            own_folder / "primary", major=major, pair=authority.issue(**changed), ca=ca
        )
