"""The laptop's authority and the server's certificate."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.verification import PolicyBuilder, Store

from local.certificates import (
    RENEW_BEFORE_END,
    SERVER_LIFE,
    ensure_authority,
    ensure_server_certificate,
)

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


class Folder:
    """The four files, made at a given time."""

    def __init__(self, path: Path) -> None:
        self.ca = path / "ca.crt"
        self.ca_key = path / "authority" / "ca.key"
        self.certificate = path / "server.crt"
        self.key = path / "server.key"

    def make(self, *, now: datetime = NOW) -> bool:
        ensure_authority(certificate=self.ca, key=self.ca_key, now=now)
        return ensure_server_certificate(
            certificate=self.certificate,
            key=self.key,
            authority=self.ca,
            authority_key=self.ca_key,
            now=now,
        )

    def read(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.certificate.read_bytes())


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_it_names_this_machine_and_the_service_in_all_its_forms(folder):
    folder.make()
    names = folder.read().extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [
        f"jewelry-shop-db{service}{form}"
        for service in ("", "-repl", "-pooler", "-pooler-repl")
        for form in (
            "",
            ".jewelry-shop",
            ".jewelry-shop.svc",
            ".jewelry-shop.svc.cluster.local",
        )
    ] + ["localhost"]
    addresses = names.get_values_for_type(x509.IPAddress)
    assert [str(address) for address in addresses] == ["127.0.0.1", "::1"]


def test_a_strict_client_accepts_it(folder):
    folder.make()
    store = Store([x509.load_pem_x509_certificate(folder.ca.read_bytes())])
    name = x509.DNSName("jewelry-shop-db.jewelry-shop.svc")
    verifier = PolicyBuilder().store(store).time(NOW).build_server_verifier(name)
    chain = verifier.verify(folder.read(), [])
    assert len(chain) == 2


def test_keys_are_elliptic_and_readable_by_their_owner_alone(folder):
    folder.make()
    public = folder.read().public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    assert isinstance(public.curve, ec.SECP256R1)
    for key in (folder.key, folder.ca_key):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.ca_key.parent.stat().st_mode) == 0o700


def test_it_is_kept_while_it_lasts(folder):
    assert folder.make()
    first = folder.read()
    assert not folder.make(now=NOW + timedelta(days=300))
    assert folder.read() == first


def test_it_is_renewed_near_its_end_by_the_same_authority(folder):
    folder.make()
    ca, first = folder.ca.read_bytes(), folder.read()
    assert folder.make(now=NOW + SERVER_LIFE - RENEW_BEFORE_END)
    assert folder.read().not_valid_after_utc > first.not_valid_after_utc
    assert folder.ca.read_bytes() == ca


def test_a_new_authority_signs_a_new_certificate(folder):
    folder.make()
    folder.ca_key.unlink()
    assert folder.make()
    folder.read().verify_directly_issued_by(x509.load_pem_x509_certificate(folder.ca.read_bytes()))
