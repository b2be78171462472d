"""Policies about the database, the sizes, and what the namespace allows."""

from decimal import Decimal

from tests.k8s.rendered import Object, named, of_kind, workload, workloads

_SUFFIXES = {"m": Decimal("0.001"), "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "": 1}
# Threads of ten sites may all wait for the pooler at once; the server itself keeps room for more.
RESERVED_FOR_REPLICATION_AND_PEOPLE = 20
WORKER_CONNECTIONS = 10
SPILO_RUNS_AS_GROUP = 103


def quantity(text: str | int) -> Decimal:
    """A number as Kubernetes writes it: 250m, 2, 1Gi."""
    number = str(text)
    suffix = number.lstrip("0123456789.")
    return Decimal(number.removesuffix(suffix)) * Decimal(_SUFFIXES[suffix])


def database(objects: list[Object]) -> Object:
    return dict(named(objects, "postgresql", "jewelry-shop-db")["spec"])


def the_database_survives_its_primary(objects: list[Object]) -> list[str]:
    spec, wrong = database(objects), []
    if spec["numberOfInstances"] < 3:
        wrong.append("fewer than three instances: with one gone, none is left to be synchronous")
    if spec.get("patroni", {}).get("synchronous_mode") is not True:
        wrong.append("a committed sale may be on the primary's disk alone")
    pooler = spec.get("connectionPooler", {})
    if not spec.get("enableConnectionPooler") or pooler.get("numberOfInstances", 0) < 2:
        wrong.append("fewer than two poolers")
    if pooler.get("mode") != "transaction":
        wrong.append("the pooler does not pool by transaction")
    return wrong


def the_database_speaks_verified_tls(objects: list[Object]) -> list[str]:
    spec, wrong = database(objects), []
    certificate = named(objects, "Certificate", "jewelry-shop-db-tls")["spec"]["secretName"]
    tls = spec.get("tls", {})
    if tls.get("secretName") != certificate:
        wrong.append("shows no certificate of ours")
    if tls.get("caFile") != "ca.crt" or not tls.get("caSecretName"):
        wrong.append("the pooler has no authority to verify the server with")
    if spec.get("spiloFSGroup") != SPILO_RUNS_AS_GROUP:
        wrong.append("the server cannot read its key")
    if "pg_hba" in spec.get("patroni", {}):
        wrong.append("replaces Spilo's whole list of who may come in")
    if any(name.startswith("ssl") for name in spec["postgresql"].get("parameters", {})):
        wrong.append("a parameter about TLS cuts operator and pooler off")
    if "jewelry-shop-pooler" not in spec.get("connectionPooler", {}).get("dockerImage", ""):
        wrong.append("the stock pooler believes any server")
    if {one["name"] for one in spec.get("env", [])} & {
        "ALLOW_NOSSL",
        "SSL_RESTAPI_CERTIFICATE_FILE",
    }:
        wrong.append("lets plaintext in, or the operator out")
    return wrong


def roles_are_not_privileged(objects: list[Object]) -> list[str]:
    spec = database(objects)
    wrong = [
        f"{role} is {flag}"
        for role, flags in spec["users"].items()
        for flag in flags
        if flag in {"superuser", "createrole", "createdb", "bypassrls", "replication"}
    ]
    if spec["databases"] != {"jewelry_shop": "jewelry_owner"}:
        wrong.append(f"the database belongs to {spec['databases']}")
    if "preparedDatabases" in spec:
        wrong.append("the operator's writer role may change what is append-only")
    return wrong


def connections_fit(objects: list[Object]) -> list[str]:
    """Poolers, workers during a rollout, a migration, replication and a person, all at once."""
    spec = database(objects)
    worker = named(objects, "Deployment", "worker")["spec"]
    taken = (
        spec["connectionPooler"]["maxDBConnections"]
        + (worker["replicas"] + worker["strategy"]["rollingUpdate"]["maxSurge"])
        * WORKER_CONNECTIONS
        + RESERVED_FOR_REPLICATION_AND_PEOPLE
    )
    allowed = int(spec["postgresql"]["parameters"]["max_connections"])
    return [f"{taken} connections, and {allowed} are allowed"] if taken > allowed else []


def sites_grow_and_shrink(objects: list[Object]) -> list[str]:
    scaler = named(objects, "HorizontalPodAutoscaler", "django")["spec"]
    wrong = []
    if (scaler["minReplicas"], scaler["maxReplicas"]) != (3, 10):
        wrong.append("not three to ten sites")
    asked = {m["resource"]["name"]: m["resource"]["target"] for m in scaler["metrics"]}
    if {name: target["averageUtilization"] for name, target in asked.items()} != {
        "cpu": 70,
        "memory": 80,
    }:
        wrong.append("not at 70 % of the processor and 80 % of the memory")
    up, down = (scaler["behavior"][way] for way in ("scaleUp", "scaleDown"))
    if up["stabilizationWindowSeconds"] >= down["stabilizationWindowSeconds"]:
        wrong.append("not faster up than down")
    if "replicas" in named(objects, "Deployment", "django")["spec"]:
        wrong.append("each apply takes away what was added")
    return wrong


def everything_fits_into_the_quota(objects: list[Object]) -> list[str]:
    """With every part at its largest, in the middle of a rollout, and every job at once."""
    hard = named(objects, "ResourceQuota", "jewelry-shop")["spec"]["hard"]
    spec = database(objects)
    pooler = spec["connectionPooler"]
    # (how many, what each asks for); the dump's pod says nothing and gets the defaults.
    parts = [
        (spec["numberOfInstances"], spec["resources"]),
        (pooler["numberOfInstances"] + 1, pooler["resources"]),
    ]
    for one in workloads(objects):
        many = 1
        if one.kind == "Deployment":
            many = one.owner["spec"].get("replicas") or scaled(objects, one.name)
            many += one.owner["spec"]["strategy"]["rollingUpdate"].get("maxSurge", 0)
        parts += [(many, container.get("resources", {})) for container in one.containers]
    sums = {"pods": Decimal(sum(many for many, _ in parts))}
    for kind in ("requests", "limits"):
        for what in ("cpu", "memory"):
            sums[f"{kind}.{what}"] = sum(
                (many * quantity(given.get(kind, {}).get(what, 0)) for many, given in parts),
                Decimal(0),
            )
    return [
        f"{name}: {sums[name]} are wanted, {limit} are allowed"
        for name, limit in hard.items()
        if name in sums and sums[name] > quantity(limit)
    ]


def scaled(objects: list[Object], deployment: str) -> int:
    """How many pods a Deployment without a number may have."""
    return max(
        (
            one["spec"]["maxReplicas"]
            for one in of_kind(objects, "HorizontalPodAutoscaler")
            if one["spec"]["scaleTargetRef"]["name"] == deployment
        ),
        default=1,
    )


def restores_have_room(objects: list[Object]) -> list[str]:
    """The disk of the restore test is as large as the database's."""
    if not any(one.name == "restore-test" for one in workloads(objects)):
        return []
    (volume,) = (
        v for v in workload(objects, "restore-test").spec["volumes"] if v["name"] == "restore"
    )
    claim = volume["ephemeral"]["volumeClaimTemplate"]["spec"]["resources"]["requests"]["storage"]
    size = database(objects)["volume"]["size"]
    return [f"{claim} for a database of {size}"] if quantity(claim) < quantity(size) else []


POLICIES = (
    the_database_survives_its_primary,
    the_database_speaks_verified_tls,
    roles_are_not_privileged,
    connections_fit,
    sites_grow_and_shrink,
    everything_fits_into_the_quota,
    restores_have_room,
)
