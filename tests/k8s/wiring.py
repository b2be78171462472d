"""Policies about what names what: selectors and labels, references, ports, settings."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from ops.certs.issue import service_names
from tests.k8s.rendered import (
    OTHERS_PODS,
    Object,
    Workload,
    environment,
    matches,
    named,
    of_kind,
    workload,
    workloads,
)

_CREDENTIALS = "{}.jewelry-shop-db.credentials.postgresql.acid.zalan.do"
# Objects that are there and stand in no manifest: who makes each.
MADE_ELSEWHERE = {
    "app-secrets": "a person: docs/howto/keep-secrets-out-of-the-repository.md",
    "backup-store": "a person: docs/howto/keep-secrets-out-of-the-repository.md",
    "jewelry-shop-db-ca": "cert-manager (Secret), the CronJob ca-bundle (ConfigMap)",
    "jewelry-shop-db-ca-bundle": "the CronJob ca-bundle",
    "jewelry-shop-db-tls": "cert-manager",
    "jewelry-shop-tls": "cert-manager, for the ingress",
    **{
        _CREDENTIALS.format(role): "the operator"
        for role in ("postgres", "jewelry-owner", "jewelry-app")
    },
}
# Which role each program logs in as.
ROLES = {"django": "jewelry-app", "worker": "jewelry-app", "migrate": "jewelry-owner"}
# Read by the programs' own runtimes, not by the settings.
OF_THE_RUNTIME = {"HOME", "DJANGO_SETTINGS_MODULE"}
CLOSED = ("/health/detailed/", "/health/ready/", "/metrics", "/metrics/")


def selectors_meet_labels(objects: list[Object]) -> list[str]:
    """Whatever picks pods picks some, and a Deployment picks its own."""
    ours = [one.labels for one in workloads(objects)]
    pods = [*ours, *OTHERS_PODS.values()]
    wrong = []
    for one in workloads(objects):
        if one.kind == "Deployment" and not matches(one.owner["spec"]["selector"], one.labels):
            wrong.append(f"{one.called}: its selector does not pick its own pods")
        spread = one.spec.get("topologySpreadConstraints", [])
        if one.kind == "Deployment" and not spread:
            wrong.append(f"{one.called}: its pods may all be on one node")
        wrong += [
            f"{one.called}: spreads pods that are not its own"
            for rule in spread
            if not matches(rule["labelSelector"], one.labels)
        ]
    for service in of_kind(objects, "Service"):
        if not any(
            matches({"matchLabels": service["spec"]["selector"]}, labels) for labels in ours
        ):
            wrong.append(f"Service {service['metadata']['name']}: picks no pod")
    for kind, field in (
        ("PodDisruptionBudget", "selector"),
        ("NetworkPolicy", "podSelector"),
        ("PodMonitor", "selector"),
    ):
        wrong += [
            f"{kind} {one['metadata']['name']}: picks no pod"
            for one in of_kind(objects, kind)
            if not any(matches(one["spec"][field], labels) for labels in pods)
        ]
    budgets = [one["spec"]["selector"] for one in of_kind(objects, "PodDisruptionBudget")]
    wrong += [
        f"{one.called}: no budget of disruptions"
        for one in workloads(objects)
        if one.kind == "Deployment" and not any(matches(b, one.labels) for b in budgets)
    ]
    return wrong + list(_monitors(objects))


def _monitors(objects: list[Object]) -> Iterator[str]:
    """A ServiceMonitor picks a Service with that port, a PodMonitor a container with it."""
    for one in of_kind(objects, "ServiceMonitor"):
        picked = [
            service
            for service in of_kind(objects, "Service")
            if matches(one["spec"]["selector"], service["metadata"].get("labels", {}))
        ]
        ports = {port["name"] for service in picked for port in service["spec"]["ports"]}
        for endpoint in one["spec"]["endpoints"]:
            if endpoint["port"] not in ports:
                yield f"ServiceMonitor {one['metadata']['name']}: no Service has {endpoint['port']}"
    for one in of_kind(objects, "PodMonitor"):
        picked_pods = [
            pod for pod in workloads(objects) if matches(one["spec"]["selector"], pod.labels)
        ]
        names = {name for pod in picked_pods for name, _ in ports_of(pod)}
        for endpoint in one["spec"]["podMetricsEndpoints"]:
            if endpoint["port"] not in names:
                yield f"PodMonitor {one['metadata']['name']}: no pod has {endpoint['port']}"


def ports_of(one: Workload) -> list[tuple[str, int]]:
    return [
        (port.get("name", ""), port["containerPort"])
        for container in one.containers
        for port in container.get("ports", [])
    ]


def references_lead_somewhere(objects: list[Object]) -> list[str]:
    """ConfigMaps, Secrets, accounts, scripts: named where they are used, and there."""
    there = {(one["kind"], one["metadata"]["name"]) for one in objects}
    used: list[tuple[str, str, str]] = []
    for one in workloads(objects):
        used.append((one.called, "ServiceAccount", one.spec.get("serviceAccountName", "default")))
        for volume in one.spec.get("volumes", []):
            if "configMap" in volume:
                used.append((one.called, "ConfigMap", volume["configMap"]["name"]))
            if "secret" in volume:
                used.append((one.called, "Secret", volume["secret"]["secretName"]))
        for container in one.containers:
            mounts = {mount["name"] for mount in container.get("volumeMounts", [])}
            volumes = {volume["name"] for volume in one.spec.get("volumes", [])}
            used += [(one.called, "volume", name) for name in mounts - volumes]
            for source in container.get("envFrom", []):
                for kind, field in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
                    if field in source:
                        used.append((one.called, kind, source[field]["name"]))
    for one in of_kind(objects, "HorizontalPodAutoscaler"):
        target = one["spec"]["scaleTargetRef"]
        used.append(
            (f"HorizontalPodAutoscaler {one['metadata']['name']}", target["kind"], target["name"])
        )
    return [
        f"{who}: {kind} {name} is made by nobody"
        for who, kind, name in used
        if (kind, name) not in there
        and not (kind in {"ConfigMap", "Secret"} and name in MADE_ELSEWHERE)
    ]


def links_are_verified(objects: list[Object]) -> list[str]:
    """Every way to the database: verify-full, with an authority that is mounted there."""
    wrong = []
    for one in workloads(objects):
        for container in one.containers:
            given = environment(one, container, objects)
            mounts = {
                mount["mountPath"]: mount["name"] for mount in container.get("volumeMounts", [])
            }
            for mode, root in (("DB_SSLMODE", "DB_SSLROOTCERT"), ("PGSSLMODE", "PGSSLROOTCERT")):
                asks = one.is_app if mode.startswith("DB") else "PGHOST" in given
                if not asks:
                    continue
                where = f"{one.called}/{container['name']}"
                if given.get(mode) != "verify-full":
                    wrong.append(f"{where}: {mode} is {given.get(mode)}, not verify-full")
                path = PurePosixPath(given.get(root, "/nowhere/ca.crt"))
                if (str(path.parent), path.name) not in {(folder, "ca.crt") for folder in mounts}:
                    wrong.append(f"{where}: {root} is {path}, where nothing is mounted")
            if given.get("DB_ALLOW_UNVERIFIED_TLS", "0") != "0":
                wrong.append(f"{one.called}: lets an impostor in")
    return wrong


def programs_log_in_as_they_should(objects: list[Object]) -> list[str]:
    """The owner migrates, and nothing that serves is the owner; the site alone is pooled."""
    wrong = []
    for name, role in ROLES.items():
        one = workload(objects, name)
        secrets = {v["secret"]["secretName"] for v in one.spec["volumes"] if "secret" in v}
        if secrets - {"app-secrets"} != {_CREDENTIALS.format(role)}:
            wrong.append(f"{one.called}: does not log in as {role} alone")
        given = environment(one, one.containers[0], objects)
        pooled = given.get("USE_PGBOUNCER") == "1"
        host = "jewelry-shop-db-pooler" if name == "django" else "jewelry-shop-db"
        if given.get("POSTGRES_HOST") != host or pooled != (name == "django"):
            wrong.append(f"{one.called}: goes to {given.get('POSTGRES_HOST')}, pooled: {pooled}")
    return wrong


def the_world_asks_only_for_pages(objects: list[Object]) -> list[str]:
    """What the longest prefix of the ingress leads to: for closed paths, a port nobody serves."""
    wrong = []
    for ingress in of_kind(objects, "Ingress"):
        for rule in ingress["spec"]["rules"]:
            wrong += [
                f"Ingress: {path} leads to {served}"
                for path in CLOSED
                if (served := _reached(rule["http"]["paths"], path, objects))
            ]
            if not _reached(rule["http"]["paths"], "/counter/", objects):
                wrong.append("Ingress: pages lead nowhere")
        hosts = {rule["host"] for rule in ingress["spec"]["rules"]}
        if {host for tls in ingress["spec"].get("tls", []) for host in tls["hosts"]} != hosts:
            wrong.append("Ingress: a host without TLS")
        allowed = named(objects, "ConfigMap", "app-config")["data"].get("ALLOWED_HOSTS", "")
        if set(allowed.split(",")) != hosts:
            wrong.append(f"Ingress: answers to {hosts}, and the site to {allowed}")
        issuers = [
            a for a in ingress["metadata"]["annotations"] if a.startswith("cert-manager.io/")
        ]
        if len(issuers) != 1:
            wrong.append("Ingress: nobody makes its certificate")
    return wrong


def _reached(paths: list[Object], asked: str, objects: list[Object]) -> str | None:
    """The pod and port that this path reaches, by the longest prefix; None where nobody listens."""
    fits = [one for one in paths if _is_prefix(one["path"], asked)]
    if not fits:
        return None
    backend = max(fits, key=lambda one: len(one["path"]))["backend"]["service"]
    service = named(objects, "Service", backend["name"])
    (port,) = (p for p in service["spec"]["ports"] if p["name"] == backend["port"]["name"])
    for one in workloads(objects):
        if matches({"matchLabels": service["spec"]["selector"]}, one.labels):
            for name, number in ports_of(one):
                if port["targetPort"] in (name, number):
                    return f"{one.called}:{number}"
    return None


def _is_prefix(prefix: str, asked: str) -> bool:
    parts, wanted = prefix.strip("/").split("/"), asked.strip("/").split("/")
    return prefix == "/" or wanted[: len(parts)] == parts


def certificates_carry_every_name(objects: list[Object]) -> list[str]:
    certificate = named(objects, "Certificate", "jewelry-shop-db-tls")["spec"]
    wrong = []
    if list(certificate["dnsNames"]) != list(service_names()):
        wrong.append(f"names: {set(service_names()) ^ set(certificate['dnsNames'])}")
    if certificate["commonName"] not in certificate["dnsNames"]:
        wrong.append("the common name is none of the names")
    if certificate["privateKey"]["rotationPolicy"] != "Always":
        wrong.append("the key stays when the certificate is renewed")
    if not re.fullmatch(r"[a-z0-9-]{1,63}", certificate["secretName"]):
        wrong.append("the Secret's name is none for a volume")
    return wrong


POLICIES = (
    selectors_meet_labels,
    references_lead_somewhere,
    links_are_verified,
    programs_log_in_as_they_should,
    the_world_asks_only_for_pages,
    certificates_carry_every_name,
)
