"""The program that makes and renews the servers' certificates, step by step."""

import stat
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from ops.certs import folder as steps
from ops.certs.__main__ import main
from ops.certs.folder import Folder, Refused
from ops.certs.issue import names_of, read_certificate, service_names

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
NAMES = service_names()


@pytest.fixture
def certs(tmp_path):
    """Made, with nothing renewed yet."""
    folder = Folder(tmp_path / "certs")
    steps.make(folder, names=NAMES, now=NOW)
    return folder


def leaf(folder):
    return read_certificate(folder.server[0])


def trusts(bundle, certificate, name="jewelry-shop-db-pooler.jewelry-shop.svc", now=NOW):
    """Whether a strict client with this bundle accepts the certificate."""
    store = Store(bundle)
    verifier = PolicyBuilder().store(store).time(now).build_server_verifier(x509.DNSName(name))
    try:
        verifier.verify(certificate, [])
    except VerificationError:
        return False
    return True


def test_four_services_in_four_forms():
    assert len(NAMES) == len(set(NAMES)) == 16
    assert {
        "jewelry-shop-db",
        "jewelry-shop-db-repl.jewelry-shop",
        "jewelry-shop-db-pooler.jewelry-shop.svc",
        "jewelry-shop-db-pooler-repl.jewelry-shop.svc.cluster.local",
    } <= set(NAMES)


def test_a_strict_client_accepts_every_name(certs):
    assert names_of(leaf(certs)) == list(NAMES)
    for name in NAMES:
        assert trusts(certs.trusted(), leaf(certs), name)
    assert not trusts(certs.trusted(), leaf(certs), "another.example")


def test_the_common_name_is_one_of_the_names(certs):
    """PgBouncer falls back to it even where there are names."""
    common = leaf(certs).subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value
    assert common in NAMES


def test_keys_are_their_owners_alone(certs):
    for key in (certs.server[1], certs.authority[1]):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(certs.bundle.stat().st_mode) == 0o644


def test_a_second_make_does_not_lock_every_client_out(certs):
    before = certs.bundle.read_bytes()
    with pytest.raises(Refused, match="already"):
        steps.make(certs, names=NAMES, now=NOW)
    assert certs.bundle.read_bytes() == before


def test_renew_keeps_names_and_authority(certs):
    first, bundle = leaf(certs), certs.bundle.read_bytes()

    steps.renew(certs, now=NOW + timedelta(days=300))

    second = leaf(certs)
    assert second.serial_number != first.serial_number
    assert second.public_key() != first.public_key()
    assert names_of(second) == names_of(first)
    assert second.not_valid_after_utc - first.not_valid_after_utc == timedelta(days=300)
    assert certs.bundle.read_bytes() == bundle


def test_at_each_step_of_an_exchange_what_is_shown_is_trusted(certs):
    before, old = certs.trusted(), leaf(certs)

    steps.begin_exchange(certs, now=NOW)
    both = certs.trusted()
    assert len(both) == 2
    assert leaf(certs) == old
    assert trusts(both, old)

    steps.switch(certs, now=NOW)
    new = leaf(certs)
    assert certs.trusted() == both
    assert trusts(both, new)
    assert trusts(both, old), "a server that has not loaded the new one yet"
    assert not trusts(before, new)

    steps.finish_exchange(certs)
    assert len(certs.trusted()) == 1
    assert trusts(certs.trusted(), new)
    assert not trusts(certs.trusted(), old)


def test_steps_out_of_order_are_refused(certs):
    with pytest.raises(Refused, match="new-authority"):
        steps.switch(certs, now=NOW)
    with pytest.raises(Refused, match="no old one"):
        steps.finish_exchange(certs)
    steps.begin_exchange(certs, now=NOW)
    with pytest.raises(Refused, match="begun"):
        steps.begin_exchange(certs, now=NOW)
    with pytest.raises(Refused, match="switch"):
        steps.finish_exchange(certs)
    steps.switch(certs, now=NOW)
    with pytest.raises(Refused, match="drop-old"):
        steps.begin_exchange(certs, now=NOW)


def test_a_switch_that_was_cut_short_can_be_done_again(certs):
    steps.begin_exchange(certs, now=NOW)
    certs.next_authority[1].replace(certs.authority[1])  # the key moved, and then the power went

    steps.switch(certs, now=NOW)

    assert trusts(certs.trusted(), leaf(certs))
    steps.finish_exchange(certs)
    assert trusts(certs.trusted(), leaf(certs))


def test_as_a_person_runs_it(tmp_path, capsys):
    folder = str(tmp_path / "certs")

    def run(*arguments):
        status = main([*arguments, "--folder", folder])
        return status, *capsys.readouterr()

    status, _, said = run("show")
    assert (status, said.count("\n")) == (1, 1)
    status, said, _ = run("make", "--also", "localhost", "--also", "127.0.0.1")
    assert status == 0
    assert "396 days left" in said
    assert (
        "jewelry-shop-db-pooler-repl.jewelry-shop.svc.cluster.local, localhost, 127.0.0.1" in said
    )
    for step in ("renew", "new-authority", "switch", "drop-old", "show"):
        status, said, refused = run(step)
        assert status == 0, refused
        assert said.count("trusted  ") == (2 if step in ("new-authority", "switch") else 1)
        assert "localhost, 127.0.0.1" in said
        assert "PRIVATE KEY" not in said
    assert run("drop-old")[0] == 1
