"""Certificates that end, are renewed, and whose authority is exchanged, under a running cluster."""

from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from local.certificates import NAMES
from local.drill.cluster import DrillCluster
from local.drill.patroni import wait_for
from local.spilo import Pair
from ops.certs.issue import Issued, make_authority, make_server_certificate

# The pooler's image looks at its files this often here.
SEEN_WITHIN_S = 30


def expire(cluster: DrillCluster) -> None:
    """Give database and poolers a certificate that ended yesterday, and let them load it."""
    past = datetime.now(UTC) - timedelta(days=500)
    ended = make_server_certificate(names=NAMES, authority=cluster.room.authority, now=past)
    _give(cluster, _pair(ended))


def renew(cluster: DrillCluster) -> None:
    """Give them a good one."""
    _give(cluster, cluster.room.pair())


def rotate(cluster: DrillCluster) -> None:
    """Exchange the authority in the order that no client notices (`ops.certs`).

    1. All trust the old and the new. 2. The new one signs. 3. All trust the new one alone.
    """
    room = cluster.room
    old, new = room.authority, make_authority(name="drill authority 2", now=datetime.now(UTC))
    _trust(cluster, _pem(old), _pem(new))
    room.authority = new
    renew(cluster)
    _trust(cluster, _pem(new))


def _trust(cluster: DrillCluster, *authorities: bytes) -> None:
    """Publish a bundle: pods read it for each new connection, servers when told."""
    bundle = b"".join(authorities)
    cluster.room.write(cluster.room.ca, bundle, mode=0o644)
    for member in cluster.database.members:
        cluster.database.give_ca(member, bundle)
        cluster.database.reload(member)
    for one in cluster.poolers:
        if one.running is not None:
            said = len(one.running.said)
            cluster.room.write(one.running.folder / "ca.crt", bundle)
            one.running.heard("got SIGHUP", within_s=SEEN_WITHIN_S, since=said)


def _give(cluster: DrillCluster, pair: Pair) -> None:
    """Replace certificate and key everywhere, and renew the connections behind the poolers."""
    for member in cluster.database.members:
        cluster.database.give_pair(member, certificate=pair.certificate, key=pair.key)
        cluster.database.reload(member)
    for one in cluster.poolers:
        if one.running is not None:
            said = len(one.running.said)
            one.running.give(pair)
            one.running.heard("got SIGHUP", within_s=SEEN_WITHIN_S, since=said)
    for one in cluster.poolers:
        if one.console is not None:
            one.console.execute("RECONNECT")
    wait_for(lambda: cluster.balancer.up("pooler") != [], "a pooler", within_s=SEEN_WITHIN_S)


def _pair(issued: Issued) -> Pair:
    return Pair(
        certificate=_pem(issued),
        key=issued.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )


def _pem(issued: Issued) -> bytes:
    return issued.certificate.public_bytes(Encoding.PEM)
