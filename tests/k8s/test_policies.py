"""The manifests keep every policy; and a manifest that breaks one is named by it."""

from importlib import import_module

import pytest

from local.drill import probes
from tests.k8s import cluster, pods, wiring
from tests.k8s.rendered import OVERLAYS, named, render, workload

POLICIES = (*pods.POLICIES, *wiring.POLICIES, *cluster.POLICIES)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.__name__)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_manifests_keep(overlay, policy):
    assert policy(render(overlay)) == []


def _container(objects, name):
    return workload(objects, name).spec["containers"][0]


def _config(objects):
    return named(objects, "ConfigMap", "app-config")["data"]


def _database(objects):
    return named(objects, "postgresql", "jewelry-shop-db")["spec"]


def _rolling(objects, name):
    return named(objects, "Deployment", name)["spec"]["strategy"]["rollingUpdate"]


def _drop(objects, kind, name):
    objects.remove(named(objects, kind, name))


# What somebody may break by accident -> (how, the policy that must name it, some of its words).
BREAKS = {
    "a probe is dropped": (
        lambda o: _container(o, "django").pop("readinessProbe"),
        pods.servers_are_probed,
        "readinessProbe is missing",
    ),
    "the worker's probe is dropped": (
        lambda o: _container(o, "worker").pop("livenessProbe"),
        pods.servers_are_probed,
        "livenessProbe is missing",
    ),
    "a probe asks what nobody answers": (
        lambda o: _container(o, "django")["readinessProbe"]["httpGet"].update(path="/healthz"),
        pods.servers_are_probed,
        "/healthz",
    ),
    "liveness asks the database": (
        lambda o: _container(o, "django")["livenessProbe"]["httpGet"].update(path="/health/ready/"),
        pods.servers_are_probed,
        "livenessProbe asks /health/ready/",
    ),
    "a probe asks the site's port": (
        lambda o: _container(o, "django")["livenessProbe"]["httpGet"].update(port="http"),
        pods.servers_are_probed,
        "port named probe",
    ),
    "the probe port is dropped": (
        lambda o: _container(o, "worker").pop("ports"),
        pods.servers_are_probed,
        "port named probe",
    ),
    "a probe sends a Host": (
        lambda o: _container(o, "django")["readinessProbe"]["httpGet"].update(
            httpHeaders=[{"name": "Host", "value": "localhost"}]
        ),
        pods.servers_are_probed,
        "a header",
    ),
    "one good look brings everybody back": (
        lambda o: _container(o, "django")["readinessProbe"].update(successThreshold=1),
        pods.servers_are_probed,
        "agreed is",
    ),
    "an image is the latest": (
        lambda o: _container(o, "django").update(image="registry.example/jewelry-shop:latest"),
        pods.images_are_pinned,
        "Deployment django/django",
    ),
    "an image has no tag": (
        lambda o: _container(o, "migrate").update(image="registry.example:5000/jewelry-shop"),
        pods.images_are_pinned,
        "Job migrate/migrate",
    ),
    "the pooler's image moves": (
        lambda o: _database(o)["connectionPooler"].update(dockerImage="jewelry-shop-pooler:main"),
        pods.images_are_pinned,
        "postgresql/pooler",
    ),
    "a container is privileged": (
        lambda o: _container(o, "worker")["securityContext"].update(privileged=True),
        pods.pods_have_no_rights,
        "privileged",
    ),
    "a container may gain rights": (
        lambda o: _container(o, "worker")["securityContext"].pop("allowPrivilegeEscalation"),
        pods.pods_have_no_rights,
        "may gain rights",
    ),
    "a container keeps capabilities": (
        lambda o: _container(o, "ca-bundle")["securityContext"].pop("capabilities"),
        pods.pods_have_no_rights,
        "keeps capabilities",
    ),
    "a root can be written to": (
        lambda o: _container(o, "django")["securityContext"].update(readOnlyRootFilesystem=False),
        pods.pods_have_no_rights,
        "can be written to",
    ),
    "a pod runs as root": (
        lambda o: workload(o, "django").spec["securityContext"].pop("runAsNonRoot"),
        pods.pods_have_no_rights,
        "may run as root",
    ),
    "a container runs as root": (
        lambda o: _container(o, "django")["securityContext"].update(runAsUser=0),
        pods.pods_have_no_rights,
        "may run as root",
    ),
    "a pod has no seccomp profile": (
        lambda o: workload(o, "migrate").spec["securityContext"].pop("seccompProfile"),
        pods.pods_have_no_rights,
        "seccomp",
    ),
    "a pod is on its node's network": (
        lambda o: workload(o, "worker").spec.update(hostNetwork=True),
        pods.pods_have_no_rights,
        "of its node",
    ),
    "a pod mounts its node's folder": (
        lambda o: (
            workload(o, "worker").spec["volumes"].append({"name": "x", "hostPath": {"path": "/"}})
        ),
        pods.pods_have_no_rights,
        "folder of its node",
    ),
    "a pod gets a token": (
        lambda o: workload(o, "django").spec.pop("automountServiceAccountToken"),
        pods.pods_have_no_token,
        "Deployment django",
    ),
    "a container has no limit": (
        lambda o: _container(o, "worker")["resources"]["limits"].pop("memory"),
        pods.containers_say_what_they_need,
        "no limits of memory",
    ),
    "a rollout takes one away": (
        lambda o: _rolling(o, "django").update(maxUnavailable=1),
        pods.rollouts_lose_no_request,
        "maxUnavailable is not 0",
    ),
    "a stop is not announced": (
        lambda o: _container(o, "django").pop("lifecycle"),
        pods.rollouts_lose_no_request,
        "no preStop",
    ),
    "a pod is killed in the middle": (
        lambda o: workload(o, "django").spec.update(terminationGracePeriodSeconds=40),
        pods.rollouts_lose_no_request,
        "killed after 40 s, and a stop may take 55",
    ),
    "a pod says nothing of its grace": (
        lambda o: workload(o, "worker").spec.pop("terminationGracePeriodSeconds"),
        pods.rollouts_lose_no_request,
        "killed after 30 s",
    ),
    "the drain is too short to be heard of": (
        lambda o: _config(o).update(DRAIN_SECONDS="3"),
        pods.rollouts_lose_no_request,
        "less than two readiness periods",
    ),
    "a job may hang for ever": (
        lambda o: named(o, "Job", "migrate")["spec"].pop("activeDeadlineSeconds"),
        pods.jobs_end,
        "Job migrate",
    ),
    "a password is written out": (
        lambda o: _container(o, "django")["env"].append({"name": "APP_DB_PASSWORD", "value": "x"}),
        pods.secrets_are_files,
        "APP_DB_PASSWORD is written out",
    ),
    "a secret is in the repository": (
        lambda o: o.append(
            {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "app-secrets"}}
        ),
        pods.secrets_are_files,
        "app-secrets",
    ),
    "a secret is mounted so that it is never renewed": (
        lambda o: _container(o, "django")["volumeMounts"][0].update(subPath="password"),
        pods.secrets_are_files,
        "subPath",
    ),
    "a selector misses": (
        lambda o: workload(o, "django").template["metadata"].update(labels={"app": "django"}),
        wiring.selectors_meet_labels,
        "its selector does not pick its own pods",
    ),
    "a Service picks nobody": (
        lambda o: named(o, "Service", "django")["spec"].update(selector={"app": "web"}),
        wiring.selectors_meet_labels,
        "Service django",
    ),
    "a policy picks nobody": (
        lambda o: named(o, "NetworkPolicy", "pooler")["spec"]["podSelector"]["matchLabels"].update(
            application="pgbouncer"
        ),
        wiring.selectors_meet_labels,
        "NetworkPolicy pooler",
    ),
    "a budget is dropped": (
        lambda o: _drop(o, "PodDisruptionBudget", "worker"),
        wiring.selectors_meet_labels,
        "Deployment worker: no budget",
    ),
    "everything may be on one node": (
        lambda o: workload(o, "django").spec.pop("topologySpreadConstraints"),
        wiring.selectors_meet_labels,
        "on one node",
    ),
    "a monitor asks a port that is not": (
        lambda o: named(o, "ServiceMonitor", "django")["spec"]["endpoints"][0].update(
            port="metrics"
        ),
        wiring.selectors_meet_labels,
        "no Service has metrics",
    ),
    "a pod monitor asks a port that is not": (
        lambda o: named(o, "PodMonitor", "worker")["spec"]["podMetricsEndpoints"][0].update(
            port="x"
        ),
        wiring.selectors_meet_labels,
        "no pod has x",
    ),
    "a ConfigMap is made by nobody": (
        lambda o: workload(o, "django").spec["volumes"][2]["configMap"].update(name="postgres-ca"),
        wiring.references_lead_somewhere,
        "ConfigMap postgres-ca",
    ),
    "a Secret is made by nobody": (
        lambda o: workload(o, "worker").spec["volumes"][0]["secret"].update(secretName="db"),
        wiring.references_lead_somewhere,
        "Secret db",
    ),
    "an account is made by nobody": (
        lambda o: _drop(o, "ServiceAccount", "worker"),
        wiring.references_lead_somewhere,
        "ServiceAccount worker",
    ),
    "what scales is not there": (
        lambda o: named(o, "HorizontalPodAutoscaler", "django")["spec"]["scaleTargetRef"].update(
            name="web"
        ),
        wiring.references_lead_somewhere,
        "Deployment web",
    ),
    "a volume is not there": (
        lambda o: workload(o, "django").spec["volumes"].pop(),
        wiring.references_lead_somewhere,
        "volume tmp",
    ),
    "the link is plaintext": (
        lambda o: _config(o).update({"DB_SSLMODE": "".join(("dis", "able"))}),
        wiring.links_are_verified,
        "not verify-full",
    ),
    "the link says nothing of TLS": (
        lambda o: _config(o).pop("DB_SSLMODE"),
        wiring.links_are_verified,
        "DB_SSLMODE is None",
    ),
    "a job's link is weaker": (
        lambda o: _container(o, "database-roles")["env"].remove(
            {"name": "PGSSLMODE", "value": "verify-full"}
        ),
        wiring.links_are_verified,
        "PGSSLMODE is None",
    ),
    "the authority is not mounted": (
        lambda o: _container(o, "worker")["volumeMounts"].pop(2),
        wiring.links_are_verified,
        "where nothing is mounted",
    ),
    "an impostor is let in": (
        lambda o: _config(o).update(DB_ALLOW_UNVERIFIED_TLS="1"),
        wiring.links_are_verified,
        "impostor",
    ),
    "the site serves as the owner": (
        lambda o: (
            workload(o, "django")
            .spec["volumes"][0]["secret"]
            .update(secretName="jewelry-owner.jewelry-shop-db.credentials.postgresql.acid.zalan.do")
        ),
        wiring.programs_log_in_as_they_should,
        "Deployment django: does not log in as jewelry-app",
    ),
    "the worker goes through the pooler": (
        lambda o: _container(o, "worker")["env"].append({"name": "USE_PGBOUNCER", "value": "1"}),
        wiring.programs_log_in_as_they_should,
        "Deployment worker",
    ),
    "the world reads how healthy we are": (
        lambda o: named(o, "Ingress", "django")["spec"]["rules"][0]["http"]["paths"].pop(0),
        wiring.the_world_asks_only_for_pages,
        "/health/detailed/ leads to Deployment django:8000",
    ),
    "the world reads metrics": (
        lambda o: named(o, "Service", "closed")["spec"]["ports"][0].update(targetPort="probe"),
        wiring.the_world_asks_only_for_pages,
        "/metrics leads to Deployment django:8081",
    ),
    "the site does not answer to its host": (
        lambda o: _config(o).update(ALLOWED_HOSTS="other.example"),
        wiring.the_world_asks_only_for_pages,
        "other.example",
    ),
    "a name is missing": (
        lambda o: named(o, "Certificate", "jewelry-shop-db-tls")["spec"]["dnsNames"].remove(
            "jewelry-shop-db-pooler"
        ),
        wiring.certificates_carry_every_name,
        "jewelry-shop-db-pooler",
    ),
    "a committed sale may be lost": (
        lambda o: _database(o)["patroni"].update(synchronous_mode=False),
        cluster.the_database_survives_its_primary,
        "primary's disk alone",
    ),
    "plaintext is let in": (
        lambda o: _database(o)["patroni"].update(pg_hba=["host all all all md5"]),
        cluster.the_database_speaks_verified_tls,
        "Spilo's whole list",
    ),
    "TLS is switched off": (
        lambda o: _database(o)["postgresql"]["parameters"].update(ssl="off"),
        cluster.the_database_speaks_verified_tls,
        "parameter about TLS",
    ),
    "the key cannot be read": (
        lambda o: _database(o).pop("spiloFSGroup"),
        cluster.the_database_speaks_verified_tls,
        "cannot read its key",
    ),
    "the pooler believes anybody": (
        lambda o: _database(o)["tls"].pop("caFile"),
        cluster.the_database_speaks_verified_tls,
        "no authority",
    ),
    "the serving role is a superuser": (
        lambda o: _database(o)["users"].update(jewelry_app=["superuser", "createdb"]),
        cluster.roles_are_not_privileged,
        "jewelry_app is superuser",
    ),
    "more connections than the server has": (
        lambda o: _database(o)["connectionPooler"].update(maxDBConnections=180),
        cluster.connections_fit,
        "connections",
    ),
    "each apply scales down": (
        lambda o: named(o, "Deployment", "django")["spec"].update(replicas=3),
        cluster.sites_grow_and_shrink,
        "each apply",
    ),
    "the quota is too small": (
        lambda o: named(o, "ResourceQuota", "jewelry-shop")["spec"]["hard"].update(pods="15"),
        cluster.everything_fits_into_the_quota,
        "pods",
    ),
    "a restore has no room": (
        lambda o: _database(o)["volume"].update(size="500Gi"),
        cluster.restores_have_room,
        "500Gi",
    ),
}


@pytest.mark.parametrize("what", BREAKS)
def test_a_break_is_named(what):
    how, policy, word = BREAKS[what]
    objects = render("production")
    how(objects)
    said = policy(objects)
    assert any(word in one for one in said), said


def test_the_queue_is_served_for_as_long_as_the_program_says():
    assert import_module("config.draining").QUEUE_WITHIN_S == pods.QUEUE_S


def test_no_policy_is_there_that_cannot_fail():
    tried = {policy for _, policy, _ in BREAKS.values()}
    assert set(POLICIES) <= tried, [one.__name__ for one in set(POLICIES) - tried]


def test_the_drill_cluster_probes_as_the_manifests_do():
    """A drill on a laptop says something of the cluster only with the cluster's own values."""
    for kind, name in (
        ("startupProbe", "STARTUP"),
        ("livenessProbe", "LIVE"),
        ("readinessProbe", "READY"),
    ):
        _, values = pods.PROBES[kind]
        fields = {
            "PERIOD_S": "periodSeconds",
            "TIMEOUT_S": "timeoutSeconds",
            "FAILURES": "failureThreshold",
        }
        drilled = {given: getattr(probes, f"{name}_{field}") for field, given in fields.items()}
        assert drilled == {given: values[given] for given in fields.values()}, kind
    assert pods.PROBES["readinessProbe"][1]["successThreshold"] == probes.READY_SUCCESSES
    assert (probes.LIVE, probes.READY) == ("/health/live/", "/health/ready/")
    objects = render("production")
    assert float(_config(objects)["DRAIN_SECONDS"]) == probes.DRAIN_S
    assert workload(objects, "django").spec["terminationGracePeriodSeconds"] == probes.GRACE_S
