"""Who may talk to whom, computed from the rendered NetworkPolicies as a network would.

A pod that no policy of a direction picks may do everything in that direction; one that is picked
may do what any of its policies allows. A connection needs the sender's leave to go out and the
receiver's to come in. Source: Kubernetes, "Network Policies".
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.k8s.rendered import OTHERS_PODS, Object, matches, of_kind, workloads
from tests.k8s.wiring import ports_of

NAMESPACE = "jewelry-shop"
# Where somebody listens, or might: each pair of pods is tried at each of these.
PORTS = (9, 25, 53, 80, 443, 587, 5432, 6443, 8000, 8008, 8081, 8089)


@dataclass(frozen=True, slots=True)
class Peer:
    """A pod, or with namespace None somebody outside the cluster's pods."""

    name: str
    namespace: str | None
    labels: dict[str, str] = field(hash=False)
    ports: tuple[tuple[str, int], ...] = ()

    @property
    def is_ours(self) -> bool:
        return self.namespace == NAMESPACE


def peers(objects: list[Object]) -> list[Peer]:
    """One pod of each kind: ours, the operator's, the neighbours', strangers, the outside."""
    found = [
        Peer(one.name, NAMESPACE, one.labels, tuple(ports_of(one))) for one in workloads(objects)
    ]
    found += [Peer(name, NAMESPACE, labels) for name, labels in OTHERS_PODS.items()]
    found += [
        Peer("stray", NAMESPACE, {}),
        Peer("dns", "kube-system", {"k8s-app": "kube-dns"}),
        Peer("ingress", "kube-system", {"app.kubernetes.io/name": "traefik"}),
        Peer("neighbour", "kube-system", {"k8s-app": "metrics-server"}),
        Peer("prometheus", "monitoring", {"app.kubernetes.io/name": "prometheus"}),
        Peer("operator", "postgres-operator", {"name": "postgres-operator"}),
        # A pod of another namespace may wear any label.
        Peer("impostor", "default", {"app.kubernetes.io/name": "django", "application": "spilo"}),
        Peer("outside", None, {}),
    ]
    return found


def flows(objects: list[Object]) -> set[tuple[str, str, int]]:
    """(from, to, port) of every connection that is let through and touches our namespace."""
    policies, everybody = of_kind(objects, "NetworkPolicy"), peers(objects)
    return {
        (sender.name, receiver.name, port)
        for sender in everybody
        for receiver in everybody
        for port in PORTS
        if sender.is_ours or receiver.is_ours
        if _lets(policies, "Egress", sender, receiver, port)
        if _lets(policies, "Ingress", receiver, sender, port)
    }


def _lets(policies: list[Object], way: str, pod: Peer, other: Peer, port: int) -> bool:
    if not pod.is_ours:
        return True
    picked = [
        one["spec"]
        for one in policies
        if way in one["spec"].get("policyTypes", ["Ingress"])
        and matches(one["spec"]["podSelector"], pod.labels)
    ]
    if not picked:
        return True
    side = "from" if way == "Ingress" else "to"
    listener = pod if way == "Ingress" else other
    return any(
        _is_meant(rule.get(side), other) and _is_port(rule.get("ports"), port, listener)
        for spec in picked
        for rule in spec.get(way.lower(), [])
    )


def _is_meant(sides: Iterable[Object] | None, other: Peer) -> bool:
    if not sides:
        return True
    return any(_is_one(side, other) for side in sides)


def _is_one(side: Object, other: Peer) -> bool:
    assert not set(side) - {"podSelector", "namespaceSelector"}, f"not understood: {side}"
    if other.namespace is None:
        return False
    if "namespaceSelector" in side:
        named = {"kubernetes.io/metadata.name": other.namespace}
        if not matches(side["namespaceSelector"], named):
            return False
    elif not other.is_ours:
        return False
    return matches(side.get("podSelector", {}), other.labels)


def _is_port(ports: list[Object] | None, port: int, listener: Peer) -> bool:
    if not ports:
        return True
    names = dict(listener.ports)
    return any(
        one["port"] == port or (isinstance(one["port"], str) and names.get(one["port"]) == port)
        for one in ports
    )
