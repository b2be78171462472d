"""The certificate that a database server, or a pooler, really shows.

Asked of the server itself: the file that was renewed may not have been loaded,
and then nothing else tells.
"""

from cryptography import x509

from apps.core.database.handshake import NoTls, Where, look_at


class NotServed(Exception):
    """No certificate was shown. Says why."""


def served_certificate(host: str, port: int, *, timeout_s: float) -> x509.Certificate:
    """The certificate that is shown at this address now, whoever signed it; not verified.

    Raises NotServed: nobody answers in time, or what answers offers no TLS.
    """
    where = Where(
        address=host,
        port=port,
        name=host,
        direct=False,
        client_certificate=None,
        seconds=timeout_s / 3,  # to connect, to be told that there is TLS, to agree on it
    )
    try:
        chain = look_at(where).chain
    except (NoTls, OSError) as failure:
        raise NotServed(f"{host}:{port}: {failure}") from failure
    if not chain:
        raise NotServed(f"{host}:{port} shows no certificate")
    return chain[0]
