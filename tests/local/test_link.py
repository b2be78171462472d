"""The link to the database: TLS or nothing, and only to a client who can tell the server."""

import socket
import ssl
import stat
from datetime import UTC, datetime

import psycopg
import pytest

from local.certificates import SERVICE_NAMES, ensure_authority


@pytest.mark.parametrize("user", ["jewelry_app", "jewelry_owner", "postgres"])
def test_plaintext_is_refused_in_the_words_of_the_cluster(connect, user):
    with pytest.raises(psycopg.OperationalError) as refused:
        connect(user=user, dbname="postgres", sslmode="disable")
    said = str(refused.value)
    assert "pg_hba.conf rejects connection" in said
    assert f'user "{user}"' in said
    assert "no encryption" in said


def test_a_server_of_another_authority_is_refused(connect, tmp_path):
    other = tmp_path / "ca.crt"
    ensure_authority(certificate=other, key=tmp_path / "a" / "ca.key", now=datetime.now(UTC))
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        connect(sslrootcert=str(other))


def test_a_name_that_is_not_the_servers_is_refused(connect):
    with pytest.raises(psycopg.OperationalError, match="does not match host name"):
        connect(host="db.example")


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", *SERVICE_NAMES])
def test_every_name_of_the_server_is_accepted(connect, name):
    with connect(host=name) as connection:
        assert connection.info.get_parameters()["sslmode"] == "verify-full"
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_the_serving_connection_is_encrypted_and_modern(connect):
    with connect() as connection:
        row = connection.execute(
            "SELECT ssl, version, bits FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        ).fetchone()
    assert row is not None
    encrypted, version, bits = row
    assert encrypted
    assert version in {"TLSv1.2", "TLSv1.3"}
    assert bits >= 128


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_an_old_protocol_is_refused(server):
    context = ssl.create_default_context(cafile=str(server.place.ca_certificate))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        _after_ssl_request(server.port) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secured,
    ):
        assert secured.version() == "TLSv1.2"
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    # OpenSSL forbids it to clients too, unless told: the refusal must be the server's.
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with _after_ssl_request(server.port) as plain, pytest.raises(ssl.SSLError) as refused:
        context.wrap_socket(plain, server_hostname="localhost")
    assert "alert" in str(refused.value).lower()


def _after_ssl_request(port: int) -> socket.socket:
    """A connection on which the server has agreed to TLS (PostgreSQL protocol, SSLRequest)."""
    plain = socket.create_connection(("127.0.0.1", port), timeout=5)
    plain.sendall((8).to_bytes(4, "big") + (80877103).to_bytes(4, "big"))
    assert plain.recv(1) == b"S"
    return plain


def test_it_listens_on_the_loopback_of_ipv4_alone(server, connect):
    with socket.socket(socket.AF_INET6) as six, pytest.raises(OSError):  # noqa: PT011
        six.connect(("::1", server.port))
    with connect(user="postgres", dbname="postgres") as connection:
        listening = connection.execute("SHOW listen_addresses").fetchone()
        sockets = connection.execute("SHOW unix_socket_directories").fetchone()
    assert listening == ("127.0.0.1",)
    assert sockets == ("",)


def test_passwords_are_kept_as_scram_verifiers(connect):
    with connect(user="postgres", dbname="postgres") as connection:
        kept = connection.execute(
            "SELECT rolname, left(rolpassword, 14) FROM pg_authid WHERE rolcanlogin ORDER BY 1"
        ).fetchall()
    assert kept == [
        ("jewelry_app", "SCRAM-SHA-256$"),
        ("jewelry_owner", "SCRAM-SHA-256$"),
        ("postgres", "SCRAM-SHA-256$"),
    ]


def test_secrets_and_keys_are_closed_to_others(server):
    place = server.place
    closed = [
        *(place.folder / "secrets").iterdir(),
        place.authority / "ca.key",
        place.server_home / "server.key",
    ]
    assert len(closed) >= 5
    assert {stat.S_IMODE(path.stat().st_mode) for path in closed} == {0o600}
    for folder in (place.folder / "secrets", place.authority, place.server_home, place.data):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_no_password_stands_in_the_log(server):
    said = server.place.log.read_text()
    assert said
    for secret in (server.place.folder / "secrets").iterdir():
        assert secret.read_text() not in said
