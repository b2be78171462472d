"""Read a certificate as libpq and a careful operator would. Pure.

Source: libpq's fe-secure-openssl.c and fe-secure-common.c for names, RFC 5280 for the rest.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

WARN_DAYS: Final = 21
_SHORTEST_RSA: Final = 2048
_WEAK_HASHES: Final = {"md5", "sha1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names a certificate is for."""

    dns: tuple[str, ...]
    addresses: tuple[str, ...]
    common_name: str

    def __str__(self) -> str:
        named = (*self.dns, *self.addresses)
        return ", ".join(named) if named else f"no name but CN={self.common_name or '(none)'}"


def names_of(certificate: x509.Certificate) -> Names:
    """Its alternative names, and its common name."""
    try:
        san = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        dns = tuple(san.get_values_for_type(x509.DNSName))
        addresses = tuple(str(one) for one in san.get_values_for_type(x509.IPAddress))
    except x509.ExtensionNotFound:
        dns, addresses = (), ()
    common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return Names(dns=dns, addresses=addresses, common_name=str(common[0].value) if common else "")


def is_for(names: Names, host: str) -> bool:
    """Whether libpq's verify-full takes these names for `host`.

    The common name counts only where no alternative name of the host's kind stands; `*` covers
    one label and only the first.
    """
    address = _address(host)
    if address is not None:
        if any(_address(one) == address for one in names.addresses) or host in names.dns:
            return True
        return not names.addresses and names.common_name == host
    if names.dns:
        return any(_matches(pattern, host) for pattern in names.dns)
    return _matches(names.common_name, host)


def _matches(pattern: str, host: str) -> bool:
    pattern, host = pattern.lower(), host.lower()
    if pattern == host:
        return bool(pattern)
    label, dot, rest = host.partition(".")
    return (
        bool(label and dot)
        and pattern.startswith("*.")
        and len(pattern) > 2
        and (pattern[2:] == rest)
    )


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def days_left(certificate: x509.Certificate, *, now: datetime) -> int:
    """Whole days until it ends; negative when it has."""
    return (certificate.not_valid_after_utc - now).days


def is_self_signed(certificate: x509.Certificate) -> bool:
    return certificate.issuer == certificate.subject


def serves(certificate: x509.Certificate) -> bool:
    """Whether its extended key usage, if it has one, lets it be a server's."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return bool(
        {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE} & set(usage)
    )


def key_of(certificate: x509.Certificate) -> str:
    """Kind and size of its key, as `ECDSA secp256r1` or `RSA 2048`."""
    key = certificate.public_key()
    match key:
        case rsa.RSAPublicKey():
            return f"RSA {key.key_size}"
        case ec.EllipticCurvePublicKey():
            return f"ECDSA {key.curve.name}"
        case dsa.DSAPublicKey():
            return f"DSA {key.key_size}"
        case ed25519.Ed25519PublicKey():
            return "Ed25519"
        case ed448.Ed448PublicKey():
            return "Ed448"
    return type(key).__name__


def weakness_of(certificate: x509.Certificate) -> str | None:
    """What is weak about its key or signature, or None."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey | dsa.DSAPublicKey) and key.key_size < _SHORTEST_RSA:
        return f"the key is {key_of(certificate)}"
    signed = certificate.signature_hash_algorithm
    if signed is not None and signed.name in _WEAK_HASHES:
        return f"it is signed with {signed.name}"
    return None


def described(chain: Sequence[x509.Certificate], *, now: datetime) -> tuple[str, ...]:
    """Lines about the leaf and who signed it, for evidence."""
    leaf = chain[0]
    usage = "server" if serves(leaf) else "not for servers"
    return (
        f"subject {leaf.subject.rfc4514_string() or '(empty)'}",
        f"issuer {leaf.issuer.rfc4514_string() or '(empty)'}",
        f"names {names_of(leaf)}",
        f"valid {leaf.not_valid_before_utc:%Y-%m-%d %H:%M} to"
        f" {leaf.not_valid_after_utc:%Y-%m-%d %H:%M} UTC ({days_left(leaf, now=now)} days left)",
        f"key {key_of(leaf)}, usage {usage}, {len(chain)} certificate(s) sent",
    )
