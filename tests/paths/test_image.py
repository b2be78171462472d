"""The pooler's image, its entrypoint run as a process with the operator's variables."""

import os
import re
import signal
import socket
import ssl
import time
from pathlib import Path

import psycopg
import pytest
from cryptography import x509

from local import pooler, spilo
from local.problem import Problem
from local.roles import APP
from local.spilo import POOLER
from local.tools import PGBOUNCER
from tests.paths.authority import Authority, self_signed, serial_of
from tests.paths.conftest import STOCK, needs

# Certificates that nobody must believe, and what PgBouncer says of each.
WHY_NOT = {
    "expired": "handshake failed",
    "of a stranger": "handshake failed",
    "self-signed": "handshake failed",
    "of another name": "name `localhost' not present in server certificate",
}
NOT_TRUSTED = tuple(WHY_NOT)
ANSWERS_WITHIN_S = 15


@pytest.fixture
def start(own_folder, primary, authority):
    """Start a pooler of the test's own before the shared primary, or before the one given."""
    needs(PGBOUNCER)
    started = []

    def start(*, behind=primary, server_ca=authority.pem, **changed):
        started.append(
            pooler.start(
                own_folder / f"pooler-{len(started)}",
                behind=behind,
                pair=authority.issue(),
                server_ca=server_ca,
                **changed,
            )
        )
        return started[-1]

    yield start
    for one in started:
        one.stop()


def served_serial(port):
    """Which certificate a new client is shown (PostgreSQL protocol, SSLRequest)."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
        plain.sendall((8).to_bytes(4, "big") + (80877103).to_bytes(4, "big"))
        assert plain.recv(1) == b"S"
        with context.wrap_socket(plain) as secured:
            shown = secured.getpeercert(binary_form=True)
    return x509.load_der_x509_certificate(shown).serial_number


# A renewed certificate


def test_a_renewed_certificate_is_served_and_nobody_is_cut_off(start, authority):
    running = start()
    with psycopg.connect(**running.link(APP, autocommit=True)) as before:
        renewed, since = authority.issue(), len(running.said)
        assert served_serial(running.port) != serial_of(renewed.certificate)
        running.give(renewed)
        running.heard("re-reading config", since=since)
        assert before.execute("SELECT 1").fetchone() == (1,)
        with psycopg.connect(**running.link(APP)) as after:
            assert after.execute("SELECT 1").fetchone() == (1,)
    assert served_serial(running.port) == serial_of(renewed.certificate)


@pytest.mark.slow
def test_files_that_do_not_fit_together_are_named_and_left(start, authority):
    """Half of a renewal, as a copy that was broken off."""
    running = start()
    first, renewed = served_serial(running.port), authority.issue()
    other = authority.issue()
    since = len(running.said)
    running.give(spilo.Pair(certificate=renewed.certificate, key=other.key))
    running.heard("not loaded", since=since)
    running.heard("is not the key of", since=since)
    assert served_serial(running.port) == first
    running.give(renewed)
    running.heard("re-reading config", since=since)
    assert served_serial(running.port) == serial_of(renewed.certificate)


def test_a_secret_that_is_swapped_as_a_whole_is_taken_up(start, authority, tmp_path):
    """As the kubelet does it: the files are links through `..data`, and that link is renamed."""
    running = start()
    folder, renewed = running.folder, authority.issue()
    fresh = folder / "..2026"
    fresh.mkdir(mode=0o755)
    for name, content in (("tls.crt", renewed.certificate), ("tls.key", renewed.key)):
        (fresh / name).write_bytes(content)
        (fresh / name).chmod(0o640)
        os.chown(fresh / name, folder.stat().st_uid, folder.stat().st_gid)
    os.chown(fresh, folder.stat().st_uid, folder.stat().st_gid)
    (folder / "..data").symlink_to(fresh.name)
    since = len(running.said)
    for name in ("tls.crt", "tls.key"):
        (folder / f"{name}.link").symlink_to(f"..data/{name}")
        (folder / f"{name}.link").rename(folder / name)
    running.heard("re-reading config", since=since)
    assert served_serial(running.port) == serial_of(renewed.certificate)


# The server behind


@pytest.fixture
def untrusted(own_folder, major, authority):
    """A primary whose certificate must not be believed. It is made while it still can be."""
    ca = own_folder / "ca.crt"
    ca.write_bytes(authority.pem)
    made = spilo.start_primary(own_folder / "primary", major=major, pair=authority.issue(), ca=ca)
    pairs = {
        "expired": authority.issue(days=-1),
        "of a stranger": Authority("a stranger").issue(),
        "self-signed": self_signed(),
        "of another name": authority.issue(names=("db.example",), subject="db.example"),
    }

    def show(what):
        present(made, pairs[what])
        return made

    yield show
    made.stop()


@pytest.mark.slow
@pytest.mark.parametrize("what", NOT_TRUSTED)
def test_only_a_server_that_proves_itself_gets_a_login(start, untrusted, what):
    """The log says why; the server never hears of the client."""
    running = start(behind=untrusted(what))
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(**running.link(APP, connect_timeout=2))
    running.heard("TLS handshake error: " + WHY_NOT[what])
    assert f"{APP}@" not in running.behind.place.log.read_text()


@pytest.mark.slow
def test_the_stock_pooler_believes_them_all(own_folder, untrusted, authority):
    """Why there is an image of our own."""
    needs(PGBOUNCER)
    stock = pooler.start_with(
        own_folder / "stock",
        configuration=STOCK,
        behind=untrusted("expired"),
        pair=authority.issue(),
        server_ca=authority.pem,
    )
    try:
        for what in NOT_TRUSTED:
            untrusted(what)
            with stock.console() as console:
                console.execute("RECONNECT")
            with psycopg.connect(**stock.link(APP)) as connection:
                assert connection.execute("SELECT current_user").fetchone() == (APP,)
    finally:
        stock.stop()


@pytest.mark.slow
def test_a_renewed_authority_of_the_server_is_taken_up(start, untrusted, authority):
    running = start(behind=untrusted("of a stranger"))
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(**running.link(APP, connect_timeout=2))
    new, since = Authority("the next one"), len(running.said)
    (running.folder / "ca.crt").write_bytes(authority.pem + new.pem)
    running.heard("re-reading config", since=since)
    present(running.behind, new.issue())
    assert let_in(running) == (APP,)


def let_in(running):
    """Ask until the pooler has tried the server again, which it does after a second."""
    deadline = time.monotonic() + ANSWERS_WITHIN_S
    while True:
        try:
            with psycopg.connect(**running.link(APP)) as connection:
                return connection.execute("SELECT current_user").fetchone()
        except psycopg.OperationalError as refused:
            if "server login has been failing" not in str(refused) or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def present(server, pair):
    """Let a server show this certificate, whoever will believe it."""
    anyhow = {"sslmode": "require", "sslrootcert": None, "dbname": "postgres", "autocommit": True}
    with psycopg.connect(**server.link("postgres", **anyhow)) as person:
        server.give("tls.crt", pair.certificate)
        server.give("tls.key", pair.key)
        person.execute("SELECT pg_reload_conf()")


# Start and stop


def test_stopping_lets_a_transaction_end(start):
    running = start()
    with psycopg.connect(**running.link(APP)) as connection:
        connection.execute("SELECT 1")
        os.kill(running.child.pid, signal.SIGINT)
        running.heard("got SIGINT")
        assert connection.execute("SELECT 2").fetchone() == (2,)
        connection.commit()
        connection.close()
    assert running.child.wait(pooler.STOP_WITHIN_S) == 0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"PGHOST": None}, "PGHOST is not set."),
        ({"CONNECTION_POOLER_CLIENT_TLS_CRT": None}, "Set spec.tls.secretName"),
        ({"CONNECTION_POOLER_CLIENT_CA_FILE": None}, "Set spec.tls.caFile"),
        ({"CONNECTION_POOLER_CLIENT_CA_FILE": "/nowhere/ca.crt"}, "/nowhere/ca.crt holds no"),
        ({"POOLER_USERLIST": "/nowhere/userlist.txt"}, "/nowhere/userlist.txt cannot be read"),
        ({"PGHOST": "db\nadmin_users=x"}, "PGHOST holds a sign that no such value has."),
        # A host that would smuggle a setting into the pooler's line for its database.
        ({"PGHOST": "db sslmode=disable"}, "PGHOST holds a sign that no such value has."),
    ],
)
def test_what_it_cannot_verify_with_it_does_not_start_with(start, primary, changed, said):
    with pytest.raises(Problem) as refused:
        start(**changed)
    assert said in str(refused.value)
    assert primary.passwords[POOLER] not in str(refused.value)


def test_the_password_stands_in_no_environment_and_no_log(start):
    running = start()
    with psycopg.connect(**running.link(APP)) as connection:
        connection.execute("SELECT 1")
    secret = running.behind.passwords[POOLER]
    group = [
        process
        for process in Path("/proc").iterdir()
        if process.name.isdigit() and os.getpgid(int(process.name)) == running.child.pid
    ]
    assert len(group) >= 2, "PgBouncer and its watch"
    for process in group:
        assert secret.encode() not in (process / "environ").read_bytes()
    assert secret not in "".join(running.said)


def test_it_writes_its_configuration_and_nothing_else(start):
    """So the root of the container can be read-only."""
    running = start()
    with psycopg.connect(**running.link(APP)) as connection:
        connection.execute("SELECT 1")
    written = {
        str(path.relative_to(running.folder))
        for path in running.folder.rglob("*")
        if path.is_file()
    }
    given = {"tls.crt", "tls.key", "ca.crt", "userlist.txt", "entrypoint.sh", "pgbouncer.ini.tmpl"}
    assert written - given == {"run/pgbouncer.ini"}
    assert (running.folder / "run/pgbouncer.ini").stat().st_mode & 0o077 == 0


def test_what_the_shop_asks_of_it_is_in_force(hardened):
    with hardened.console() as console:
        rows = {row[0]: row[1] for row in console.execute("SHOW CONFIG").fetchall()}
    assert rows["server_tls_sslmode"] == "verify-full"
    assert rows["client_tls_sslmode"] == "require"
    assert rows["auth_type"] == "scram-sha-256"
    assert rows["pool_mode"] == "transaction"
    assert (rows["server_login_retry"], rows["query_wait_timeout"]) == ("1", "5")
    assert (rows["default_pool_size"], rows["max_db_connections"]) == ("4", "8")


def test_the_image_is_pinned_and_not_roots():
    lines = (pooler.IMAGE / "Dockerfile").read_text().splitlines()
    assert "USER 100:101" in lines
    assert "STOPSIGNAL SIGINT" in lines
    assert any(line.startswith("ARG PGBOUNCER_VERSION=1.") for line in lines)


def test_every_variable_it_demands_is_in_the_pages():
    entrypoint = (pooler.IMAGE / "entrypoint.sh").read_text()
    named = set(
        re.findall(r"\b(?:PG[A-Z]+|CONNECTION_POOLER_[A-Z_]+|POOLER_[A-Z_]+)\b", entrypoint)
    )
    assert {"PGHOST", "CONNECTION_POOLER_CLIENT_CA_FILE", "POOLER_RUN"} <= named
    page = (pooler.IMAGE / "README.md").read_text()
    assert not [
        name
        for name in named
        if f"`{name.removeprefix('CONNECTION_POOLER')}`" not in page and f"`{name}`" not in page
    ]
    demanded = re.findall(r"^demand (\w+)", entrypoint, re.MULTILINE)
    (listed,) = re.findall(r"^for name in (.+?); do$", entrypoint, re.MULTILINE | re.DOTALL)
    howto = (pooler.IMAGE.parents[1] / "docs/howto/run-behind-pgbouncer.md").read_text()
    needed = [*demanded, *listed.replace("\\", " ").split()]
    assert len(needed) == 13
    assert not [name for name in needed if f"{name}=" not in howto]
