"""PgBouncer on the other end: recognised for what it is, and explained when it refuses."""

import tempfile
from pathlib import Path

import pytest

from apps.core.database.explain import explain
from apps.core.database.params import link_from
from apps.core.database.probe import probe
from local import pooler, spilo
from local.roles import APP, OWNER
from local.tools import PGBOUNCER
from tests.paths.authority import Authority
from tests.paths.conftest import STOCK, needs


@pytest.fixture(scope="module")
def behind():
    """The operator's stock pooler before a PostgreSQL with Spilo's rules."""
    needs(PGBOUNCER)
    # pytest's own folders are closed to the user the servers run as.
    folder = Path(tempfile.mkdtemp(prefix="pooler-"))
    folder.chmod(0o755)
    authority = Authority()
    (folder / "ca.crt").write_bytes(authority.pem)
    server = spilo.start_primary(
        folder / "primary",
        major=spilo.embedded_major(),
        pair=authority.issue(),
        ca=folder / "ca.crt",
    )
    try:
        one = pooler.start_with(
            folder / "bouncer",
            configuration=STOCK,
            behind=server,
            pair=authority.issue(),
            server_ca=authority.pem,
        )
        yield one
        one.stop()
    finally:
        server.stop()


def link(behind, *, pooled=True, **given):
    environment = {
        "POSTGRES_HOST": "localhost",
        "POSTGRES_PORT": str(behind.port),
        "DB_USER": APP,
        "APP_DB_PASSWORD": behind.behind.passwords[APP],
        "DB_SSLROOTCERT": str(behind.ca),
    } | given
    return link_from(environment, pooled=pooled)


def look(behind, **given):
    return {one.stage: one.note for one in probe(link(behind, **given))}


def test_a_pooler_is_recognised_with_its_mode_and_what_it_drops(behind):
    notes = look(behind)

    assert notes["peer"].status == "ok"
    assert notes["peer"].saw.startswith("PgBouncer or the like, before PostgreSQL")
    assert notes["pooler"].status == "ok"
    assert "drops options" in notes["pooler"].saw
    assert "transaction pooling" in notes["pooler"].saw
    assert "the pooler's leg" in notes["encryption"].saw


def test_a_pooler_that_nobody_told_the_program_of(behind):
    notes = look(behind, pooled=False)

    assert notes["peer"].code == "pooler.unexpected"
    assert notes["pooler"].code == "pooler.options-dropped"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"APP_DB_PASSWORD": "wrong"}, "auth.wrong-password"),
        (
            {"APP_DB_PASSWORD": "wrong", "DB_SSLMODE": "prefer", "DB_SSLROOTCERT": ""},
            "auth.wrong-password-behind-echo",
        ),
        ({"DB_SSLMODE": "disable"}, "tls.plaintext-refused"),
        ({"DB_USER": "nobody"}, "pooler.unknown-user"),
        # It asks for the user in that very database, and never comes to an end with it.
        ({"POSTGRES_DB": "nowhere"}, "auth.no-answer"),
        ({"DB_SSLNEGOTIATION": "direct"}, "tls.direct-unsupported"),
    ],
)
def test_what_it_refuses(behind, given, code):
    failures = [note.code for note in look(behind, **given).values() if note.status == "fail"]

    assert failures[:1] == [code]


def test_its_log_names_the_same_cause(behind):
    heard = len(behind.said)
    look(behind, APP_DB_PASSWORD="wrong", DB_SSLMODE="prefer", DB_SSLROOTCERT="")
    behind.heard("SSL required", since=heard)

    explained = explain("".join(behind.said[heard:]))
    assert explained.code == "auth.wrong-password-behind-echo"


def test_the_owner_through_the_pooler_is_no_serving_role(behind):
    notes = look(behind, DB_USER=OWNER, APP_DB_PASSWORD=behind.behind.passwords[OWNER])

    # Nothing is migrated here, so it owns nothing yet; who it is shows all the same.
    assert notes["role"].evidence[0].startswith(f"logged in as {OWNER}")
