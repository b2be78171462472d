"""The doctor before servers that are broken on purpose: each break has its finding."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import psycopg
import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from apps.core.database.explain import explain
from apps.core.database.look import Expect
from apps.core.database.probe import ALL_WITHIN_S, LOOKERS, probe
from local.roles import APP, DATABASE
from tests.core.database.certs import DAY, authority, make


def status(notes, stage):
    return notes[stage].status.value


def test_a_sound_link_passes_every_stage_up_to_the_schema(broken):
    notes = broken.look()

    assert {stage: status(notes, stage) for stage in notes if stage != "schema"} == {
        stage: "skipped" if stage in {"rls", "pooler"} else "ok"
        for stage in LOOKERS
        if stage != "schema"
    }
    assert notes["schema"].code == "schema.empty"


# --- parameters, address, port


def test_a_missing_ca_file(broken, tmp_path):
    assert broken.finding(DB_SSLROOTCERT=tmp_path / "none.crt") == "params.root-file-missing"


def test_a_ca_file_without_a_certificate(broken, tmp_path):
    (tmp_path / "ca.crt").write_text("no certificate")
    assert broken.finding(DB_SSLROOTCERT=tmp_path / "ca.crt") == "params.root-file-unreadable"


def test_a_client_key_open_to_others(broken, tmp_path):
    certificate, key = make().write(tmp_path)
    key.chmod(0o644)
    finding = broken.finding(DB_SSLCERT=certificate, DB_SSLKEY=key)
    assert finding == "params.client-key-mode"


def test_a_client_certificate_with_another_ones_key(broken, tmp_path):
    certificate, _ = make().write(tmp_path, "one")
    _, key = make().write(tmp_path, "other")
    finding = broken.finding(DB_SSLCERT=certificate, DB_SSLKEY=key)
    assert finding == "params.client-key-mismatch"


def test_a_client_certificate_that_nobody_asked_for_does_no_harm(broken, tmp_path):
    certificate, key = make().write(tmp_path)
    assert status(broken.look(DB_SSLCERT=certificate, DB_SSLKEY=key), "authentication") == "ok"


def test_a_name_without_an_address(broken):
    notes = broken.look(POSTGRES_HOST="db.invalid")

    assert notes["dns"].code in {"dns.not-found", "dns.slow"}
    assert status(notes, "tcp") == status(notes, "budget") == "skipped"


def test_a_closed_port(broken):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        assert broken.finding(POSTGRES_PORT=nobody.getsockname()[1]) == "tcp.refused"


@contextmanager
def answering(answer: bytes | None) -> Iterator[int]:
    """A port that answers every connection's first bytes so; None: accepts and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server, ExitStack() as kept:

        def serve() -> None:
            while True:
                try:
                    peer, _ = server.accept()
                except OSError:
                    return
                kept.enter_context(peer)
                if answer is not None:
                    peer.recv(64)
                    peer.sendall(answer)
                    peer.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def test_a_silent_port_is_given_up_in_time(broken):
    began = time.monotonic()
    with answering(None) as port:
        assert broken.finding(POSTGRES_PORT=port) == "tls.silent"
    assert time.monotonic() - began < ALL_WITHIN_S


def test_a_port_of_another_program(broken):
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        assert broken.finding(POSTGRES_PORT=port) == "tls.not-postgresql"


def test_a_server_that_hangs_after_the_question_for_tls(broken):
    """It agrees to TLS and then says nothing at all."""
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as server:
        peers = []

        def serve() -> None:
            while True:
                try:
                    peer, _ = server.accept()
                except OSError:
                    return
                peers.append(peer)
                peer.sendall(b"S")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        finding = broken.finding(POSTGRES_PORT=server.getsockname()[1])
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)
        for peer in peers:
            peer.close()
    assert finding == "tls.protocol"
    assert time.monotonic() - began < ALL_WITHIN_S


# --- TLS


@contextmanager
def without_tls(broken):
    with as_role(broken, "postgres", "superuser", "postgres") as connection:
        connection.execute("ALTER SYSTEM SET ssl = off")
        try:
            broken.reload(connection)
            yield
        finally:
            connection.execute("ALTER SYSTEM RESET ssl")
            broken.reload(connection)


@pytest.mark.parametrize("mode", ["require", "verify-full"])
def test_a_server_without_tls(broken, mode):
    with without_tls(broken):
        assert broken.finding(DB_SSLMODE=mode) == "tls.not-offered"


def test_the_weak_mode_meets_a_server_without_tls(broken):
    """One line, and no echo: the first attempt was plaintext already."""
    with without_tls(broken):
        notes = broken.look(DB_SSLMODE="prefer")
    assert notes["tls-offered"].code == "tls.not-offered"
    assert status(notes, "tls-offered") == "warn"
    assert notes["authentication"].code == "tls.plaintext-refused"


def test_the_plaintext_mode_is_refused_by_the_server(broken):
    notes = broken.look(DB_SSLMODE="disable")

    assert notes["parameters"].code == "params.weak-sslmode"
    assert notes["authentication"].code == "tls.plaintext-refused"


def test_another_authority(broken, tmp_path):
    other = authority()
    (tmp_path / "ca.crt").write_bytes(other.pem)
    notes = broken.look(DB_SSLROOTCERT=tmp_path / "ca.crt")

    assert notes["chain"].code == "tls.unknown-ca"
    assert any("issuer CN=" in line for line in notes["chain"].evidence)
    assert status(notes, "authentication") == "skipped"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"ends": -timedelta(hours=1)}, "tls.expired"),
        ({"begins": DAY}, "tls.not-yet-valid"),
        ({"usage": ExtendedKeyUsageOID.CLIENT_AUTH}, "tls.wrong-usage"),
        ({"names": ("jewelry-shop-db", "*.jewelry-shop")}, "tls.wrong-name"),
        ({"names": (), "subject": "elsewhere"}, "tls.wrong-name"),
    ],
)
def test_a_certificate_that_is_wrong(broken, tmp_path, given, code):
    ours = authority()
    (tmp_path / "ca.crt").write_bytes(ours.pem)
    with broken.serving(make(signed_by=ours, **given)):
        assert broken.finding(DB_SSLROOTCERT=tmp_path / "ca.crt") == code


def test_a_self_signed_certificate_not_pinned(broken):
    with broken.serving(make()):
        assert broken.finding() == "tls.self-signed"


def test_a_self_signed_certificate_pinned_by_file_works_and_is_named(broken, tmp_path):
    pair = make(ca=True)
    (tmp_path / "pinned.crt").write_bytes(pair.pem)
    with broken.serving(pair):
        notes = broken.look(DB_SSLROOTCERT=tmp_path / "pinned.crt")
    assert (status(notes, "chain"), notes["chain"].code) == ("warn", "tls.self-signed")
    assert status(notes, "authentication") == "ok"


def test_the_leaf_taken_for_an_authority(broken, tmp_path):
    pair = make(signed_by=authority())
    (tmp_path / "leaf.crt").write_bytes(pair.pem)
    with broken.serving(pair):
        notes = broken.look(DB_SSLROOTCERT=tmp_path / "leaf.crt")
    assert notes["chain"].code == "tls.unknown-ca"
    assert "own certificate" in notes["chain"].saw


def test_a_certificate_near_its_end(broken, tmp_path):
    ours = authority()
    (tmp_path / "ca.crt").write_bytes(ours.pem)
    with broken.serving(make(signed_by=ours, ends=20 * DAY)):
        notes = broken.look(DB_SSLROOTCERT=tmp_path / "ca.crt")
    assert (status(notes, "certificate-days"), notes["certificate-days"].code) == (
        "warn",
        "tls.expires-soon",
    )


def test_direct_tls_where_the_server_knows_it(broken):
    notes = broken.look(DB_SSLNEGOTIATION="direct")

    assert notes["tls-offered"].saw == "yes, directly"
    assert status(notes, "chain") == status(notes, "authentication") == "ok"


# --- the login


def test_a_wrong_password(broken):
    assert broken.finding(APP_DB_PASSWORD="wrong") == "auth.wrong-password"


def test_a_wrong_password_under_the_default_mode_of_libpq_blames_the_password(broken):
    notes = broken.look(APP_DB_PASSWORD="wrong", DB_SSLMODE="prefer", DB_SSLROOTCERT="")

    note = notes["authentication"]
    assert note.code == "auth.wrong-password-behind-echo"
    assert len(note.evidence) == 2
    assert "password authentication failed" in note.evidence[0]
    assert "no encryption" in note.evidence[1]


def test_an_unknown_role(broken):
    # PostgreSQL tells a stranger no more.
    assert broken.finding(DB_USER="nobody") == "auth.wrong-password"


def test_a_role_that_may_not_log_in(broken):
    with broken.broken_by(f"ALTER ROLE {APP} NOLOGIN", mended_by=(f"ALTER ROLE {APP} LOGIN",)):
        assert broken.finding() == "auth.may-not-log-in"


def test_a_password_past_its_day(broken):
    with broken.broken_by(
        f"ALTER ROLE {APP} VALID UNTIL '2001-01-01'",
        mended_by=(f"ALTER ROLE {APP} VALID UNTIL 'infinity'",),
    ):
        assert broken.finding() == "auth.wrong-password"
        log = broken.place.log.read_text()
    last = "\n".join(log.splitlines()[-3:])
    assert explain(last).code == "auth.password-expired"


def test_a_password_that_ends_soon(broken):
    with broken.broken_by(
        f"ALTER ROLE {APP} VALID UNTIL 'tomorrow'",
        mended_by=(f"ALTER ROLE {APP} VALID UNTIL 'infinity'",),
    ):
        assert broken.look()["role"].code == "role.expires-soon"


def test_an_unknown_database(broken):
    notes = broken.look(POSTGRES_DB="nowhere")

    assert notes["database"].code == "database.missing"
    assert status(notes, "authentication") == status(notes, "hba") == "ok"


def test_no_connect(broken):
    notes = broken.look(POSTGRES_DB="postgres")

    assert notes["database"].code == "database.no-connect"


def test_a_list_that_lost_its_line(broken):
    # The superuser's lines stay, or nobody could mend it.
    file = broken.place.data / "pg_hba.conf"
    kept = b"hostssl all postgres all scram-sha-256\n"
    with broken._rewritten({file: kept}):
        notes = broken.look()
    assert notes["hba"].code == "hba.no-entry"
    assert status(notes, "authentication") == "skipped"


def test_a_line_that_rejects(broken):
    with broken.hba(f"hostssl all {APP} all reject"):
        assert broken.finding() == "hba.rejected"


def test_a_line_that_asks_for_another_way_of_logging_in(broken):
    # Nobody answers ident on this machine, so the login fails by that method.
    with broken.hba(f"hostssl all {APP} all ident"):
        assert broken.finding() == "auth.method-failed"


def test_the_limit_of_the_role(broken):
    with broken.broken_by(
        f"ALTER ROLE {APP} CONNECTION LIMIT 0",
        mended_by=(f"ALTER ROLE {APP} CONNECTION LIMIT -1",),
    ):
        assert broken.finding() == "budget.role-full"


def test_the_last_connection_is_taken(broken):
    with ExitStack() as taken:
        with pytest.raises(psycopg.OperationalError, match="connection slots"):
            take_all(broken.link(), taken)
        assert broken.finding() == "budget.full"


def take_all(link, taken):
    while True:
        taken.enter_context(dial(link))


def dial(link):
    return psycopg.connect(
        host=link.host,
        port=link.port,
        user=link.user,
        password=link.password,
        dbname=link.dbname,
        sslmode=link.sslmode,
        sslrootcert=link.sslrootcert,
        autocommit=True,
    )


def as_role(broken, user, secret, dbname):
    password = broken.place.secret_file(secret).read_text()
    return dial(broken.link(DB_USER=user, APP_DB_PASSWORD=password, POSTGRES_DB=dbname))


# --- behind the login


@pytest.mark.parametrize(
    ("flag", "code"),
    [
        ("SUPERUSER", "role.superuser"),
        ("BYPASSRLS", "role.bypassrls"),
        ("CREATEDB", "role.too-mighty"),
    ],
)
def test_a_role_that_may_too_much(broken, flag, code):
    with broken.broken_by(f"ALTER ROLE {APP} {flag}", mended_by=(f"ALTER ROLE {APP} NO{flag}",)):
        assert broken.look()["role"].code == code


def in_the_shop(broken, *statements):
    with as_role(broken, "jewelry_owner", "owner", DATABASE) as connection:
        for statement in statements:
            connection.execute(statement)


def test_row_level_security_binds_the_app_and_not_the_owner(broken):
    try:
        in_the_shop(
            broken,
            "CREATE TABLE protected (id int)",
            "ALTER TABLE protected ENABLE ROW LEVEL SECURITY",
            f"GRANT USAGE ON SCHEMA public TO {APP}",
        )
        bound = broken.look()
        owner = broken.look(
            DB_USER="jewelry_owner", APP_DB_PASSWORD=broken.place.secret_file("owner").read_text()
        )
    finally:
        in_the_shop(broken, "DROP TABLE IF EXISTS protected")
    assert (status(bound, "rls"), bound["rls"].saw) == ("ok", "binds on 1 tables")
    assert owner["role"].code == "role.owns-tables"
    assert owner["rls"].code == "rls.not-bound"


def test_a_schema_that_is_behind(broken):
    try:
        in_the_shop(
            broken,
            "CREATE TABLE django_migrations (app text, name text)",
            "INSERT INTO django_migrations VALUES ('core', '0001_grants')",
            f"GRANT SELECT ON django_migrations TO {APP}",
        )
        note = broken.look()["schema"]
    finally:
        in_the_shop(broken, "DROP TABLE IF EXISTS django_migrations")
    assert note.code == "schema.behind"


def test_a_read_only_server(broken):
    with broken.broken_by(
        f"ALTER ROLE {APP} SET default_transaction_read_only = on",
        mended_by=(f"ALTER ROLE {APP} RESET default_transaction_read_only",),
    ):
        assert broken.look()["primary"].code == "session.read-only"


def test_a_primary_where_a_replica_should_be(broken):
    results = {one.stage: one.note for one in probe(broken.link(), expect=Expect.REPLICA)}

    assert results["primary"].code == "session.not-read-only"


def test_a_link_said_to_be_pooled_that_is_not(broken):
    assert broken.look(pooled=True)["peer"].code == "pooler.absent"


def test_the_look_leaves_no_connection_behind(broken):
    broken.look()
    with as_role(broken, "postgres", "superuser", "postgres") as connection:
        deadline = time.monotonic() + 5
        query = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%doctor%'"
        while connection.execute(query).fetchone() != (0,):
            assert time.monotonic() < deadline
