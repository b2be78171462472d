"""The laptop's own certificate authority, and the database server's certificate.

The same shape as in a cluster: clients get the authority's certificate and
nothing else; its key stays apart from the server, which holds its own.
Source: RFC 5280 for the extensions, RFC 6125 for names in subjectAltName only.
"""

import ipaddress
import os
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# The four forms in which a pod may name the service, so that the laptop's
# certificate passes wherever the cluster's does.
SERVICE_NAMES = (
    "jewelry-shop-db",
    "jewelry-shop-db.jewelry-shop",
    "jewelry-shop-db.jewelry-shop.svc",
    "jewelry-shop-db.jewelry-shop.svc.cluster.local",
)
DNS_NAMES = ("localhost", *SERVICE_NAMES)
ADDRESSES = ("127.0.0.1", "::1")

AUTHORITY_LIFE = timedelta(days=3650)
SERVER_LIFE = timedelta(days=397)
RENEW_BEFORE_END = timedelta(days=30)
CLOCKS_DIFFER_BY = timedelta(hours=1)


def ensure_authority(*, certificate: Path, key: Path, now: datetime) -> None:
    """Make the authority, or a new one when the old is near its end or incomplete."""
    if key.exists() and _lasts(certificate, now=now):
        return
    key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    private = ec.generate_private_key(ec.SECP256R1())
    name = _named("jewelry-shop laptop authority")
    made = (
        _builder(subject=name, issuer=name, public=private.public_key(), now=now)
        .not_valid_after(now + AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .sign(private, SHA256())
    )
    _write_key(key, private)
    certificate.write_bytes(made.public_bytes(Encoding.PEM))


def ensure_server_certificate(
    *, certificate: Path, key: Path, authority: Path, authority_key: Path, now: datetime
) -> bool:
    """Make or renew the server's certificate; say whether it is a new one.

    Kept as long as it lasts, carries every name, and was signed by this authority.
    """
    ca = x509.load_pem_x509_certificate(authority.read_bytes())
    if key.exists() and _lasts(certificate, now=now) and _serves(certificate, ca):
        return False
    ca_key = load_pem_private_key(authority_key.read_bytes(), password=None)
    assert isinstance(ca_key, ec.EllipticCurvePrivateKey), type(ca_key)
    private = ec.generate_private_key(ec.SECP256R1())
    made = (
        _builder(
            subject=_named(SERVICE_NAMES[0]),
            issuer=ca.subject,
            public=private.public_key(),
            now=now,
        )
        .not_valid_after(min(now + SERVER_LIFE, ca.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_names()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()),
            critical=False,
        )
        .sign(ca_key, SHA256())
    )
    _write_key(key, private)
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
    return True


def _lasts(path: Path, *, now: datetime) -> bool:
    if not path.exists():
        return False
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    return certificate.not_valid_after_utc - now > RENEW_BEFORE_END


def _serves(path: Path, ca: x509.Certificate) -> bool:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    signer = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    of_ca = ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return list(names) == _names() and signer.key_identifier == of_ca.digest


def _names() -> list[x509.GeneralName]:
    return [
        *(x509.DNSName(name) for name in DNS_NAMES),
        *(x509.IPAddress(ipaddress.ip_address(address)) for address in ADDRESSES),
    ]


def _named(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    *, subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCKS_DIFFER_BY)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _key_usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write_key(path: Path, private: ec.EllipticCurvePrivateKey) -> None:
    """Write the key so that no other user could read it even for a moment."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
