"""What `kubectl kustomize` makes of the manifests, and ways to walk through it."""

import copy
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from local.place import CHECKOUT

Object = dict[str, Any]
OVERLAYS = ("k3d", "production")
# The locked one, so that everybody renders with the same kustomize.
KUBECTL = Path(sys.executable).parent / "kubectl"


@cache
def _text(folder: str) -> str:
    done = subprocess.run(
        [str(KUBECTL), "kustomize", str(CHECKOUT / folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def render(overlay: str) -> list[Object]:
    """The objects of an overlay, the caller's own to change."""
    return copy.deepcopy(_objects(f"k8s/overlays/{overlay}"))


@cache
def _objects(folder: str) -> list[Object]:
    return [one for one in yaml.safe_load_all(_text(folder)) if one]


@dataclass(frozen=True, slots=True)
class Workload:
    """One pod template of ours, under the name of what makes it."""

    kind: str
    name: str
    owner: Object
    template: Object

    @property
    def called(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def labels(self) -> dict[str, str]:
        return dict(self.template.get("metadata", {}).get("labels", {}))

    @property
    def spec(self) -> Object:
        return self.template["spec"]

    @property
    def containers(self) -> list[Object]:
        return [*self.spec.get("initContainers", []), *self.spec["containers"]]

    @property
    def is_app(self) -> bool:
        """Whether it runs the shop's own image with the shop's settings."""
        return any("envFrom" in one and _takes(one, "app-config") for one in self.containers)


def _takes(container: Object, config_map: str) -> bool:
    return any(
        one.get("configMapRef", {}).get("name") == config_map for one in container["envFrom"]
    )


def workloads(objects: list[Object]) -> Iterator[Workload]:
    for one in objects:
        kind, name = one["kind"], one["metadata"]["name"]
        if kind in {"Deployment", "Job", "StatefulSet", "DaemonSet"}:
            yield Workload(kind, name, one, one["spec"]["template"])
        elif kind == "CronJob":
            yield Workload(kind, name, one, one["spec"]["jobTemplate"]["spec"]["template"])


def of_kind(objects: list[Object], kind: str) -> list[Object]:
    return [one for one in objects if one["kind"] == kind]


def named(objects: list[Object], kind: str, name: str) -> Object:
    (found,) = (one for one in of_kind(objects, kind) if one["metadata"]["name"] == name)
    return found


def workload(objects: list[Object], name: str) -> Workload:
    (found,) = (one for one in workloads(objects) if one.name == name)
    return found


def environment(one: Workload, container: Object, objects: list[Object]) -> dict[str, str]:
    """What the container's environment says, as far as the manifests hold it."""
    given: dict[str, str] = {}
    for source in container.get("envFrom", []):
        if reference := source.get("configMapRef"):
            given |= named(objects, "ConfigMap", reference["name"]).get("data", {})
    for entry in container.get("env", []):
        given[entry["name"]] = str(entry.get("value", ""))
    return given


def matches(selector: Object | None, labels: dict[str, str]) -> bool:
    """Whether a label selector picks these labels; an empty one picks all, none picks nothing."""
    if selector is None:
        return False
    if any(labels.get(key) != value for key, value in selector.get("matchLabels", {}).items()):
        return False
    return all(_meets(rule, labels) for rule in selector.get("matchExpressions", []))


def _meets(rule: Object, labels: dict[str, str]) -> bool:
    value = labels.get(rule["key"])
    match rule["operator"]:
        case "In":
            return value in rule["values"]
        case "NotIn":
            return value not in rule["values"]
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
    raise AssertionError(rule)


# What others make in the namespace from these manifests, with the labels they give it. Source:
# zalando/postgres-operator, pkg/cluster (labelsSet, connectionPoolerLabels, logical backup).
DATABASE_PODS = {"application": "spilo", "cluster-name": "jewelry-shop-db", "spilo-role": "master"}
POOLER_PODS = {
    "application": "db-connection-pooler",
    "cluster-name": "jewelry-shop-db",
    "connection-pooler": "jewelry-shop-db-pooler",
}
DUMP_PODS = {"application": "spilo-logical-backup", "cluster-name": "jewelry-shop-db"}
ACME_PODS = {"acme.cert-manager.io/http01-solver": "true"}
OTHERS_PODS = {
    "database": DATABASE_PODS,
    "pooler": POOLER_PODS,
    "dump": DUMP_PODS,
    "acme": ACME_PODS,
}
