"""From an exception to a word, a finding and what was said: every case that was ever captured."""

import errno
import json
import socket
from pathlib import Path

import psycopg
import pytest

from apps.core.database.findings import FINDINGS
from apps.core.sampling.causes import cause_of, found, word_of
from apps.core.sampling.check import WORDS, State
from apps.core.sampling.link import Away
from apps.core.sampling.waiting import Late, Phase
from tests.core.database import test_explain

CAPTURED = [
    json.loads(line)
    for line in (Path(test_explain.__file__).parent / "connection-errors.jsonl")
    .read_text()
    .splitlines()[1:]
]
WORD_OF = {
    "plaintext_refused_sslmode_disable": "tls",
    "wrong_password_masked_by_prefer": "auth",
    "wrong_password_masked_by_prefer_md5_secret": "auth",
    "wrong_password": "auth",
    "unknown_user": "auth",
    "unknown_database": "refused",
    "root_file_missing": "tls",
    "root_file_default_missing": "tls",
    "unknown_ca": "tls",
    "unknown_ca_with_require_and_root": "tls",
    "system_roots": "tls",
    "name_mismatch": "tls",
    "hostaddr_only": "tls",
    "channel_binding_require": "auth",
    "direct_tls_unsupported_by_server": "tls",
    "bad_sslmode": "error",
    "dns": "dns",
    "refused": "unreachable",
    "bad_options": "error",
    "client_key_permissions": "tls",
    "server_cert_expired": "tls",
    "server_cert_spilo": "tls",
    "server_ssl_off": "tls",
    "server_ssl_off_verify_full": "tls",
}
FAILED = [case for case in CAPTURED if not case["ok"]]


@pytest.mark.parametrize("case", FAILED, ids=lambda case: f"{case['cause']}-{case['via']}")
def test_captured_case(case):
    cause = cause_of(psycopg.OperationalError(case["message"]))

    assert cause.word == WORD_OF[case["cause"]]
    assert cause.finding == test_explain.FINDING_OF[case["cause"]]
    assert cause.said


@pytest.mark.parametrize(
    ("said", "word", "finding"),
    [
        ("FATAL:  query_wait_timeout", "pool", "pooler.query-wait"),
        ("FATAL:  no more connections allowed (max_client_conn)", "pool", "pooler.full"),
        ("FATAL:  server login has been failing", "unreachable", "pooler.server-login-failing"),
        ("FATAL:  server conn crashed?", "unreachable", "pooler.server-lost"),
        ("FATAL:  the pooler is shutting down", "unreachable", ""),
        ("FATAL:  sorry, too many clients already", "refused", "budget.full"),
        ('FATAL:  too many connections for role "x"', "refused", "budget.role-full"),
        ("FATAL:  the database system is starting up", "refused", "session.starting"),
        ("cannot execute UPDATE in a read-only transaction", "read_only", "session.read-only"),
        ("server closed the connection unexpectedly", "unreachable", "tcp.closed"),
    ],
)
def test_what_servers_and_poolers_say(said, word, finding):
    cause = cause_of(psycopg.OperationalError(f"connection failed: {said}"))

    assert cause.word == word
    if finding:
        assert cause.finding == finding


@pytest.mark.parametrize("phase", Phase)
def test_what_was_waited_for_in_vain(phase):
    cause = cause_of(Late(phase))

    assert cause.word == ("dns" if phase is Phase.RESOLVING else "timeout")
    assert cause.finding in FINDINGS or phase is Phase.TURN


@pytest.mark.parametrize("code", FINDINGS)
def test_every_finding_has_a_word(code):
    assert word_of(code) in WORDS


def test_a_session_that_is_away_is_away_for_its_reason():
    failure = Away()
    failure.__cause__ = Late(Phase.RESOLVING)
    assert cause_of(failure).word == "dns"

    failure = Away()
    failure.__cause__ = psycopg.OperationalError(
        next(case["message"] for case in FAILED if case["cause"] == "refused")
    )
    cause = cause_of(failure)
    assert (cause.word, cause.finding) == ("unreachable", "tcp.refused")
    assert "refused" in cause.said


@pytest.mark.parametrize(
    ("failure", "word"),
    [
        (psycopg.errors.UndefinedTable("what a server of another language says"), "pending"),
        (psycopg.errors.TooManyConnections("idem"), "refused"),
        (psycopg.errors.InvalidPassword("idem"), "auth"),
        (psycopg.errors.CannotConnectNow("idem"), "unreachable"),
        (psycopg.errors.DivisionByZero("idem"), "error"),
        (psycopg.ProgrammingError("what nobody has said before"), "error"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk"),
        (OSError(errno.EROFS, "Read-only file system"), "disk"),
        (OSError(errno.EMFILE, "Too many open files"), "error"),
        (TimeoutError("timed out"), "timeout"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "unreachable"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "dns"),
    ],
)
def test_without_known_words(failure, word):
    assert cause_of(failure).word == word


def test_no_secret_is_said():
    failure = psycopg.OperationalError(
        "connection failed: password=hunter22 host=db postgresql://shop:s3cr3t-word@db/gold"
    )
    failure.__cause__ = psycopg.OperationalError("and then correct-horse was refused")

    said = cause_of(failure, secrets=["correct-horse"]).said
    for secret in ("hunter22", "s3cr3t-word", "correct-horse"):
        assert secret not in said


def test_what_is_said_is_one_line_of_bounded_length():
    said = cause_of(psycopg.OperationalError("first\n\tsecond\n" + "x" * 5000)).said

    assert said.startswith("first second x")
    assert len(said) <= 501


def test_a_cause_as_a_reading():
    reading = found("role.superuser").reading()

    assert (reading.state, reading.word, reading.finding) == (
        State.FAIL,
        "unbound",
        "role.superuser",
    )
    assert reading.said == FINDINGS["role.superuser"].saw
