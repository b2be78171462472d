"""An authority, and certificates for servers that it signs. Pure but for two writers of files.

Source: RFC 5280 for the extensions, RFC 6125 for names in subjectAltName only.
"""

import ipaddress
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
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

AUTHORITY_LIFE = timedelta(days=3650)
SERVER_LIFE = timedelta(days=397)
CLOCKS_DIFFER_BY = timedelta(hours=1)

# One certificate serves the primary, the replicas and both poolers: the operator gives
# the database's Secret to the pooler as well.
SERVICES = ("", "-repl", "-pooler", "-pooler-repl")


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False)


def service_names(
    *, cluster: str = "jewelry-shop-db", namespace: str = "jewelry-shop"
) -> tuple[str, ...]:
    """The sixteen names under which pods reach the cluster: four services in four forms.

    The short form is the one a pooler asks the database for.
    """
    return tuple(
        f"{cluster}{service}{form}"
        for service in SERVICES
        for form in ("", f".{namespace}", f".{namespace}.svc", f".{namespace}.svc.cluster.local")
    )


def general_names(names: Iterable[str]) -> list[x509.GeneralName]:
    """DNS names and IP addresses as a certificate carries them."""
    return [_general_name(name) for name in names]


def names_of(certificate: x509.Certificate) -> list[str]:
    """The names that a certificate carries, as they are written."""
    carried = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(name.value) for name in carried]


def make_authority(*, name: str, now: datetime) -> Issued:
    """A new authority that signs servers and no further authorities."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _named(name)
    certificate = (
        _builder(subject=subject, issuer=subject, public=key.public_key(), now=now)
        .not_valid_after(now + AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .sign(key, SHA256())
    )
    return Issued(certificate, key)


def make_server_certificate(*, names: Iterable[str], authority: Issued, now: datetime) -> Issued:
    """A certificate with a new key for a server of these names; the first is the common name.

    It ends no later than its authority.
    """
    wanted = list(names)
    key = ec.generate_private_key(ec.SECP256R1())
    ca = authority.certificate
    certificate = (
        _builder(subject=_named(wanted[0]), issuer=ca.subject, public=key.public_key(), now=now)
        .not_valid_after(min(now + SERVER_LIFE, ca.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(general_names(wanted)), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()),
            critical=False,
        )
        .sign(authority.key, SHA256())
    )
    return Issued(certificate, key)


def is_signed_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    """Whether this authority's key is the one that the certificate says signed it."""
    signer = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    of_ca = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return signer.key_identifier == of_ca.digest


def read_certificate(path: Path) -> x509.Certificate:
    """The first certificate of a PEM file."""
    return x509.load_pem_x509_certificate(path.read_bytes())


def read_issued(certificate: Path, key: Path) -> Issued:
    """A certificate and its key from their files."""
    loaded = load_pem_private_key(key.read_bytes(), password=None)
    assert isinstance(loaded, ec.EllipticCurvePrivateKey), type(loaded)
    return Issued(read_certificate(certificate), loaded)


def write_certificates(path: Path, *certificates: x509.Certificate) -> None:
    """Put the certificates, and nothing else, into the file; a reader never finds half of it."""
    written = path.with_name(path.name + ".new")
    written.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in certificates))
    written.chmod(0o644)
    written.replace(path)


def write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    """Write the key so that no other user could read it even for a moment."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


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
