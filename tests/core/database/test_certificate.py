"""Names as libpq compares them, and what is read out of a certificate."""

from datetime import UTC, datetime

import pytest

from apps.core.database.certificate import Names, days_left, is_for, names_of, weakness_of
from tests.core.database.certs import DAY, make


@pytest.mark.parametrize(
    ("dns", "addresses", "common_name", "host", "fits"),
    [
        (("db",), (), "", "db", True),
        (("DB.example",), (), "", "db.EXAMPLE", True),
        (("db",), (), "", "db.shop", False),
        (("*.shop",), (), "", "db.shop", True),
        (("*.shop",), (), "", "a.db.shop", False),
        (("*.shop",), (), "", "shop", False),
        (("*",), (), "", "db", False),
        (("d*.shop",), (), "", "db.shop", False),
        # The common name only where there is no DNS name.
        ((), (), "db", "db", True),
        (("other",), (), "db", "db", False),
        ((), ("10.0.0.1",), "db", "db", True),
        # Addresses.
        ((), ("10.0.0.1",), "", "10.0.0.1", True),
        ((), ("::1",), "", "0:0:0:0:0:0:0:1", True),
        (("db",), (), "10.0.0.1", "10.0.0.1", True),
        ((), ("10.0.0.1",), "10.0.0.2", "10.0.0.2", False),
        (("*.0.0.1",), (), "", "10.0.0.1", False),
        ((), (), "", "", False),
    ],
)
def test_names(dns, addresses, common_name, host, fits):
    names = Names(dns=dns, addresses=addresses, common_name=common_name)
    assert is_for(names, host) is fits


def test_reads_names_and_days():
    certificate = make(names=("a", "*.b"), ends=20 * DAY).certificate

    assert names_of(certificate).dns == ("a", "*.b")
    assert days_left(certificate, now=datetime.now(UTC)) == 19
    assert weakness_of(certificate) is None
