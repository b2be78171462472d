"""The folder that holds authority, bundle and server certificate, and the steps to renew them.

ca.crt              what clients trust: one authority, or two while they are exchanged
server/tls.crt      what the servers show, with its key: the content of their Secret
server/tls.key
authority/ca.crt    the authority that signs now; its key is nobody else's
authority/ca.key
authority/next.crt  the authority to come, between `new-authority` and `switch`
authority/next.key
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from ops.certs.issue import (
    Issued,
    is_signed_by,
    make_authority,
    make_server_certificate,
    names_of,
    read_certificate,
    read_issued,
    write_certificates,
    write_key,
)


class Refused(Exception):
    """A step that is not the next one. Says which is."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The paths of one installation."""

    path: Path

    @property
    def bundle(self) -> Path:
        return self.path / "ca.crt"

    @property
    def server(self) -> tuple[Path, Path]:
        return self.path / "server" / "tls.crt", self.path / "server" / "tls.key"

    @property
    def authority(self) -> tuple[Path, Path]:
        return self.path / "authority" / "ca.crt", self.path / "authority" / "ca.key"

    @property
    def next_authority(self) -> tuple[Path, Path]:
        return self.path / "authority" / "next.crt", self.path / "authority" / "next.key"

    def trusted(self) -> list[x509.Certificate]:
        """The authorities of the bundle."""
        return x509.load_pem_x509_certificates(self.bundle.read_bytes())


def make(folder: Folder, *, names: Sequence[str], now: datetime) -> None:
    """Make authority, bundle and server certificate. Raises Refused where there is one already."""
    if folder.authority[0].exists():
        raise Refused(
            f"There is an authority in {folder.path} already, and clients trust it."
            " Renew with `renew`, or start an exchange with `new-authority`."
        )
    for part in ("authority", "server"):
        (folder.path / part).mkdir(mode=0o700, parents=True, exist_ok=True)
    authority = _new_authority(now)
    _write(folder.authority, authority)
    write_certificates(folder.bundle, authority.certificate)
    _write(folder.server, make_server_certificate(names=names, authority=authority, now=now))


def renew(folder: Folder, *, names: Sequence[str] = (), now: datetime) -> None:
    """Make a new server certificate, for the names of the old one unless others are given."""
    _demand_authority(folder)
    wanted = names or names_of(read_certificate(folder.server[0]))
    authority = read_issued(*folder.authority)
    _write(folder.server, make_server_certificate(names=wanted, authority=authority, now=now))


def begin_exchange(folder: Folder, *, now: datetime) -> None:
    """Make the next authority and let clients trust both; servers show what they showed.

    Raises Refused during an exchange: a third authority would hide which one is to go.
    """
    _demand_authority(folder)
    if folder.next_authority[0].exists():
        raise Refused("An exchange has begun: give every client ca.crt, then `switch`.")
    if len(folder.trusted()) > 1:
        raise Refused("The last exchange is not finished: `drop-old` first.")
    coming = _new_authority(now)
    _write(folder.next_authority, coming)
    write_certificates(folder.bundle, *folder.trusted(), coming.certificate)


def switch(folder: Folder, *, now: datetime) -> None:
    """Let the next authority sign, and make the servers a certificate of its.

    Only after every client has the bundle of both: one that has not refuses the server.
    """
    _demand_authority(folder)
    if not folder.next_authority[0].exists():
        raise Refused("There is no next authority. Begin with `new-authority`.")
    # The key first: cut short in between, the step can be done again.
    for coming, current in reversed(
        list(zip(folder.next_authority, folder.authority, strict=True))
    ):
        if coming.exists():
            coming.replace(current)
    renew(folder, now=now)


def finish_exchange(folder: Folder) -> None:
    """Trust the authority that signs now, and no other.

    Only after every server shows its certificate. Raises Refused while ours would not be trusted.
    """
    _demand_authority(folder)
    if folder.next_authority[0].exists():
        raise Refused("The servers still show the old authority's certificate: `switch` first.")
    current = read_certificate(folder.authority[0])
    if not is_signed_by(read_certificate(folder.server[0]), current):
        raise Refused("The server's certificate is not of this authority: `renew` first.")
    if folder.trusted() == [current]:
        raise Refused("One authority is trusted, so there is no old one to drop.")
    write_certificates(folder.bundle, current)


def _demand_authority(folder: Folder) -> None:
    if not folder.authority[0].exists():
        raise Refused(f"There is no authority in {folder.path}. Make one with `make`.")


def _new_authority(now: datetime) -> Issued:
    # A name of its own: two authorities of one name look like one in every listing.
    name = f"jewelry-shop database authority {now:%Y-%m-%d} {secrets.token_hex(3)}"
    return make_authority(name=name, now=now)


def _write(place: tuple[Path, Path], issued: Issued) -> None:
    certificate, key = place
    write_key(key, issued.key)
    write_certificates(certificate, issued.certificate)
