"""The stages before the login: parameters, DNS, TCP, and TLS looked at by ourselves."""

import errno
import os
import socket
import ssl
import stat
import time
from pathlib import Path
from typing import Final

from cryptography import x509

from apps.core.database import certificate, handshake
from apps.core.database.handshake import NoTls, Where
from apps.core.database.look import (
    Look,
    Note,
    TookTooLong,
    fail,
    ok,
    skipped,
    warn,
    within,
)
from apps.core.database.params import CHAIN_VERIFYING, ENCRYPTING, PLAINTEXT, VERIFYING

# Each stage's own bound; a link that works needs milliseconds.
DNS_WITHIN_S: Final = 2.0
TCP_WITHIN_S: Final = 1.5
TLS_WITHIN_S: Final = 1.5
_ADDRESSES_TRIED: Final = 3
_UNREACHABLE: Final = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL}


def parameters(look: Look) -> Note:
    """Where each parameter came from, and whether the files it names can be used."""
    link = look.link
    named = ("host", "port", "dbname", "user", "password", "sslmode", "sslrootcert")
    evidence = [
        f"{name} {'(hidden)' if name == 'password' else getattr(link, name)}"
        f"  from {link.sources.get(name, 'default')}"
        for name in named
    ]
    if link.sslcert:
        evidence.append(f"sslcert {link.sslcert}  from {link.sources.get('sslcert', 'default')}")
    if link.sslrootcert and link.sslrootcert != "system" and link.sslmode in ENCRYPTING:
        note = _root_file(
            Path(link.sslrootcert),
            required=link.sslmode in CHAIN_VERIFYING,
            evidence=evidence,
        )
        if note is not None:
            return note
    if link.sslrootcert == "system" and link.sslmode not in VERIFYING:
        return fail("params.system-roots", "The system's authorities need verify-full.", *evidence)
    if (note := _client_key(look)) is not None:
        return note
    if link.sslmode not in VERIFYING:
        return warn(
            "params.weak-sslmode",
            f"The TLS mode is {link.sslmode}, from {link.sources['sslmode']}.",
            *evidence,
        )
    return ok("complete, and verify-full", *evidence)


def _root_file(path: Path, *, required: bool, evidence: list[str]) -> Note | None:
    try:
        x509.load_pem_x509_certificates(path.read_bytes())
    except FileNotFoundError:
        # Like libpq: the mode require goes on without the file.
        if not required:
            return None
        return fail("params.root-file-missing", f"The CA file {path} is not there.", *evidence)
    except OSError as failure:
        why = failure.strerror
        return fail("params.root-file-unreadable", f"The CA file {path}: {why}.", *evidence)
    except ValueError:
        return fail(
            "params.root-file-unreadable", f"The CA file {path} holds no certificate.", *evidence
        )
    return None


def _client_key(look: Look) -> Note | None:
    link = look.link
    if not link.sslcert:
        return None
    if not link.sslkey or not Path(link.sslkey).is_file():
        where = link.sslkey or "(DB_SSLKEY is not set)"
        return fail("params.client-key-missing", f"The client key {where} is not there.")
    try:
        found = os.stat(link.sslkey)
        Path(link.sslcert).read_bytes()
        Path(link.sslkey).open("rb").close()
    except OSError as failure:
        return fail(
            "params.client-key-missing", f"{failure.filename} cannot be read: {failure.strerror}."
        )
    mode = stat.S_IMODE(found.st_mode)
    # As libpq: the owner's own at most 0600, root's at most 0640.
    forbidden = 0o037 if found.st_uid == 0 else 0o077
    if mode & forbidden:
        return fail(
            "params.client-key-mode", f"The client key {link.sslkey} has the mode {mode:04o}."
        )
    try:
        # An empty answer to a question for a passphrase: nobody is there to type one.
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(
            link.sslcert, link.sslkey, password=""
        )
    except ssl.SSLError as refused:
        return fail(
            "params.client-key-mismatch",
            f"{link.sslcert} and {link.sslkey} are no pair: {refused.reason or 'not readable'}.",
        )
    return None


def dns(look: Look) -> Note:
    """The addresses of the host's name."""
    host, port = look.link.host, look.link.port
    if host.startswith("/"):
        return fail("tcp.socket-missing", f"The host {host} is a folder, for a Unix socket.")
    try:
        found = within(
            DNS_WITHIN_S, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
    except TookTooLong:
        return fail("dns.slow", f"No answer about {host} within {DNS_WITHIN_S:g} s.")
    except socket.gaierror as failure:
        code = "dns.slow" if failure.errno == socket.EAI_AGAIN else "dns.not-found"
        return fail(code, f"{host} has no address: {failure.strerror}.")
    except UnicodeError:
        return fail("dns.not-found", f"{host} is no name that DNS knows.")
    look.addresses = tuple(dict.fromkeys(str(one[4][0]) for one in found))
    return ok(", ".join(look.addresses))


def tcp(look: Look) -> Note:
    """The first address that lets us in."""
    port, said = look.link.port, []
    until = time.monotonic() + TCP_WITHIN_S
    code = "tcp.refused"
    for address in look.addresses[:_ADDRESSES_TRIED]:
        try:
            left = max(until - time.monotonic(), 0.2)
            socket.create_connection((address, port), timeout=left).close()
        except TimeoutError:
            code = "tcp.timeout"
            said.append(f"{address} port {port}: no answer")
        except OSError as failure:
            code = "tcp.unreachable" if failure.errno in _UNREACHABLE else code
            said.append(f"{address} port {port}: {failure.strerror}")
        else:
            look.address = address
            return ok(f"{address} port {port} is open", *said)
    return fail(code, f"{look.link.host} port {port}: {said[0].partition(': ')[2]}.", *said)


def tls_offered(look: Look) -> Note:
    """Whether the server takes PostgreSQL's request for TLS."""
    mode = look.link.sslmode
    if mode in PLAINTEXT:
        return skipped("the link's mode is plaintext")
    try:
        handshake.ask_for_tls(_where(look))
    except NoTls as refused:
        if refused.code == "tls.not-offered" and mode not in ENCRYPTING:
            return warn(refused.code, f"{refused} The mode {mode} goes on in plaintext.")
        return fail(refused.code, str(refused))
    return ok("yes, directly" if look.link.sslnegotiation == "direct" else "yes")


def chain(look: Look) -> Note:
    """The certificate that is served, and whether the CA file vouches for it."""
    if _plaintext(look):
        return skipped("no TLS to look at")
    link = look.link
    where = _where(look)
    try:
        seen = handshake.look_at(where)
        look.chain = seen.chain
        if not look.chain:
            return fail("tls.handshake-failed", "The server sent no certificate.")
        evidence = (
            f"{seen.version} {seen.cipher}",
            *certificate.described(look.chain, now=look.now),
        )
        roots = link.sslrootcert
        if not roots or (roots != "system" and not Path(roots).exists()):
            return warn(
                "params.weak-sslmode", "Nobody checks this certificate: no CA file.", *evidence
            )
        judged = handshake.verdict(where, roots=roots)
    except NoTls as refused:
        return fail(refused.code, str(refused))
    if judged is not None:
        code, reason = _sharpened(look, *judged)
        # Even the mode require verifies once it has a root file.
        return fail(code, reason, *evidence)
    if weak := certificate.weakness_of(look.chain[0]):
        return warn("tls.weak-key", f"The chain holds, but {weak}.", *evidence)
    if certificate.is_self_signed(look.chain[0]):
        return warn(
            "tls.self-signed", "The certificate is signed by itself and pinned by file.", *evidence
        )
    return ok(f"signed by an authority in {roots}", *evidence)


def _sharpened(look: Look, code: str, reason: str) -> tuple[str, str]:
    """OpenSSL names the first fault it meets; the dates and the CA file tell the plainer one."""
    leaf = look.chain[0]
    names = certificate.names_of(leaf)
    if code in {"tls.unknown-ca", "tls.verify-failed"}:
        if leaf.not_valid_after_utc < look.now:
            return "tls.expired", f"It expired on {leaf.not_valid_after_utc:%Y-%m-%d %H:%M} UTC."
        roots = look.link.sslrootcert
        if roots != "system" and leaf in x509.load_pem_x509_certificates(Path(roots).read_bytes()):
            return (
                "tls.unknown-ca",
                f"{roots} holds the server's own certificate, not that of its authority.",
            )
    match code:
        case "tls.expired":
            return code, f"It expired on {leaf.not_valid_after_utc:%Y-%m-%d %H:%M} UTC."
        case "tls.not-yet-valid":
            return code, f"It begins on {leaf.not_valid_before_utc:%Y-%m-%d %H:%M} UTC."
        case "tls.self-signed":
            return code, f"The certificate for {names} is signed by itself, and not pinned here."
        case "tls.unknown-ca":
            issuer = leaf.issuer.rfc4514_string()
            return code, f"{look.link.sslrootcert} does not know the issuer {issuer}."
    return code, f"OpenSSL says: {reason}."


def name(look: Look) -> Note:
    """Whether the certificate is for the host that is called."""
    if _plaintext(look) or not look.chain:
        return skipped("no certificate to look at")
    names, host = certificate.names_of(look.chain[0]), look.link.host
    if certificate.is_for(names, host):
        return ok(f"{host} is one of its names")
    saw = f"The certificate is for {names}, and the host is {host}."
    if look.link.sslmode in VERIFYING:
        return fail("tls.wrong-name", saw)
    return warn("tls.wrong-name", saw)


def _plaintext(look: Look) -> bool:
    offered = look.notes.get("tls-offered")
    return look.link.sslmode in PLAINTEXT or (offered is not None and bool(offered.code))


def _where(look: Look) -> Where:
    link = look.link
    return Where(
        address=look.address,
        port=link.port,
        name=link.host,
        direct=link.sslnegotiation == "direct",
        client_certificate=(link.sslcert, link.sslkey) if link.sslcert else None,
        seconds=TLS_WITHIN_S,
    )
