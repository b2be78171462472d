"""Secrets leave a text in every form in which they enter it."""

import pytest

from apps.core.database.explain import explain
from apps.core.database.redact import redact

SECRET = "pl4nted-secret"


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://jewelry_app:{SECRET}@db:5432/shop",
        f"postgres://u:p@ss/{SECRET}@db/shop",
        f"DATABASE_URL=postgres://u:{SECRET}@db/shop?sslmode=verify-full",
        f"host=db password={SECRET} user=u",
        f"host=db password='a {SECRET}' user=u",
        f'{{"password": "{SECRET}", "user": "u"}}',
        f"'PASSWORD': '{SECRET}'",
        f"APP_DB_PASSWORD={SECRET}",
        f"PGPASSWORD: {SECRET}",
        f"ALTER ROLE u PASSWORD '{SECRET}'",
        f"ALTER ROLE u WITH ENCRYPTED PASSWORD 'it''s {SECRET}'",
        f"SCRAM-SHA-256$4096:{SECRET}$x:y",
        f'"jewelry_app" "{SECRET}"',
        f"-----BEGIN EC PRIVATE KEY-----\n{SECRET}\n-----END EC PRIVATE KEY-----",
        f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n(cut off here)",
        "md5" + "0123456789abcdef" * 2,
    ],
)
def test_takes_secrets_out_by_their_shape(text):
    clean = redact(text)

    assert SECRET not in clean
    assert "0123456789abcdef" not in clean
    assert "***" in clean


def test_takes_out_a_known_secret_wherever_it_stands():
    assert redact("x p@ss/word y p%40ss%2Fword", ["p@ss/word"]) == "x *** y ***"


def test_leaves_the_message_readable():
    text = 'FATAL:  password authentication failed for user "jewelry_app"'
    assert redact(text) == text


def test_an_explanation_shows_no_secret():
    text = (
        f"could not connect with postgresql://u:{SECRET}@db/d: FATAL:  password authentication"
        ' failed for user "u"'
    )
    assert SECRET not in str(explain(text))
