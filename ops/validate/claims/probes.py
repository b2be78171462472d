"""What runs has the probes of the manifests, and a kubelet never took a redirect for an answer."""

from typing import Any, Final

from ops.validate.claim import Claim, Evidence, Unchecked
from ops.validate.cluster import Cluster, Object, name_of

_PROBES: Final = ("startupProbe", "livenessProbe", "readinessProbe")
# What the API server fills in where a manifest is silent.
_DEFAULTS: Final = {
    "periodSeconds": 10,
    "timeoutSeconds": 1,
    "failureThreshold": 3,
    "successThreshold": 1,
}


def look(cluster: Cluster, evidence: Evidence) -> None:
    written = {
        name_of(thing): thing for thing in cluster.rendered() if thing["kind"] == "Deployment"
    }
    if not written:
        raise Unchecked(f"{cluster.manifests} renders no Deployment.")
    running = {name_of(thing): thing for thing in cluster.get("deployments")}
    for name, manifest in written.items():
        if name not in running:
            evidence.object(f"{name}: in the manifests and not in the cluster")
            continue
        for kind in _PROBES:
            wanted, there = _probes(manifest, kind), _probes(running[name], kind)
            if wanted == there and all(wanted.values()):
                evidence.note(f"{name}: {kind} as written: {_short(wanted)}")
            else:
                evidence.object(f"{name}: {kind} is {_short(there)}, written is {_short(wanted)}")
    warnings = [event for event in cluster.get("events") if event.get("reason") == "ProbeWarning"]
    for event in warnings:
        evidence.object(
            f"{event['involvedObject']['name']}: a probe was answered with a redirect, which a"
            " kubelet takes for success"
        )


def _probes(deployment: Object, kind: str) -> dict[str, Any]:
    """By container, with the defaults filled in, so that silence equals what it means."""
    containers = deployment["spec"]["template"]["spec"]["containers"]
    return {one["name"]: _whole(one.get(kind)) for one in containers}


def _whole(probe: Object | None) -> Object | None:
    if probe is None:
        return None
    whole: Object = _DEFAULTS | probe
    if "httpGet" in whole:
        whole["httpGet"] = {"scheme": "HTTP"} | whole["httpGet"]
    return whole


def _short(probes: dict[str, Any]) -> str:
    return ", ".join(_words(probe) for probe in probes.values())


def _words(probe: Object | None) -> str:
    if probe is None:
        return "none"
    asked = probe.get("httpGet")
    what = f"{asked['path']} on {asked['port']}" if asked else "a command"
    return (
        f"{what} each {probe['periodSeconds']} s, {probe['timeoutSeconds']} s,"
        f" {probe['failureThreshold']} misses, {probe['successThreshold']} to return"
    )


CLAIM = Claim(
    name="probes",
    sentence="Every Deployment runs with the probes of the manifests, and none met a redirect.",
    look=look,
)
