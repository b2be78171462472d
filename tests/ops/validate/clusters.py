"""A cluster in which every claim holds, as kubectl would show it. Tests break it in one place."""

import copy
import json
from datetime import UTC, datetime, timedelta

NOW = datetime.now(UTC).replace(microsecond=0)


def written(moment):
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def pod(name, labels, *, address="10.0.0.1", **status):
    return {
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels},
        "spec": {"containers": [{"name": "main", "image": "jewelry-shop:0.1.0"}]},
        "status": {
            "phase": "Running",
            "podIP": address,
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [
                {"name": "main", "restartCount": 0, "state": {"running": {}}, "lastState": {}}
            ],
        }
        | status,
    }


def deployment(name):
    def probe(path, **numbers):
        return {"httpGet": {"path": f"/health/{path}/", "port": "probe"}, **numbers}

    container = {
        "name": name,
        "livenessProbe": probe("live", periodSeconds=10, timeoutSeconds=2, failureThreshold=6),
        "startupProbe": probe("startup", periodSeconds=2, failureThreshold=90),
        "readinessProbe": probe("ready", periodSeconds=5, successThreshold=2),
    }
    return {
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {"template": {"spec": {"containers": [container]}}},
    }


def as_the_server_keeps_it(manifest):
    """With the defaults that the API server writes into a probe."""
    kept = copy.deepcopy(manifest)
    for container in kept["spec"]["template"]["spec"]["containers"]:
        for kind in ("livenessProbe", "startupProbe", "readinessProbe"):
            probe = container[kind]
            defaults = {"periodSeconds": 10, "timeoutSeconds": 1}
            defaults |= {"failureThreshold": 3, "successThreshold": 1}
            container[kind] = defaults | probe
            container[kind]["httpGet"]["scheme"] = "HTTP"
    return kept


STAGES = [
    *("parameters", "dns", "tcp", "tls-offered", "chain", "name", "authentication", "hba"),
    *("database", "role", "rls", "primary", "peer", "pooler", "encryption", "schema", "clock"),
    *("certificate-days", "budget"),
]


def doctor(link):
    """What the doctor says of one healthy link (docs/reference/doctor.md)."""
    stages = [{"stage": name, "status": "ok", "finding": None, "saw": "as it should be"}
              for name in STAGES]  # fmt: skip
    target = {"sslmode": "verify-full", "user": "jewelry_app", "host": "db", "port": 5432}
    return {"link": link, "status": "ok", "finding": None, "target": target, "stages": stages}


def says(links):
    return json.dumps({"schema": 1, "healthy": True, "links": links})


def members():
    rows = [("0", "Leader", "running", 0), ("1", "Sync Standby", "streaming", 0)]
    rows += [("2", "Replica", "streaming", 1)]
    return [
        {"Member": f"jewelry-shop-db-{n}", "Role": role, "State": state, "Lag in MB": lag}
        for n, role, state, lag in rows
    ]


def cron_job(name, *, hours_ago):
    return {
        "metadata": {"name": name},
        "spec": {"schedule": "0 6 * * *"},
        "status": {"lastSuccessfulTime": written(NOW - timedelta(hours=hours_ago))},
    }


def scaler():
    def metric(name, value, key):
        return {"type": "Resource", "resource": {"name": name, key: {"averageUtilization": value}}}

    return {
        "metadata": {"name": "django"},
        "spec": {
            "scaleTargetRef": {"name": "django"},
            "metrics": [metric("cpu", 70, "target"), metric("memory", 80, "target")],
        },
        "status": {
            "conditions": [{"type": "ScalingActive", "status": "True"}],
            "currentMetrics": [metric("cpu", 12, "current"), metric("memory", 55, "current")],
        },
    }


def knocks(open_ways, closed_ways):
    return json.dumps(dict.fromkeys(open_ways, "open") | dict.fromkeys(closed_ways, "TimeoutError"))


def healthy():
    """Objects, and what each pod answers."""
    web = {"app.kubernetes.io/name": "django"}
    worker = {"app.kubernetes.io/name": "worker"}
    spilo = {"application": "spilo", "cluster-name": "jewelry-shop-db", "spilo-role": "replica"}
    pooler = {
        "application": "db-connection-pooler",
        "connection-pooler": "jewelry-shop-db-pooler",
    }
    pods = [pod(f"django-{n}", web) for n in range(3)]
    pods += [pod(f"worker-{n}", worker) for n in range(2)]
    pods += [pod(f"jewelry-shop-db-{n}", dict(spilo), address=f"10.0.1.{n}") for n in range(3)]
    pods[5]["metadata"]["labels"]["spilo-role"] = "master"
    pods += [pod(f"pooler-{n}", pooler) for n in range(2)]
    manifests = [deployment("django"), deployment("worker"), {"kind": "Service", "metadata": {}}]
    certificate = {
        "metadata": {"name": "jewelry-shop-db"},
        "status": {
            "notAfter": written(NOW + timedelta(days=61, hours=1)),
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }
    slices = [
        {
            "metadata": {"name": "django-a", "labels": {"kubernetes.io/service-name": "django"}},
            "endpoints": [
                {"conditions": {"ready": True}, "targetRef": {"name": f"django-{n}"}}
                for n in range(3)
            ],
        }
    ]
    answers = {name: [200, "pass", []] for name in ("live", "startup", "ready", "detailed")}
    refused = ["db", "E", ["SFATAL", "C28000", "Mno encryption"]]
    in_both = {
        "/health/": [0, json.dumps(answers)],
        "196608": [0, json.dumps(refused)],
    }
    of_web = in_both | {
        "doctor --all": [0, says([doctor("pooler")])],
        "create_connection((host, port), timeout=4)": [
            0,
            knocks(
                ["jewelry-shop-db-pooler:5432"],
                ["10.0.1.0:5432", "10.0.1.0:8008", "kubernetes.default.svc:443"],
            ),
        ],
    }
    of_worker = in_both | {
        "doctor --all": [0, says([doctor("configured"), doctor("replica")])],
        "create_connection((host, port), timeout=4)": [
            0,
            knocks(
                ["jewelry-shop-db:5432"],
                ["jewelry-shop-db-pooler:5432", "django:80", "10.0.1.0:8008"],
            ),
        ],
    }
    legs = "server_tls_sslmode = verify-full\nserver_tls_protocols = secure\npool_mode = x\n"
    inside = {f"django-{n}": {"commands": dict(of_web)} for n in range(3)}
    inside |= {f"worker-{n}": {"commands": dict(of_worker)} for n in range(2)}
    inside |= {f"pooler-{n}": {"commands": {"pgbouncer.ini": [0, legs]}} for n in range(2)}
    inside["jewelry-shop-db-0"] = {"commands": {"patronictl": [0, json.dumps(members())]}}
    return {
        "manifests": manifests,
        "objects": {
            "pods": pods,
            "deployments": [as_the_server_keeps_it(one) for one in manifests[:2]],
            "events": [],
            "certificates.cert-manager.io": [certificate],
            "postgresqls.acid.zalan.do": [
                {"metadata": {"name": "jewelry-shop-db"}, "spec": {"numberOfInstances": 3}}
            ],
            "cronjobs": [
                cron_job("logical-backup-jewelry-shop-db", hours_ago=5),
                cron_job("backup-check", hours_ago=2),
                cron_job("restore-test", hours_ago=100),
            ],
            "endpointslices": slices,
            "horizontalpodautoscalers": [scaler()],
        },
        "pods": inside,
    }
