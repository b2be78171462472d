"""Wordings of what happens before the login: parameters, network, TLS. Pure; see `wording`."""

from typing import Final

from apps.core.database.wording import LIBPQ, NETWORK, OPENSSL, PGBOUNCER, POSTGRESQL, Tells
from apps.core.database.wording import wording as _w

_OURS: Final = "jewelry-shop"

_PARAMETERS: Final = (
    _w(r"invalid sslmode value", "params.bad-sslmode", LIBPQ),
    _w(r"weak sslmode .* may not be used with sslrootcert=system", "params.system-roots", LIBPQ),
    _w(r"weak sslmode .* may not be used with sslnegotiation", "params.direct-weak-mode", LIBPQ),
    _w(r"root certificate file .* does not exist", "params.root-file-missing", LIBPQ),
    _w(
        r"could not (?:get home directory|open home directory).*root certificate",
        "params.root-file-missing",
        LIBPQ,
    ),
    _w(r"could not read root certificate file", "params.root-file-unreadable", LIBPQ),
    _w(r"could not load system root certificate", "params.root-file-unreadable", LIBPQ),
    _w(
        r"TLS \w+ error: failed to load CA|failed to load CA\b",
        "params.root-file-unreadable",
        PGBOUNCER,
    ),
    _w(
        r"FATAL.*private key file .* (?:has group or world access|must be owned)",
        "tls.server-key-permissions",
        POSTGRESQL,
    ),
    _w(
        r"private key file .* (?:has group or world access|must be owned|has too)",
        "params.client-key-mode",
        LIBPQ,
    ),
    _w(
        r"could not load private key file .*permission denied",
        "tls.server-key-permissions",
        POSTGRESQL,
    ),
    _w(
        r"certificate present, but not private key file|could not load private key file",
        "params.client-key-missing",
        LIBPQ,
    ),
    _w(r"could not (?:read|open) certificate file", "params.client-key-missing", LIBPQ),
    _w(
        r"(?:FATAL|LOG|WARNING|ERROR)\b.*(?:check private key failed|key values mismatch)",
        "tls.server-key-mismatch",
        POSTGRESQL,
    ),
    _w(
        r"(?:check private key failed|certificate does not match private key file).*"
        r"|key values mismatch",
        "params.client-key-mismatch",
        LIBPQ,
    ),
    _w(
        r"host name must be specified for a verified SSL connection",
        "params.no-host-name",
        LIBPQ,
    ),
    _w(
        r"invalid (?:connection option|URI query parameter|port number|integer value"
        r"|percent-encoded"
        r"|sslnegotiation value|channel_binding value|gssencmode value|sslcertmode value"
        r"|target_session_attrs value|ssl_m\w+_protocol_version value)"
        r"|missing key/value separator|missing .=. after .* in connection info"
        r"|could not (?:match|parse) .*host names to .* hostaddr|invalid dsn",
        "params.invalid",
        LIBPQ,
    ),
    _w(r"sslmode \S+ \([^)]*\) is none that libpq knows", "params.bad-sslmode", _OURS),
    _w(r"is not set\. Set \w+, or \w+_FILE", "params.missing", _OURS),
    _w(
        r"Two sources that disagree are refused|hold different passwords\. Keep one",
        "params.contradiction",
        _OURS,
    ),
    _w(r"\w+_FILE=\S*: ", "params.secret-file", _OURS),
    _w(
        r"sslmode \S+ \([^)]*\) (?:lets the database link be plaintext|encrypts the database link)",
        "params.weak-sslmode",
        _OURS,
    ),
)

_NETWORK: Final = (
    _w(
        r"(?:could not translate host name|failed to resolve host|could not resolve)\b.*"
        r"(?:temporary failure|try again|timed? ?out|errno -3)",
        "dns.slow",
        NETWORK,
        Tells.NO_WAY,
    ),
    _w(
        r"could not translate host name|failed to resolve host|DNS lookup failed"
        r"|could not resolve host ?name",
        "dns.not-found",
        NETWORK,
        Tells.NO_WAY,
    ),
    _w(
        r"(?:connection to server (?:at|on)|could not connect to server|connect(?:ion)? to"
        r" .* port \S+"
        r"|connect failed|port \d+).*(?:connection refused|0x0000274D|actively refused)"
        r"|ECONNREFUSED.*:(?:5432|6432)\b",
        "tcp.refused",
        NETWORK,
        Tells.NO_WAY,
    ),
    _w(
        r"(?:on socket|connections on Unix domain socket|No such file or directory\s+Is the server)"
        r".*(?:no such file|failed|does not exist|\?)",
        "tcp.socket-missing",
        NETWORK,
        Tells.NO_WAY,
    ),
    _w(
        r"connection timeout expired|(?:server|port).*(?:timeout expired|connection timed out)"
        r"|(?:^|: )timeout expired$|closing because: connect timeout",
        "tcp.timeout",
        NETWORK,
        Tells.NO_WAY,
    ),
    _w(
        r"(?:connection to server|could not connect|port \d+).*(?:no route to host"
        r"|network is unreachable|cannot assign requested address|address family not supported)",
        "tcp.unreachable",
        NETWORK,
        Tells.NO_WAY,
    ),
)

_TLS: Final = (
    _w(
        r"server does not support SSL|SSL was required|server refused SSL"
        r"|(?:the server|server) does(?: not|n't) support (?:SSL|TLS|encryption)",
        "tls.not-offered",
        LIBPQ,
    ),
    _w(
        r"server sent an error response during SSL exchange|"
        r"received (?:invalid|unexpected|unencrypted).* (?:response to|after) (?:SSL|SSL"
        r" negotiation)",
        "tls.not-postgresql",
        LIBPQ,
    ),
    _w(
        r"expected authentication request from server, but received"
        r"|invalid length of startup packet|received invalid protocol",
        "tls.not-postgresql",
        LIBPQ,
        Tells.GENERAL,
    ),
    _w(
        r"without ALPN protocol negotiation|direct SSL connection .* (?:rejected"
        r"|established without)"
        r"|SSL connection was established with unexpected ALPN",
        "tls.direct-unsupported",
        LIBPQ,
    ),
    _w(
        r"SSL error: (?:unexpected eof while reading|wrong version number)"
        r"|SSL SYSCALL error: EOF detected.*direct",
        "tls.direct-unsupported",
        OPENSSL,
        Tells.GENERAL,
    ),
    _w(
        r"unsupported protocol|no protocols available|protocol version(?:\b.*alert)?$|alert"
        r" protocol"
        r" version|handshake failure|no shared cipher|wrong ssl version|wrong version number"
        r"|http request",
        "tls.protocol",
        OPENSSL,
        Tells.GENERAL,
    ),
    _w(
        r"server certificate for .* does not match host name"
        r"|name [\"'`].*[\"'`] not present in server certificate"
        r"|hostname mismatch|certificate is not valid for|ip address mismatch",
        "tls.wrong-name",
        LIBPQ,
    ),
    _w(
        r"server certificate for .* does not match|could not get server's host name",
        "tls.wrong-name",
        LIBPQ,
    ),
    _w(r"(?:certificate has expired|certificate expired)", "tls.expired", "OpenSSL"),
    _w(r"certificate is not yet valid|not before", "tls.not-yet-valid", "OpenSSL"),
    _w(r"self[- ]signed certificate in certificate chain", "tls.unknown-ca", "OpenSSL"),
    _w(r"self[- ]signed certificate", "tls.self-signed", "OpenSSL"),
    _w(
        r"unable to get (?:local )?issuer certificate|unable to verify the first certificate",
        "tls.unknown-ca",
        "OpenSSL",
    ),
    _w(
        r"unsuitable certificate purpose|unsupported certificate purpose|alert unsupported"
        r" certificate",
        "tls.wrong-usage",
        "OpenSSL",
    ),
    _w(r"certificate revoked", "tls.revoked", "OpenSSL"),
    _w(r"ee key too small|ca md too weak|key too small", "tls.weak-key", "OpenSSL"),
    _w(
        r"invalid CA certificate|path length constraint exceeded|certificate chain too long",
        "tls.broken-chain",
        "OpenSSL",
    ),
    # A server's log tells more than its client: the alert is what the client thought.
    _w(
        r"(?:could not accept SSL connection|TLS handshake (?:error|failed)|handshake failed).*"
        r"alert unknown ca",
        "tls.unknown-ca",
        "the client, in the server's log",
    ),
    _w(
        r"(?:could not accept SSL connection|TLS handshake (?:error|failed)|handshake failed).*"
        r"alert bad certificate",
        "tls.verify-failed",
        "the client, in the server's log",
        Tells.GENERAL,
    ),
    _w(
        r"(?:could not accept SSL connection).*certificate verify failed",
        "tls.client-cert-refused",
        POSTGRESQL,
    ),
    _w(
        r"alert (?:certificate required|handshake failure: certificate)"
        r"|requires a valid client certificate|no client certificate"
        r"|client certificate.*required|peer did not return a certificate",
        "tls.client-cert-required",
        POSTGRESQL,
    ),
    _w(
        r"server accepted connection without a valid SSL certificate",
        "tls.client-cert-required",
        LIBPQ,
    ),
    _w(
        r"SSL error:.*alert (?:unknown ca|bad certificate|decrypt error|certificate unknown)",
        "tls.client-cert-refused",
        OPENSSL,
    ),
    _w(
        r"certificate[ _]verify[ _]failed|server certificate verification failed",
        "tls.verify-failed",
        OPENSSL,
        Tells.GENERAL,
    ),
    _w(
        r"could not load (?:server certificate|root certificate|SSL certificate|certificate"
        r" revocation)"
        r"|SSL configuration was not reloaded|TLS setup failed|TLS configuration could not"
        r" be reloaded",
        "tls.server-file",
        POSTGRESQL,
        Tells.GENERAL,
    ),
    _w(
        r"could not accept SSL connection|TLS handshake (?:error|failed)|could not"
        r" (?:initiate|create)"
        r" SSL|could not establish SSL",
        "tls.handshake-failed",
        POSTGRESQL,
        Tells.PASSING,
    ),
)
WORDINGS: Final = (*_PARAMETERS, *_NETWORK, *_TLS)
