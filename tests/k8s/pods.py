"""Policies about each pod of ours. A policy is a function from objects to complaints."""

import importlib
import re

from tests.k8s.rendered import Object, Workload, environment, of_kind, workloads

# docs/reference/kubernetes.md gives the reasons.
PROBES = {
    "startupProbe": (
        "/health/startup/",
        {"periodSeconds": 2, "timeoutSeconds": 1, "failureThreshold": 90},
    ),
    "livenessProbe": (
        "/health/live/",
        {"periodSeconds": 10, "timeoutSeconds": 2, "failureThreshold": 6},
    ),
    "readinessProbe": (
        "/health/ready/",
        {"periodSeconds": 5, "timeoutSeconds": 1, "failureThreshold": 3, "successThreshold": 2},
    ),
}
# Who talks to the API server, and why.
MAY_HAVE_A_TOKEN = {"ca-bundle": "writes the bundle of authorities into two named objects"}
ROOM_S = 5
# Within this a site that ends serves who had waited at its door (config.draining).
QUEUE_S = 10.0
_MOVES = re.compile(r":(latest|main|master|stable|edge)$")
_DIGEST = re.compile(r"@sha256:[0-9a-f]{64}$")


def images_are_pinned(objects: list[Object]) -> list[str]:
    """A tag that names one build, or a digest: what was tested is what runs."""
    used = [
        (f"{one.called}/{container['name']}", container["image"])
        for one in workloads(objects)
        for container in one.containers
    ]
    for cluster in of_kind(objects, "postgresql"):
        used.append(("postgresql/spilo", cluster["spec"].get("dockerImage", "")))
        pooler = cluster["spec"].get("connectionPooler", {})
        used.append(("postgresql/pooler", pooler.get("dockerImage", "")))
    return [
        f"{where}: the image {image!r} has no tag that stays"
        for where, image in used
        if not _DIGEST.search(image)
        and (":" not in image.rpartition("/")[2] or _MOVES.search(image))
    ]


def servers_are_probed(objects: list[Object]) -> list[str]:
    """Each container of a Deployment has three probes on its named port, as agreed."""
    wrong = []
    for one in workloads(objects):
        if one.kind != "Deployment":
            continue
        for container in one.containers:
            ports = {port["name"] for port in container.get("ports", []) if "name" in port}
            for kind, (path, values) in PROBES.items():
                probe = container.get(kind)
                where = f"{one.called}/{container['name']}: {kind}"
                if probe is None:
                    wrong.append(f"{where} is missing")
                    continue
                asked = probe.get("httpGet", {})
                if asked.get("path") != path:
                    wrong.append(f"{where} asks {asked.get('path')}, and {path} is what answers it")
                if asked.get("port") != "probe" or "probe" not in ports:
                    wrong.append(f"{where} does not ask the port named probe")
                if {"host", "httpHeaders", "scheme"} & set(asked):
                    wrong.append(f"{where} names a host, a header or a scheme")
                given = {name: probe.get(name) for name in values}
                if given != values:
                    wrong.append(f"{where} has {given}, agreed is {values}")
    return wrong


def jobs_end(objects: list[Object]) -> list[str]:
    """A Job has no probes, so a hang ends by its deadline, and failures by their number."""
    return [
        f"{one.called}: no {field}"
        for one in workloads(objects)
        if one.kind in {"Job", "CronJob"}
        for field in ("activeDeadlineSeconds", "backoffLimit")
        if field not in _job_spec(one)
    ]


def _job_spec(one: Workload) -> Object:
    spec = one.owner["spec"]
    return spec["jobTemplate"]["spec"] if one.kind == "CronJob" else spec


def pods_have_no_rights(objects: list[Object]) -> list[str]:
    """Pod Security `restricted`, and a root that cannot be written to."""
    return [
        f"{where}: {what}"
        for one in workloads(objects)
        for where, found in [
            (one.called, _rights_of_pod(one.spec)),
            *((f"{one.called}/{c['name']}", _rights_of_container(c)) for c in one.containers),
        ]
        for what in found
    ]


def _rights_of_pod(spec: Object) -> list[str]:
    context, volumes = spec.get("securityContext", {}), spec.get("volumes", [])
    found = {
        "may run as root": context.get("runAsNonRoot") is not True or not context.get("runAsUser"),
        "no seccomp profile": context.get("seccompProfile", {}).get("type") != "RuntimeDefault",
        "shares something of its node": bool({"hostNetwork", "hostPID", "hostIPC"} & set(spec)),
        "mounts a folder of its node": any("hostPath" in volume for volume in volumes),
    }
    return [what for what, is_so in found.items() if is_so]


def _rights_of_container(container: Object) -> list[str]:
    context = container.get("securityContext", {})
    found = {
        "privileged": bool(context.get("privileged")),
        "may gain rights": context.get("allowPrivilegeEscalation") is not False,
        "its root can be written to": context.get("readOnlyRootFilesystem") is not True,
        "keeps capabilities": context.get("capabilities") != {"drop": ["ALL"]},
        "may run as root": context.get("runAsNonRoot") is False or context.get("runAsUser") == 0,
    }
    return [what for what, is_so in found.items() if is_so]


def pods_have_no_token(objects: list[Object]) -> list[str]:
    """A pod that cannot speak to the API server cannot be made to."""
    return [
        f"{one.called}: gets a token"
        for one in workloads(objects)
        if one.spec.get("automountServiceAccountToken") is not False
        and one.name not in MAY_HAVE_A_TOKEN
    ]


def containers_say_what_they_need(objects: list[Object]) -> list[str]:
    wrong = []
    for one in workloads(objects):
        for container in one.containers:
            given = container.get("resources", {})
            wrong += [
                f"{one.called}/{container['name']}: no {kind} of {what}"
                for kind in ("requests", "limits")
                for what in ("cpu", "memory")
                if what not in given.get(kind, {})
            ]
    return wrong


def rollouts_lose_no_request(objects: list[Object]) -> list[str]:
    """A new pod before an old one goes; a stop announced first, and time to end what was begun."""
    wrong = []
    for one in workloads(objects):
        if one.kind != "Deployment":
            continue
        rolling = one.owner["spec"].get("strategy", {}).get("rollingUpdate", {})
        if rolling.get("maxUnavailable") not in (0, "0", "0%"):
            wrong.append(f"{one.called}: maxUnavailable is not 0")
        if not rolling.get("maxSurge"):
            wrong.append(f"{one.called}: no room for a new pod")
        for container in one.spec["containers"]:
            told = container.get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command")
            if told != ["python", "manage.py", "drain"]:
                wrong.append(f"{one.called}/{container['name']}: no preStop that drains")
            drain = float(environment(one, container, objects).get("DRAIN_SECONDS", "0"))
            needed = drain + graceful_seconds(one) + ROOM_S
            grace = one.spec.get("terminationGracePeriodSeconds", 30)
            if grace < needed:
                wrong.append(
                    f"{one.called}: killed after {grace} s, and a stop may take {needed:g} s"
                )
            if drain < 2 * PROBES["readinessProbe"][1]["periodSeconds"]:
                wrong.append(f"{one.called}: drains for less than two readiness periods")
    return wrong


def graceful_seconds(one: Workload) -> float:
    """How long the program itself lets work end, read from the program."""
    if one.name == "worker":
        worker = vars(importlib.import_module("apps.core.management.commands.worker"))
        (grace,) = (
            worker[name] for name in ("_GRACE_SECONDS", "_GRACEFUL_SECONDS") if name in worker
        )
        return float(grace)
    return QUEUE_S + float(importlib.import_module("config.gunicorn").graceful_timeout)


def secrets_are_files(objects: list[Object]) -> list[str]:
    """No secret in the repository, none in an environment that `kubectl describe` shows."""
    wrong = [
        f"Secret {one['metadata']['name']} is in the repository"
        for one in of_kind(objects, "Secret")
    ]
    holds_one = re.compile(r"PASSWORD|SECRET|TOKEN|PRIVATE|DATABASE_URL|_KEY$")
    for one in workloads(objects):
        for container in one.containers:
            wrong += [
                f"{one.called}/{container['name']}: {name} is written out"
                for name, value in environment(one, container, objects).items()
                if holds_one.search(name) and value and not name.endswith("_FILE")
            ]
            # What is mounted by subPath is never renewed in a running pod.
            wrong += [
                f"{one.called}/{container['name']}: {mount['mountPath']} is mounted by subPath"
                for mount in container.get("volumeMounts", [])
                if "subPath" in mount
            ]
    return wrong


POLICIES = (
    images_are_pinned,
    servers_are_probed,
    jobs_end,
    pods_have_no_rights,
    pods_have_no_token,
    containers_say_what_they_need,
    rollouts_lose_no_request,
    secrets_are_files,
)
