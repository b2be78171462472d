"""From text alone: the captured cases, the catalogue's wordings, other versions and other"
" wrappings."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.core.database.explain import Part, explain, explain_failure
from apps.core.database.findings import FINDINGS, STAGES, UNKNOWN

CAPTURED = [
    json.loads(line)
    for line in (Path(__file__).parent / "connection-errors.jsonl").read_text().splitlines()[1:]
]
FINDING_OF = {
    "plaintext_refused_sslmode_disable": "tls.plaintext-refused",
    "wrong_password_masked_by_prefer": "auth.wrong-password-behind-echo",
    "wrong_password_masked_by_prefer_md5_secret": "auth.wrong-password-behind-echo",
    "wrong_password": "auth.wrong-password",
    "unknown_user": "auth.wrong-password",
    "unknown_database": "database.missing",
    "root_file_missing": "params.root-file-missing",
    "root_file_default_missing": "params.root-file-missing",
    "unknown_ca": "tls.verify-failed",
    "unknown_ca_with_require_and_root": "tls.verify-failed",
    "system_roots": "tls.verify-failed",
    "name_mismatch": "tls.wrong-name",
    "hostaddr_only": "params.no-host-name",
    "channel_binding_require": "auth.channel-binding-pooler",
    "direct_tls_unsupported_by_server": "tls.direct-unsupported",
    "bad_sslmode": "params.bad-sslmode",
    "dns": "dns.not-found",
    "refused": "tcp.refused",
    "bad_options": "params.invalid",
    "client_key_permissions": "params.client-key-mode",
    "server_cert_expired": "tls.verify-failed",
    "server_cert_spilo": "tls.verify-failed",
    "server_ssl_off": "tls.not-offered",
    "server_ssl_off_verify_full": "tls.not-offered",
}
AT = 'connection to server at "db.example" (192.0.2.7), port 6432 failed: '
PASSWORD = 'FATAL:  password authentication failed for user "shop"'
NO_ENCRYPTION = (
    'FATAL:  pg_hba.conf rejects connection for host "192.0.2.9", user "shop", database "gold",'
    " no encryption"
)


@pytest.mark.parametrize(
    ("cause", "text"),
    [(c["cause"], c[form]) for c in CAPTURED for form in ("message", "libpq_error") if c.get(form)],
)
def test_captured_case(cause, text):
    assert explain(text).code == FINDING_OF[cause]


# By the rows of the catalogue of errors behind this: libpq, PgBouncer, PostgreSQL, OpenSSL.
WORDINGS = [
    ("FATAL:  SSL required", "tls.plaintext-refused"),
    ("ERROR:  SSL required", "tls.plaintext-refused"),
    (
        "WARNING C-0x1: jewelry_shop/u@10.0.0.1:5 pooler error: SSL required",
        "tls.plaintext-refused",
    ),
    ("FATAL:  SASL authentication failed", "auth.wrong-password"),
    ("FATAL:  password authentication failed", "auth.wrong-password"),
    (NO_ENCRYPTION, "tls.plaintext-refused"),
    (
        'FATAL:  pg_hba.conf rejects connection for host "::1", user "u", database "d", SSL off',
        "tls.plaintext-refused",
    ),
    (
        'FATAL:  pg_hba.conf rejects connection for host "1.2.3.4", user "u", database "d",'
        " SSL encryption",
        "hba.rejected",
    ),
    (
        'FATAL:  no pg_hba.conf entry for host "1.2.3.4", user "u", database "d", SSL encryption',
        "hba.no-entry",
    ),
    (
        'FATAL:  no pg_hba.conf entry for host "1.2.3.4", user "u", database "d", SSL on',
        "hba.no-entry",
    ),
    (
        'FATAL:  no pg_hba.conf entry for host "1.2.3.4", user "u", database "d", no encryption',
        "hba.no-entry-plaintext",
    ),
    (
        'FATAL:  no pg_hba.conf entry for replication connection from host "1.2.3.4",'
        ' user "standby", SSL encryption',
        "hba.no-entry",
    ),
    ("psql: error: server does not support SSL, but SSL was required", "tls.not-offered"),
    ('root certificate file "/a b/ca.crt" does not exist', "params.root-file-missing"),
    (
        'could not read root certificate file "/ca.crt": no certificate or crl found',
        "params.root-file-unreadable",
    ),
    ("SSL error: certificate verify failed", "tls.verify-failed"),
    ("SSL error: certificate verify failed: self-signed certificate", "tls.self-signed"),
    ("SSL error: certificate verify failed: certificate has expired", "tls.expired"),
    (
        'server certificate for "a" (and 3 other names) does not match host name "b"',
        "tls.wrong-name",
    ),
    ('server certificate for "a" does not match host name "10.1.2.3"', "tls.wrong-name"),
    ("host name must be specified for a verified SSL connection", "params.no-host-name"),
    (
        'weak sslmode "require" may not be used with sslrootcert=system (use "verify-full")',
        "params.system-roots",
    ),
    (
        'weak sslmode "prefer" may not be used with sslnegotiation=direct (use "require",'
        ' "verify-ca", or "verify-full")',
        "params.direct-weak-mode",
    ),
    (
        'private key file "/k" has group or world access; permissions should be u=rw'
        " (0600) or less",
        "params.client-key-mode",
    ),
    (
        'certificate present, but not private key file "/root/.postgresql/postgresql.key"',
        "params.client-key-missing",
    ),
    ("SSL error: tlsv1 alert unknown ca", "tls.client-cert-refused"),
    (
        'FATAL:  could not load private key file "/tls/tls.key": Permission denied',
        "tls.server-key-permissions",
    ),
    (
        'FATAL:  private key file "/tls/tls.key" has group or world access',
        "tls.server-key-permissions",
    ),
    (
        "could not load certificate: x509 certificate routines::key values mismatch",
        "params.client-key-mismatch",
    ),
    (
        'FATAL:  could not load private key: check private key failed "/tls/tls.key": key values'
        " mismatch",
        "tls.server-key-mismatch",
    ),
    (
        "channel binding is required, but server did not offer an authentication method that"
        " supports channel binding",
        "auth.channel-binding-pooler",
    ),
    (
        "channel binding required but not supported by server's authentication request",
        "auth.channel-binding-md5",
    ),
    ("FATAL:  unsupported startup parameter: search_path", "pooler.startup-parameter"),
    ("ERROR:  unsupported startup parameter in options: x", "pooler.startup-parameter"),
    (
        "FATAL:  unsupported options startup parameter: only '-c config=val' and '--config=val'"
        " are allowed",
        "pooler.startup-parameter",
    ),
    ('ERROR:  prepared statement "_pg3_0" already exists', "pooler.prepared-statement"),
    ('prepared statement "_pg3_7" does not exist', "pooler.prepared-statement"),
    ('cursor "_django_curs_1_sync_2" does not exist', "pooler.cursor"),
    ("ERROR:  cached plan must not change result type", "pooler.cached-plan"),
    ("FATAL:  bouncer config error", "pooler.unknown-user"),
    (
        "FATAL:  server login has been failing, try again later (server_login_retry)",
        "pooler.server-login-failing",
    ),
    (
        "FATAL:  server login has been failing, cached error: FATAL: the database system"
        " is starting"
        " up (server_login_retry)",
        "pooler.server-login-failing",
    ),
    ("FATAL:  query_wait_timeout", "pooler.query-wait"),
    ("cannot do SCRAM authentication: wrong password type", "pooler.secret-type"),
    (
        "cannot do SCRAM authentication: password is SCRAM secret but client authentication did not"
        " provide SCRAM keys",
        "pooler.secret-type",
    ),
    ("terminating connection due to administrator command", "session.terminated"),
    ("cannot execute INSERT in a read-only transaction", "session.read-only"),
    ("cannot execute SELECT FOR UPDATE in a read-only transaction", "session.read-only"),
    ("FATAL:  the database system is starting up", "session.starting"),
    ("FATAL:  the database system is shutting down", "session.starting"),
    ("FATAL:  the database system is not yet accepting connections", "session.starting"),
    ("FATAL:  sorry, too many clients already", "budget.full"),
    (
        "FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute",
        "budget.full",
    ),
    (
        "FATAL:  remaining connection slots are reserved for non-replication superuser connections",
        "budget.full",
    ),
    ('FATAL:  too many connections for role "u"', "budget.role-full"),
    ('FATAL:  too many connections for database "d"', "budget.role-full"),
    ("FATAL:  no more connections allowed (max_client_conn)", "pooler.full"),
    ("FATAL:  client connections exceeded (max_user_client_connections)", "pooler.full"),
    (
        'could not translate host name "db" to address: Name or service not known',
        "dns.not-found",
    ),
    (
        'could not translate host name "db" to address: nodename nor servname provided, or'
        " not known",
        "dns.not-found",
    ),
    (
        "failed to resolve host 'db': [Errno -3] Temporary failure in name resolution",
        "dns.slow",
    ),
    ("SSL error: unexpected eof while reading", "tls.direct-unsupported"),
    (
        "direct SSL connection was established without ALPN protocol negotiation extension",
        "tls.direct-unsupported",
    ),
    ("ERROR:  permission denied for schema public", "role.no-schema-permission"),
    ('FATAL:  permission denied for database "gold"', "database.no-connect"),
    ('FATAL:  role "u" is not permitted to log in', "auth.may-not-log-in"),
    ('FATAL:  role "u" does not exist', "auth.no-such-role"),
    ('FATAL:  database "d" does not exist', "database.missing"),
    ('FATAL:  Peer authentication failed for user "u"', "auth.method-failed"),
    ("fe_sendauth: no password supplied", "auth.no-password-given"),
    ("connection timeout expired", "tcp.timeout"),
    (AT + "timeout expired", "tcp.timeout"),
    (AT + "Connection timed out", "tcp.timeout"),
    (AT + "No route to host", "tcp.unreachable"),
    (AT + "server closed the connection unexpectedly", "tcp.closed"),
    ("SSL SYSCALL error: Connection reset by peer", "tcp.closed"),
    (
        'connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: No such file or'
        " directory",
        "tcp.socket-missing",
    ),
    (
        "could not connect to server: No such file or directory\n\tIs the server running"
        " locally and"
        ' accepting\n\tconnections on Unix domain socket "/tmp/.s.PGSQL.5432"?',
        "tcp.socket-missing",
    ),
    (
        'could not connect to server: Connection refused\n\tIs the server running on host "db"'
        " (10.0.0.1) and accepting\n\tTCP/IP connections on port 5432?",
        "tcp.refused",
    ),
    # Logs of PostgreSQL and PgBouncer say what their clients may not hear.
    ("could not accept SSL connection: tlsv1 alert unknown ca", "tls.unknown-ca"),
    ("could not accept SSL connection: sslv3 alert certificate expired", "tls.expired"),
    ("could not accept SSL connection: ssl/tls alert certificate expired", "tls.expired"),
    ("could not accept SSL connection: sslv3 alert bad certificate", "tls.verify-failed"),
    ("could not accept SSL connection: sslv3 alert unsupported certificate", "tls.wrong-usage"),
    ("could not accept SSL connection: EOF detected", "tls.handshake-failed"),
    (
        "TLS handshake error: handshake failed: error:0A000086:SSL routines::certificate verify"
        " failed",
        "tls.verify-failed",
    ),
    ("TLS handshake error: name `db' not present in server certificate", "tls.wrong-name"),
    ("TLS connect error: failed to load CA: (null)", "params.root-file-unreadable"),
    ("S-0x5: d/u@10.0.0.1:5432 closing because: server refused SSL (age=0s)", "tls.not-offered"),
    ("DNS lookup failed: jewelry-shop-db: result=0", "dns.not-found"),
    # Other languages, and other drivers.
    (
        'asyncpg.exceptions.InvalidPasswordError: password authentication failed for user "u"',
        "auth.wrong-password",
    ),
    (
        'pq: no pg_hba.conf entry for host "1.2.3.4", user "u", database "d", SSL off',
        "hba.no-entry-plaintext",
    ),
    (
        "failed to connect to `host=db user=u`: server error (FATAL: password authentication failed"
        ' for user "u" (SQLSTATE 28P01))',
        "auth.wrong-password",
    ),
    (
        "FATAL:  Passwort-Authentifizierung für Benutzer »u« fehlgeschlagen",
        "auth.wrong-password",
    ),
    ("FATAL:  Datenbank »d« existiert nicht", "database.missing"),
    (
        "FATAL:  kein pg_hba.conf-Eintrag für Host »1.2.3.4«, Benutzer »u«, Datenbank »d«,"
        " keine Verschlüsselung",
        "hba.no-entry-plaintext",
    ),
    (
        "FATAL: authentification par mot de passe échouée pour l'utilisateur « u »",
        "auth.wrong-password",
    ),
    ('ВАЖНО:  пользователь "u" не прошёл проверку подлинности (по паролю)', "auth.wrong-password"),
    ("SQLSTATE[28P01]: something in a language of its own", "auth.wrong-password"),
    ("FATAL:  53300: etwas anderes", "budget.full"),
    ("error: quelque chose { code: '3D000' }", "database.missing"),
]


@pytest.mark.parametrize(("text", "code"), WORDINGS, ids=[text[:60] for text, _ in WORDINGS])
def test_wording(text, code):
    assert explain(text).code == code


POOLER_AT = 'connection to server at "jewelry-shop-db-pooler…", port 5432 failed: '


@pytest.mark.parametrize(
    ("text", "cause", "echo"),
    [
        (
            f"{POOLER_AT}FATAL:  password authentication failed\n{POOLER_AT}FATAL:  SSL required",
            1,
            2,
        ),
        (f"{POOLER_AT}FATAL:  SASL authentication failed\n{POOLER_AT}FATAL:  SSL required", 1, 2),
        (f"{AT}{PASSWORD}\n{AT}{NO_ENCRYPTION}", 1, 2),
        (f"connection failed: {AT}{PASSWORD} {AT}{NO_ENCRYPTION}", 1, 1),
        (f"psql: error: {AT}{PASSWORD}\n{AT}{NO_ENCRYPTION}\n", 1, 2),
        # libpq 13 and before: no sentence about the server, "SSL off".
        (
            'psql: FATAL:  password authentication failed for user "u"\nFATAL:  no'
            " pg_hba.conf entry"
            ' for host "1.2.3.4", user "u", database "d", SSL off',
            1,
            2,
        ),
        # The mode allow: plaintext first.
        (f"{AT}{NO_ENCRYPTION}\n{AT}{PASSWORD}", 2, 1),
        # Kubernetes puts the time before each line, compose the service.
        (
            f"2025-11-12T10:00:00.1Z {AT}{PASSWORD}\n2025-11-12T10:00:00.1Z {AT}{NO_ENCRYPTION}",
            1,
            2,
        ),
        (f"web-1  | {AT}{PASSWORD}\nweb-1  | {AT}{NO_ENCRYPTION}", 1, 2),
        (f"[pod/web-7/django] {AT}{PASSWORD}\n[pod/web-7/django] {AT}{NO_ENCRYPTION}", 1, 2),
        # A JSON line, a repr, and the server's own log.
        (json.dumps({"level": "error", "event": f"x: {AT}{PASSWORD}\n{AT}{NO_ENCRYPTION}"}), 1, 1),
        (f"OperationalError('{AT}{PASSWORD}\\n{AT}{NO_ENCRYPTION}')", 1, 1),
        (
            f"2025-11-12 10:00:00.000 UTC [31] u@d {PASSWORD}\n2025-11-12 10:00:00.000 UTC [31] u@d"
            ' DETAIL:  Connection matched file "/pg_hba.conf" line 5: "hostssl all"\n'
            f"2025-11-12 10:00:00.100 UTC [32] u@d {NO_ENCRYPTION}",
            1,
            3,
        ),
        (
            "2025-11-12 10:00:00 UTC [1] WARNING C-0x1: d/u@10.0.0.1:4 pooler error: password"
            " authentication failed\n2025-11-12 10:00:00 UTC [1] WARNING C-0x1:"
            " d/u@10.0.0.1:6 pooler"
            " error: SSL required",
            1,
            2,
        ),
    ],
)
def test_the_plaintext_retry_is_an_echo(text, cause, echo):
    explained = explain(text)

    assert explained.code == "auth.wrong-password-behind-echo"
    assert explained.cause is not None
    assert explained.cause.number == cause
    assert [line.number for line in explained.lines if line.part is Part.ECHO] == [echo]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"{AT}SSL error: certificate verify failed\n{AT}{NO_ENCRYPTION}", "tls.verify-failed"),
        (
            f'{AT}server certificate for "a" does not match host name "b"\n{AT}FATAL:  SSL'
            f" required",
            "tls.wrong-name",
        ),
        (
            f'{AT}FATAL:  no pg_hba.conf entry for host "h", user "u", database "d", SSL encryption'
            f'\n{AT}FATAL:  no pg_hba.conf entry for host "h", user "u", database "d", no'
            f" encryption",
            "hba.no-entry",
        ),
        (f"{AT}FATAL:  bouncer config error\n{AT}FATAL:  SSL required", "pooler.unknown-user"),
        (f"{AT}FATAL:  sorry, too many clients already\n{AT}{NO_ENCRYPTION}", "budget.full"),
    ],
)
def test_the_echo_of_another_cause(text, code):
    explained = explain(text)

    assert explained.code == code
    assert [line.part for line in explained.lines] == [Part.CAUSE, Part.ECHO]


def test_a_plaintext_refusal_long_after_the_password_is_no_echo():
    """Somebody has lowered the mode in between: now the refusal is real."""
    later = explain(
        f"2025-11-12T10:00:00Z {AT}{PASSWORD}\n2025-11-12T11:00:00Z {AT}{NO_ENCRYPTION}"
    )

    assert later.code == "auth.wrong-password"
    assert [line.part for line in later.lines] == [Part.CAUSE, Part.OTHER]


def test_a_plaintext_refusal_of_another_server_is_no_echo():
    other = 'connection to server at "other" (192.0.2.8), port 5432 failed: '

    assert [line.part for line in explain(f"{AT}{PASSWORD}\n{other}{NO_ENCRYPTION}").lines] == [
        Part.CAUSE,
        Part.OTHER,
    ]


def test_of_several_addresses_the_one_that_was_reached_counts():
    text = (
        'connection to server at "localhost" (::1), port 5432 failed: Connection refused\n'
        "\tIs the server running on that host and accepting TCP/IP connections?\n"
        f'connection to server at "localhost" (127.0.0.1), port 5432 failed: {PASSWORD}'
    )
    assert explain(text).code == "auth.wrong-password"


def test_psycopgs_list_of_attempts():
    text = (
        "connection failed: Multiple connection attempts failed. All failures were:\n"
        "- host: 'db', port: '5432', hostaddr: '10.0.0.1': connection failed: connection to server"
        ' at "10.0.0.1", port 5432 failed: Connection refused\n'
        "- host: 'db', port: '5432', hostaddr: '10.0.0.2': connection failed: connection to server"
        f' at "10.0.0.2", port 5432 failed: {PASSWORD}\n'
        f'connection to server at "10.0.0.2", port 5432 failed: {NO_ENCRYPTION}'
    )
    assert explain(text).code == "auth.wrong-password-behind-echo"


def test_the_servers_detail_says_more_than_the_client_hears():
    text = f'{PASSWORD}\nDETAIL:  User "shop" has an expired password.'

    explained = explain(text)

    assert explained.code == "auth.password-expired"
    assert [line.part for line in explained.lines] == [Part.CONSEQUENCE, Part.CAUSE]


def test_a_failover_is_the_cause_of_what_follows():
    text = (
        "django.db.utils.OperationalError: terminating connection due to administrator command\n"
        "psycopg.OperationalError: the connection is closed\n"
        "psycopg.OperationalError: the connection is closed"
    )
    explained = explain(text)

    assert explained.code == "session.terminated"
    assert {line.part for line in explained.lines[1:]} <= {Part.CONSEQUENCE, Part.REPEAT}


def test_the_poolers_first_error_outweighs_its_answers_from_memory():
    text = (
        "WARNING C-0x1: d/u@10.0.0.1:4 pooler error: server login has been failing, try again later"
        " (server_login_retry)\n"
        "WARNING S-0x2: d/u@10.0.0.2:5432 TLS handshake error: handshake failed: certificate verify"
        " failed\nWARNING C-0x3: d/u@10.0.0.1:5 pooler error: query_wait_timeout"
    )
    assert explain(text).code == "tls.verify-failed"


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("FATAL:  password authentication failed", "PgBouncer"),
        (PASSWORD, "PostgreSQL"),
        ("FATAL:  SSL required", "PgBouncer"),
        ('root certificate file "/x" does not exist', "libpq"),
    ],
)
def test_says_who_said_it(text, by):
    cause = explain(text).cause
    assert cause is not None
    assert cause.by == by


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("FATAL:  flux capacitor is not charged", None),
        ("everything is fine", None),
        ("KeyError: 'SSL required in the form'", None),
        ("redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Refused.", "tcp"),
        ("x509: the certificate of the moon was issued by cheese", "chain"),
        ("gssapi login: the password manager is asleep", "authentication"),
        ("2025-11-12 INFO closing because: client close request (age=3s)", None),
    ],
)
def test_what_is_not_known_is_said_to_be_unknown(text, near):
    explained = explain(text)

    assert explained.code == UNKNOWN
    assert explained.lines == ()
    assert near is None or near in explained.nearest
    assert set(explained.nearest) <= set(STAGES)


def test_an_exception_is_explained_with_its_causes():
    failure = RuntimeError("wrapped")
    failure.__cause__ = ValueError(f"{AT}{PASSWORD}\n{AT}{NO_ENCRYPTION}")

    assert explain_failure(failure).code == "auth.wrong-password-behind-echo"


@settings(max_examples=200, deadline=1000)
@given(st.text(max_size=400))
def test_no_text_breaks_it(text):
    explained = explain(text)

    assert explained.code in FINDINGS
    assert (explained.cause is None) == (explained.code == UNKNOWN)


@pytest.mark.parametrize(
    "piece",
    ["FATAL ", "connection to server at ", "User x ", "a.", "password=", "x", '"', "{", "- host: "],
)
def test_no_line_takes_for_ever(piece):
    """Patterns that look ahead are tried at every place: a line is cut where no message goes on."""
    began = time.monotonic()
    explain(piece * (200_000 // len(piece)))
    assert time.monotonic() - began < 5


def test_a_large_log_is_read_in_reasonable_time():
    noise = "2025-11-12 10:00:00 UTC [1] LOG:  checkpoint complete: wrote 12 buffers " + "x" * 400
    text = "\n".join([noise] * 3000 + [PASSWORD])

    assert explain(text).code == "auth.wrong-password"
