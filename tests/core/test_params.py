"""Where the database is: every source, every contradiction, and no secret in any sentence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.core.database.params import (
    ENCRYPTING,
    SSLMODES,
    LinkRefused,
    demand_verified,
    link_from,
)

SECRET = "pl4nted-secret"
VARIABLES = {
    "POSTGRES_HOST": "db",
    "DB_USER": "jewelry_app",
    "APP_DB_PASSWORD": SECRET,
}
URL = f"postgresql://jewelry_app:{SECRET}@db:5433/shop?sslmode=verify-full&sslrootcert=/ca.crt"


def refusal_of(environment):
    with pytest.raises(LinkRefused) as refused:
        link_from(environment, pooled=False)
    return str(refused.value)


def test_variables_with_defaults():
    link = link_from(VARIABLES, pooled=False)

    assert (link.host, link.port, link.dbname) == ("db", 5432, "jewelry_shop")
    assert (link.user, link.password) == ("jewelry_app", SECRET)
    assert (link.sslmode, link.sslrootcert) == ("verify-full", "system")
    assert link.sources["host"] == "POSTGRES_HOST"
    assert link.sources["sslmode"] == "default"


def test_url():
    link = link_from({"DATABASE_URL": URL}, pooled=False)

    assert (link.host, link.port, link.dbname) == ("db", 5433, "shop")
    assert (link.user, link.password) == ("jewelry_app", SECRET)
    assert (link.sslmode, link.sslrootcert) == ("verify-full", "/ca.crt")
    assert set(link.sources.values()) == {"DATABASE_URL"}


def test_signs_of_a_password_are_written_with_percent():
    link = link_from(
        {"DATABASE_URL": "postgres://us%40er:%23%2F%3F%5B%40%3A%25@db/shop"}, pooled=False
    )

    assert (link.user, link.password) == ("us@er", "#/?[@:%")


def test_two_sources_may_say_the_same():
    link = link_from({"DATABASE_URL": URL, **VARIABLES}, pooled=False)

    assert link.sources["password"] == "DATABASE_URL and APP_DB_PASSWORD"


@pytest.mark.parametrize(
    ("variable", "value", "in_url"),
    [
        ("POSTGRES_HOST", "other", "host=db"),
        ("POSTGRES_PORT", "5432", "port=5433"),
        ("POSTGRES_DB", "other", "dbname=shop"),
        ("DB_USER", "jewelry_owner", "user=jewelry_app"),
        ("DB_SSLMODE", "require", "sslmode=verify-full"),
        ("DB_SSLROOTCERT", "/other.crt", "sslrootcert=/ca.crt"),
        ("DB_SSLCERT", "/other.crt", "sslcert=/client.crt"),
        ("DB_SSLKEY", "/other.key", "sslkey=/client.key"),
    ],
)
def test_two_sources_that_differ_are_named(variable, value, in_url):
    url = URL + "&sslcert=/client.crt&sslkey=/client.key"

    sentence = refusal_of({"DATABASE_URL": url, variable: value})

    assert f"DATABASE_URL says {in_url} and {variable} says {value}." in sentence
    assert SECRET not in sentence


def test_plaintext_in_the_url_against_verified_in_the_variable():
    sentence = refusal_of(
        {
            # Given to be refused: neither of the two overrules the other in silence.
            "DATABASE_URL": f"postgresql://u:{SECRET}@db/s?sslmode=disable",
            "DB_SSLMODE": "verify-full",
        }
    )

    assert "sslmode=disable" in sentence  # the refusal names what it refuses
    assert "DB_SSLMODE says verify-full" in sentence


def test_two_passwords_are_refused_without_showing_either():
    sentence = refusal_of({"DATABASE_URL": URL, "APP_DB_PASSWORD": "another-secret"})

    assert "DATABASE_URL and APP_DB_PASSWORD hold different passwords" in sentence
    assert SECRET not in sentence
    assert "another-secret" not in sentence


@pytest.mark.parametrize("missing", sorted(VARIABLES))
def test_what_is_missing_is_named_with_its_file_form(missing):
    sentence = refusal_of({name: value for name, value in VARIABLES.items() if name != missing})

    assert sentence.startswith(f"{missing} is not set.")
    assert f"{missing}_FILE" in sentence


def test_an_empty_variable_is_no_value():
    assert "POSTGRES_HOST is not set" in refusal_of({**VARIABLES, "POSTGRES_HOST": ""})
    assert link_from({**VARIABLES, "DB_SSLMODE": ""}, pooled=False).sslmode == "verify-full"


@pytest.mark.parametrize("port", ["0", "65536", "-1", "5432x", "۵۴۳۲", "5432.0"])
def test_a_port_that_is_none(port):
    assert f"Port {port} (POSTGRES_PORT)" in refusal_of({**VARIABLES, "POSTGRES_PORT": port})


def test_an_unknown_sslmode():
    sentence = refusal_of({**VARIABLES, "DB_SSLMODE": "verify_full"})

    assert "sslmode verify_full (DB_SSLMODE)" in sentence


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://u:{SECRET}@db/s",
        f"postgresql://u:{SECRET}@db:none/s",
        f"postgresql://u:{SECRET}@db/s?options=-csearch_path%3Dx",
        # Said twice: libpq would take the last, a reader may see the first.
        f"postgresql://u:{SECRET}@db/s?sslmode=require&sslmode=disable",
        f"postgresql://u:{SECRET}@db/s?password=another",
        f"postgresql://u:{SECRET}@[::1/s",
    ],
)
def test_a_url_that_cannot_be_taken_is_refused_without_its_password(url):
    sentence = refusal_of({"DATABASE_URL": url, **VARIABLES})

    assert "DATABASE_URL" in sentence or "PostgreSQL" in sentence
    assert SECRET not in sentence


@pytest.mark.parametrize("sign", ["#", "/", "?", "["])
@pytest.mark.parametrize("before", ["", "12", "aé"])
def test_a_password_with_a_bare_sign_does_not_leak_by_pieces(sign, before):
    """What stands behind the sign would look like a path, a query or a host."""
    url = f"postgresql://app:{before}{sign}{SECRET}@db:5432/shop"

    sentence = refusal_of({"DATABASE_URL": url, "POSTGRES_DB": "x", "POSTGRES_HOST": "y"})

    assert SECRET not in sentence
    assert "%23 %2F %3F %5B %40" in sentence


@given(password=st.text(min_size=1, max_size=12), name=st.sampled_from(["jewelry_app", "a b"]))
@settings(max_examples=200, deadline=None)
def test_any_percent_encoded_password_comes_back(password, name):
    from urllib.parse import quote

    url = f"postgresql://{quote(name, safe='')}:{quote(password, safe='')}@db/shop"
    link = link_from({"DATABASE_URL": url}, pooled=False)

    assert (link.user, link.password) == (name, password)


def test_a_link_does_not_show_its_password():
    assert SECRET not in repr(link_from(VARIABLES, pooled=False))


def test_what_django_gets():
    link = link_from({**VARIABLES, "DB_SSLROOTCERT": "/ca.crt"}, pooled=False)
    entry = link.django(connect_timeout_seconds=3, conn_max_age_seconds=60)

    assert entry["OPTIONS"]["sslmode"] == "verify-full"
    assert entry["OPTIONS"]["sslrootcert"] == "/ca.crt"
    assert entry["OPTIONS"]["connect_timeout"] == 3
    assert "sslcert" not in entry["OPTIONS"]
    assert entry["OPTIONS"]["sslcertmode"] == "disable"
    assert (entry["CONN_MAX_AGE"], entry["DISABLE_SERVER_SIDE_CURSORS"]) == (60, False)
    assert entry["CONN_HEALTH_CHECKS"] is True


def test_a_client_certificate_is_shown_where_one_is_given():
    given = {**VARIABLES, "DB_SSLCERT": "/client.crt", "DB_SSLKEY": "/client.key"}
    options = link_from(given, pooled=False).django(
        connect_timeout_seconds=3, conn_max_age_seconds=60
    )["OPTIONS"]

    assert (options["sslcert"], options["sslkey"]) == ("/client.crt", "/client.key")
    assert "sslcertmode" not in options


def test_behind_a_pooler_nothing_outlives_the_transaction():
    entry = link_from(VARIABLES, pooled=True).django(
        connect_timeout_seconds=3, conn_max_age_seconds=60
    )

    assert (entry["CONN_MAX_AGE"], entry["DISABLE_SERVER_SIDE_CURSORS"]) == (0, True)


@pytest.mark.parametrize("mode", sorted(SSLMODES))
@pytest.mark.parametrize("aloud", [False, True])
def test_what_production_takes(mode, aloud):
    link = link_from({**VARIABLES, "DB_SSLMODE": mode}, pooled=False)
    taken = mode == "verify-full" or (aloud and mode in ENCRYPTING)

    if taken:
        demand_verified(link, unverified_allowed=aloud)
    else:
        with pytest.raises(LinkRefused, match=f"sslmode {mode} \\(DB_SSLMODE\\)"):
            demand_verified(link, unverified_allowed=aloud)


@pytest.mark.parametrize("mode", ["require", "verify-ca"])
def test_a_weaker_mode_accepted_aloud_can_connect(mode):
    """libpq takes the system's authorities with verify-full only, and refuses the rest."""
    options = link_from({**VARIABLES, "DB_SSLMODE": mode}, pooled=False).django(
        connect_timeout_seconds=1, conn_max_age_seconds=0
    )["OPTIONS"]

    assert options.get("sslrootcert") != "system"


@pytest.mark.parametrize("how", ["postgres", "direct"])
def test_how_tls_begins_is_passed_on(how):
    entry = link_from({**VARIABLES, "DB_SSLNEGOTIATION": how}, pooled=False).django(
        connect_timeout_seconds=1, conn_max_age_seconds=0
    )

    assert entry["OPTIONS"]["sslnegotiation"] == how


def test_how_tls_begins_is_left_to_libpq_otherwise():
    """An older libpq does not know the word."""
    entry = link_from(VARIABLES, pooled=False).django(
        connect_timeout_seconds=1, conn_max_age_seconds=0
    )

    assert "sslnegotiation" not in entry["OPTIONS"]


def test_another_way_to_begin_tls_is_refused():
    said = refusal_of({**VARIABLES, "DB_SSLNEGOTIATION": "quick"})

    assert said.startswith("sslnegotiation quick (DB_SSLNEGOTIATION) is none that libpq knows.")


def test_tls_from_the_first_byte_leaves_no_plaintext():
    said = refusal_of({**VARIABLES, "DB_SSLNEGOTIATION": "direct", "DB_SSLMODE": "prefer"})

    assert "sslmode prefer (DB_SSLMODE)" in said


def test_a_replica_is_direct_and_for_reading():
    web = link_from(VARIABLES, pooled=True)
    entry = web.to_replica(host="db-repl", port=5433).django(
        connect_timeout_seconds=1, conn_max_age_seconds=60
    )

    assert (entry["HOST"], entry["PORT"], entry["PASSWORD"]) == ("db-repl", 5433, SECRET)
    assert entry["OPTIONS"]["sslmode"] == "verify-full"
    assert entry["OPTIONS"]["options"] == "-c default_transaction_read_only=on"
    assert (entry["CONN_MAX_AGE"], entry["DISABLE_SERVER_SIDE_CURSORS"]) == (60, False)
