"""Certificates of any shape, good and bad, from authorities that live as long as a test."""

import ipaddress
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID as Usage
from cryptography.x509.oid import NameOID

from local.spilo import Pair

SERVICES = (
    "jewelry-shop-db",
    "jewelry-shop-db-repl",
    "jewelry-shop-db-pooler",
    "jewelry-shop-db-pooler-repl",
)
_FORMS = ("", ".jewelry-shop", ".jewelry-shop.svc", ".jewelry-shop.svc.cluster.local")
# What one certificate carries for primary, replica and both poolers.
CLUSTER_NAMES = tuple(service + form for service in SERVICES for form in _FORMS)
NAMES = ("localhost", "127.0.0.1", *CLUSTER_NAMES)
_HOUR = timedelta(hours=1)


class Authority:
    """An authority of its own; two of the same name are still two."""

    def __init__(self, name="a test's authority"):
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        now = datetime.now(UTC)
        self._certificate = (
            _builder(self._name, self._name, self._key, now - _HOUR, now + timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_signed_by(self._key), critical=False)
            .sign(self._key, SHA256())
        )
        self.pem = self._certificate.public_bytes(Encoding.PEM)

    def issue(self, *, names=NAMES, days=30, usage=Usage.SERVER_AUTH, subject="jewelry-shop-db"):
        """A certificate of this authority; with negative days one that has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        end = datetime.now(UTC) + timedelta(days=days)
        leaf = _leaf(_named(subject), self._name, key, end, names, usage)
        # Without the signer's key in it, two authorities of one name are mistaken for each other.
        made = leaf.add_extension(_signed_by(self._key), critical=False).sign(self._key, SHA256())
        return _pair(made, key)


def self_signed(*, names=NAMES):
    """A certificate that vouches for itself, as a server makes that has none."""
    key = ec.generate_private_key(ec.SECP256R1())
    end = datetime.now(UTC) + timedelta(days=30)
    name = _named("jewelry-shop-db")
    leaf = _leaf(name, name, key, end, names, Usage.SERVER_AUTH)
    made = leaf.add_extension(_signed_by(key), critical=False).sign(key, SHA256())
    return _pair(made, key)


def serial_of(pem):
    """The number of a certificate, to tell a renewed one from its predecessor."""
    return x509.load_pem_x509_certificate(pem).serial_number


def _leaf(subject, issuer, key, end, names, usage):
    start = min(datetime.now(UTC), end) - _HOUR
    builder = _builder(subject, issuer, key, start, end).add_extension(
        x509.ExtendedKeyUsage([usage]), critical=False
    )
    if names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_general(name) for name in names]), critical=False
        )
    return builder


def _builder(subject, issuer, key, start, end):
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _signed_by(key):
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _general(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _named(common_name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _pair(certificate, key):
    return Pair(
        certificate=certificate.public_bytes(Encoding.PEM),
        key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )
