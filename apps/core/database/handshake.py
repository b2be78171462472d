"""Speak as much of PostgreSQL's protocol as it takes to see the server's certificate.

libpq says only `certificate verify failed`. This asks for TLS as libpq does, fetches the chain
without judging it, then lets OpenSSL judge it against the CA file and keeps its reason.
Source: PostgreSQL's protocol documentation, "SSLRequest" and "SSL Session Encryption".
"""

import socket
import ssl
from dataclasses import dataclass
from typing import Any, Final, cast

from cryptography import x509

_SSL_REQUEST: Final = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")
_ALPN: Final = "postgresql"
# OpenSSL's X509_V_ERR_… -> what it means here.
_REASONS: Final = {
    2: "tls.unknown-ca",
    9: "tls.not-yet-valid",
    10: "tls.expired",
    18: "tls.self-signed",
    19: "tls.unknown-ca",
    20: "tls.unknown-ca",
    21: "tls.unknown-ca",
    23: "tls.revoked",
    24: "tls.broken-chain",
    25: "tls.broken-chain",
    26: "tls.wrong-usage",
    66: "tls.weak-key",
    67: "tls.weak-key",
    68: "tls.weak-key",
    79: "tls.broken-chain",
}


class NoTls(Exception):
    """TLS did not come to be. `code` names the finding."""

    def __init__(self, code: str, saw: str) -> None:
        super().__init__(saw)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """An address to dial, and how. `name` is what TLS is told the server is called."""

    address: str
    port: int
    name: str
    direct: bool
    client_certificate: tuple[str, str] | None
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the server showed in an unjudged handshake."""

    version: str
    cipher: str
    chain: tuple[x509.Certificate, ...]


def ask_for_tls(where: Where) -> None:
    """Ask whether the server speaks TLS. Raises NoTls when it does not."""
    if not where.direct:
        _dial(where).close()


def look_at(where: Where) -> Seen:
    """The certificates the server sends, whatever they are worth. Raises NoTls."""
    context = _context(where)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with _secured(where, context) as secured:
        cipher = secured.cipher()
        return Seen(
            version=secured.version() or "",
            cipher=cipher[0] if cipher else "",
            chain=_chain(secured),
        )


def verdict(where: Where, *, roots: str) -> tuple[str, str] | None:
    """OpenSSL's judgement of the chain against `roots` (a file, or `system`): code and reason.

    None when the chain holds. The name is not judged here. Raises NoTls.
    """
    context = _context(where)
    context.check_hostname = False
    if roots == "system":
        context.set_default_verify_paths()
    else:
        context.load_verify_locations(cafile=roots)
    try:
        _secured(where, context).close()
    except ssl.SSLCertVerificationError as refused:
        code = _REASONS.get(refused.verify_code, "tls.verify-failed")
        return code, refused.verify_message
    return None


def _context(where: Where) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if where.direct:
        context.set_alpn_protocols([_ALPN])
    if where.client_certificate:
        context.load_cert_chain(*where.client_certificate)
    return context


def _secured(where: Where, context: ssl.SSLContext) -> ssl.SSLSocket:
    plain = _dial(where)
    try:
        secured = context.wrap_socket(plain, server_hostname=where.name or None)
    except ssl.SSLCertVerificationError:
        raise
    except (OSError, ValueError) as failure:
        if where.direct:
            raise NoTls(
                "tls.direct-unsupported", f"The peer does not take direct TLS: {_said(failure)}."
            ) from None
        raise NoTls("tls.protocol", f"The TLS handshake failed: {_said(failure)}.") from None
    finally:
        plain.close()  # wrap_socket has taken the descriptor over, or failed
    if where.direct and secured.selected_alpn_protocol() != _ALPN:
        secured.close()
        raise NoTls("tls.direct-unsupported", "The peer speaks TLS, but not PostgreSQL in it.")
    return secured


def _dial(where: Where) -> socket.socket:
    """A connection on which the server has agreed to TLS."""
    plain = socket.create_connection((where.address, where.port), timeout=where.seconds)
    if where.direct:
        return plain
    try:
        plain.sendall(_SSL_REQUEST)
        answer = plain.recv(1)
    except TimeoutError:
        plain.close()
        raise NoTls(
            "tls.silent", f"Port {where.port} accepts connections and says nothing."
        ) from None
    except OSError as failure:
        plain.close()
        raise NoTls("tcp.closed", f"The connection broke: {_said(failure)}.") from None
    if answer == b"S":
        return plain
    plain.close()
    match answer:
        case b"N":
            raise NoTls("tls.not-offered", "The server answers that it speaks no TLS.")
        case b"":
            raise NoTls(
                "tls.not-postgresql", "The server hung up on PostgreSQL's question for TLS."
            )
    raise NoTls("tls.not-postgresql", "The answer to PostgreSQL's question for TLS is none.")


def _chain(secured: ssl.SSLSocket) -> tuple[x509.Certificate, ...]:
    # Public from Python 3.13 on; before, the same method stands one object further in.
    holder: Any = (
        secured if hasattr(secured, "get_unverified_chain") else cast(Any, secured)._sslobj
    )
    sent = holder.get_unverified_chain() or []
    return tuple(
        x509.load_der_x509_certificate(one if isinstance(one, bytes) else _der(one)) for one in sent
    )


def _der(certificate: Any) -> bytes:
    return ssl.PEM_cert_to_DER_cert(certificate.public_bytes())


def _said(failure: BaseException) -> str:
    return str(getattr(failure, "reason", None) or getattr(failure, "strerror", None) or failure)
