"""TLS: is it offered, by whom is the certificate, for which name; and files the server needs."""

from typing import Final

from apps.core.database.finding import Finding

_FETCH = "Run doctor against the link: it fetches the certificate and says which of them it is."

ALL: Final = (
    Finding(
        "tls.not-offered",
        "tls-offered",
        "The server says that it speaks no TLS.",
        "ssl is off at the server, or a proxy in between answers for it.",
        "Switch ssl on at the server, with a certificate. Under the operator: remove ssl: off from"
        " the parameters.",
        "Do not switch TLS off at the client as well: passwords and sales would travel in clear.",
    ),
    Finding(
        "tls.not-postgresql",
        "tls-offered",
        "What listens there does not speak PostgreSQL's protocol.",
        "The port belongs to another program: a web server, an ingress, a health port.",
        "Check host and port; PostgreSQL and its pooler listen on 5432.",
        "Do not change TLS settings: this is not the database.",
    ),
    Finding(
        "tls.silent",
        "tls-offered",
        "The port accepts connections and then says nothing.",
        "The server hangs, is a load balancer without a backend, or is no database at all.",
        "Check what listens there, and the log of the server or proxy.",
        "Do not raise the timeout: PostgreSQL answers this question at once.",
    ),
    Finding(
        "tls.plaintext-refused",
        "tls-offered",
        "The client spoke plaintext, and the server takes only TLS.",
        "The link's mode is disable, or a weak mode met a side without TLS. The refusal is right.",
        "Set DB_SSLMODE=verify-full and DB_SSLROOTCERT to the CA file; if the server has ssl off,"
        " switch it on.",
        "Do not open pg_hba.conf or the pooler to plaintext.",
    ),
    Finding(
        "tls.direct-unsupported",
        "tls-offered",
        "Direct TLS was tried with a peer that does not know it.",
        "sslnegotiation=direct needs PostgreSQL 17 or PgBouncer 1.25; older ones hang up. If direct"
        " negotiation is not set, the other side left during the handshake: its log says why.",
        "Leave direct negotiation out (sslnegotiation=postgres); TLS stays just as verified.",
        "Do not weaken the TLS mode.",
    ),
    Finding(
        "tls.protocol",
        "chain",
        "Client and server found no TLS version or cipher in common.",
        "One side only speaks versions that the other forbids, or the port speaks no TLS at all.",
        "Let both sides speak TLS 1.2 or 1.3; check ssl_min_protocol_version on both.",
        "Do not allow TLS 1.0 or 1.1.",
    ),
    Finding(
        "tls.handshake-failed",
        "chain",
        "The TLS handshake broke off.",
        "One side left the handshake; the other side's log says why.",
        "Read the log of the other side at this time, and run doctor against the link.",
        "Do not switch TLS off to get further: the reason stays unknown.",
    ),
    Finding(
        "tls.verify-failed",
        "chain",
        "The server's certificate did not pass the check.",
        "libpq says no more than this for an unknown authority, an expired or not yet valid"
        " certificate, a wrong usage and a self-signed one.",
        _FETCH + " Then give the client the right CA, or renew the server's certificate.",
        "Do not step down to require or prefer: they stop looking, the certificate stays wrong.",
    ),
    Finding(
        "tls.unknown-ca",
        "chain",
        "The server's certificate is signed by an authority that the client does not trust.",
        "The CA file is another authority's, or an old one after a renewal; or an impostor"
        " answers.",
        "Compare the issuer with the CA file and mount the CA that signed it. While an authority"
        " changes, the file holds both, old and new.",
        "Do not step down to require, and do not trust a certificate before you know whose it is.",
    ),
    Finding(
        "tls.self-signed",
        "chain",
        "The server's certificate is signed by itself.",
        "No authority vouches for it. Spilo and the stock pooler make such a one when none is"
        " given: it names no service and ends after 30 days.",
        "Give the server a certificate of your CA (spec.tls). To pin this one, name its file as"
        " DB_SSLROOTCERT; it must carry the host's name, and every renewal is a change here.",
        "Do not step down to require: it would accept every self-signed certificate.",
    ),
    Finding(
        "tls.expired",
        "chain",
        "The server's certificate has expired.",
        "It was not renewed, or it was renewed and the server or pooler still serves the old one.",
        "Renew it; then reload the server (PostgreSQL: reload, PgBouncer: SIGHUP) and look at the"
        " certificate that is served, not at the Secret.",
        "Do not step down to require: it accepts expired certificates without a word.",
    ),
    Finding(
        "tls.not-yet-valid",
        "chain",
        "The server's certificate is not valid yet.",
        "Its first day lies ahead: a clock is wrong, here or where it was made.",
        "Compare the clocks of client, server and issuer; issue it again if its dates are wrong.",
        "Do not step down to require.",
    ),
    Finding(
        "tls.wrong-usage",
        "chain",
        "The certificate is not made for servers.",
        "Its extended key usage lacks server authentication: it is a client's certificate.",
        "Issue one with the usage server auth.",
        "Do not step down to require.",
    ),
    Finding(
        "tls.broken-chain",
        "chain",
        "The certificates that the server sent lead to no authority.",
        "An intermediate certificate is missing, or a certificate in the chain may not sign.",
        "Serve the leaf followed by its intermediates, in one file.",
        "Do not trust the leaf itself as if it were an authority.",
    ),
    Finding(
        "tls.revoked",
        "chain",
        "The server's certificate has been revoked.",
        "Its authority withdrew it; the key may be known to others.",
        "Issue a new certificate with a new key, and serve that.",
        "Do not remove the revocation list.",
    ),
    Finding(
        "tls.weak-key",
        "chain",
        "The certificate's key or signature is weak.",
        "RSA below 2048 bits, or a signature with SHA-1 or MD5, can be forged with enough effort.",
        "Issue it again with ECDSA P-256 or RSA 2048 and SHA-256.",
        "Do not lower OpenSSL's security level for it.",
    ),
    Finding(
        "tls.wrong-name",
        "name",
        "The certificate is for other names than the host that was called.",
        "verify-full refuses to connect; weaker modes cannot tell an impostor. The CA is right.",
        "Issue a certificate that names this host (all forms of the service name), or call the"
        " server by a name it has.",
        "Do not step down to verify-ca, and do not call it by IP address.",
    ),
    Finding(
        "tls.client-cert-refused",
        "authentication",
        "The server refused the client's certificate.",
        "The server has a CA for clients and was offered a certificate of another: often one from"
        " ~/.postgresql that nobody meant to send.",
        "Send none (sslcertmode=disable), or one that the server's client CA signed.",
        "Do not take the client CA away from the server if others log in by certificate.",
    ),
    Finding(
        "tls.client-cert-required",
        "authentication",
        "The server wants a client certificate, and none was sent.",
        "Its pg_hba.conf says cert or clientcert for this line, or the pooler verifies clients.",
        "Set DB_SSLCERT and DB_SSLKEY to a certificate of the server's client CA.",
        "Do not loosen pg_hba.conf.",
    ),
    Finding(
        "tls.server-key-permissions",
        "tls-offered",
        "The server cannot read its own private key.",
        "The key's mode or owner is wrong; in Kubernetes the pod has no fsGroup. At a reload the"
        " old certificate goes on being served.",
        "spiloFSGroup: 103 in the manifest; for another server mode 0600, or root and 0640.",
        "Do not make the key readable for everybody: PostgreSQL refuses that as well.",
    ),
    Finding(
        "tls.server-key-mismatch",
        "tls-offered",
        "The server's certificate and key do not belong together.",
        "They are from two renewals: a subPath mount, or a copy of only one of them.",
        "Mount the whole Secret as a folder, let one program write both, and reload.",
        "Do not switch ssl off to let the server start.",
    ),
    Finding(
        "tls.server-file",
        "tls-offered",
        "The server cannot load its certificate, key or CA file.",
        "A file that its configuration names is missing or no PEM. It does not start, or goes on"
        " with the old certificate after a reload.",
        "Check that the Secret has this key (certificateFile, privateKeyFile, caFile).",
        "Do not switch ssl off to let the server start.",
    ),
    Finding(
        "tls.link-plaintext",
        "encryption",
        "The connection stands, and it is not encrypted.",
        "Everybody on the way reads and changes what is sent.",
        "Set DB_SSLMODE=verify-full and DB_SSLROOTCERT; let the server take TLS only.",
        "Do not leave it for later: passwords have already gone over it, change them.",
    ),
    Finding(
        "tls.server-leg-plaintext",
        "encryption",
        "The pooler's own way to the database is not encrypted.",
        "The client's leg is TLS, and behind the pooler everything is readable.",
        "Set server_tls_sslmode=verify-full and server_tls_ca_file in the pooler.",
        "Do not take the lock on the first leg for the whole way.",
    ),
    Finding(
        "tls.expires-soon",
        "certificate-days",
        "The certificate that is served ends in less than 21 days.",
        "Renewal should have happened; perhaps it did, and the server was not reloaded.",
        "Renew, reload, and look at the served certificate again.",
        "Do not wait for the last day: every verifying client stops at once.",
    ),
)
