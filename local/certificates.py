"""The laptop's own certificate authority, and the database server's certificate.

The same shape as in a cluster, made by the same code: clients get the
authority's certificate and nothing else; its key stays apart from the server,
which holds its own.
"""

from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from ops.certs.issue import (
    AUTHORITY_LIFE,
    CLOCKS_DIFFER_BY,
    SERVER_LIFE,
    general_names,
    is_signed_by,
    make_authority,
    make_server_certificate,
    read_certificate,
    read_issued,
    service_names,
    write_certificates,
    write_key,
)

__all__ = [
    "AUTHORITY_LIFE",
    "CLOCKS_DIFFER_BY",
    "RENEW_BEFORE_END",
    "SERVER_LIFE",
    "SERVICE_NAMES",
    "ensure_authority",
    "ensure_server_certificate",
]

# So that the laptop's certificate passes wherever the cluster's does.
SERVICE_NAMES = service_names()
NAMES = (*SERVICE_NAMES, "localhost", "127.0.0.1", "::1")
RENEW_BEFORE_END = timedelta(days=30)


def ensure_authority(*, certificate: Path, key: Path, now: datetime) -> None:
    """Make the authority, or a new one when the old is near its end or incomplete."""
    if key.exists() and _lasts(certificate, now=now):
        return
    key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = make_authority(name="jewelry-shop laptop authority", now=now)
    write_key(key, made.key)
    write_certificates(certificate, made.certificate)


def ensure_server_certificate(
    *, certificate: Path, key: Path, authority: Path, authority_key: Path, now: datetime
) -> bool:
    """Make or renew the server's certificate; say whether it is a new one.

    Kept as long as it lasts, carries every name, and was signed by this authority.
    """
    ca = read_issued(authority, authority_key)
    if key.exists() and _lasts(certificate, now=now) and _serves(certificate, ca.certificate):
        return False
    made = make_server_certificate(names=NAMES, authority=ca, now=now)
    write_key(key, made.key)
    write_certificates(certificate, made.certificate)
    return True


def _lasts(path: Path, *, now: datetime) -> bool:
    return path.exists() and read_certificate(path).not_valid_after_utc - now > RENEW_BEFORE_END


def _serves(path: Path, ca: x509.Certificate) -> bool:
    certificate = read_certificate(path)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return list(names) == general_names(NAMES) and is_signed_by(certificate, ca)
