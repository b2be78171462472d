"""The database and the pooler refuse whoever speaks without TLS."""

import json
from typing import Final

from ops.validate.claim import Claim, Evidence, Unchecked
from ops.validate.cluster import WEB, WORKER, Cluster

# PostgreSQL's startup message without SSLRequest before it: what a client sends that was told to
# do without TLS. An 'R' would ask for a password, or let it in; an 'E' refuses.
# For what the refusal must say: a server that is full, or starting, says 'E' too.
# Source: PostgreSQL, "Message Formats", StartupMessage.
_KNOCK: Final = """
import json, os, socket, struct
host, port = os.environ["POSTGRES_HOST"], int(os.environ.get("POSTGRES_PORT", 5432))
words = b"user\\0jewelry_app\\0database\\0jewelry_shop\\0\\0"
with socket.create_connection((host, port), timeout=10) as link:
    link.sendall(struct.pack("!ii", 8 + len(words), 196608) + words)
    said = b""
    while len(said) < 500 and (more := link.recv(500)):
        said += more
        if said[:1] == b"R":
            break
print(json.dumps([host, said[:1].decode("latin-1"), said[5:].decode("latin-1").split("\\0")]))
"""

# PostgreSQL: "pg_hba.conf rejects connection for …, no encryption"; PgBouncer: "SSL required".
_FOR_WANT_OF_TLS: Final = ("no encryption", "SSL required")


def look(cluster: Cluster, evidence: Evidence) -> None:
    # The web's way leads to the pooler, the worker's to the database itself.
    unclear = []
    for app in (WEB, WORKER):
        pod = cluster.one_pod_of(app)
        ended = cluster.exec(pod, ["python", "-c", _KNOCK])
        if ended.status != 0:
            evidence.object(f"{pod}: could not knock: {ended.complained.strip()[-200:]}")
            continue
        host, kind, words = json.loads(ended.said)
        said = next((word[1:] for word in words if word.startswith("M")), "")
        refused = kind == "E"
        if refused and not any(words in said for words in _FOR_WANT_OF_TLS):
            unclear.append(f"{pod} to {host}: refused, and not for want of TLS: {said}")
            continue
        meant = "refused" if refused else f"answered with {kind or 'nothing'!r}"
        evidence.expect(refused, f"{pod} to {host}, without TLS: {meant} {said}".rstrip())
    if unclear:
        raise Unchecked("; ".join(unclear))


CLAIM = Claim(
    name="plaintext",
    sentence="Whoever speaks to the database or the pooler without TLS is refused.",
    look=look,
)
