"""A whole cluster on this machine: k3d, cert-manager, the operator, the shop's two images.

    python -m local.k3d           make k3d: creates what is missing, brings everything up to date
    python -m local.k3d --delete  takes the cluster away, data and all

Each step may be run again, and changes nothing that is right already. k3d runs Kubernetes in
containers, so an engine is needed; everything else in this repository does without one.
"""

import base64
import json
import secrets
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from local.output import announce
from local.place import CHECKOUT
from local.problem import Problem, told_in_one_sentence

CLUSTER, NAMESPACE = "jewelry-shop", "jewelry-shop"
CONTEXT = f"k3d-{CLUSTER}"
HTTP_PORT, HTTPS_PORT = 8080, 8443
OVERLAY = "k8s/overlays/k3d"
K3S_IMAGE = "rancher/k3s:v1.33.5-k3s1"
CERT_MANAGER = (
    "https://github.com/cert-manager/cert-manager/releases/download/v1.21.1/cert-manager.yaml"
)
# What each is called, and the folder it is built from.
IMAGES = (("jewelry-shop:0.1.0", "."), ("jewelry-shop-pooler:0.1.0", "docker/pgbouncer"))
# The keys of `app-secrets`, as the manifests name them.
SECRETS = ("secret-key", "identity-key", "health-token")
# A database of three on a laptop, from nothing.
DATABASE_WITHIN_S = 900
WITHIN_S = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program from outside, and how to get it."""

    name: str
    page: str
    asked: tuple[str, ...]


PROGRAMS = (
    Program(name="docker", page="https://docs.docker.com/engine/install/", asked=("info",)),
    Program(name="k3d", page="https://k3d.io/#installation", asked=("version",)),
    Program(
        name="kubectl",
        page="https://kubernetes.io/docs/tasks/tools/",
        asked=("version", "--client"),
    ),
    Program(name="git", page="https://git-scm.com/downloads", asked=("--version",)),
)


def main(arguments: list[str]) -> None:
    """Bring the cluster up, or with --delete take it away."""
    if arguments == ["--delete"]:
        demand(PROGRAMS[:2])
        run("k3d", "cluster", "delete", CLUSTER)
        return
    demand(PROGRAMS)
    create_cluster()
    build_images()
    install_operators()
    make_secrets()
    deploy()
    announce(
        "ready", f"https://localhost:{HTTPS_PORT}/ (its certificate is its own: accept it once)"
    )
    announce("", "found a shop: docs/howto/operate-on-kubernetes.md#sell-for-the-first-time")


def demand(programs: Sequence[Program]) -> None:
    """Raise Problem that names every program that is missing or does not answer."""
    missing = []
    for program in programs:
        if shutil.which(program.name) is None:
            missing.append(f"{program.name} is not installed: {program.page}")
        elif _ended(program.name, *program.asked).returncode != 0:
            missing.append(f"{program.name} does not answer; is it running? {program.page}")
    if missing:
        raise Problem("A cluster cannot be made here. " + " ".join(missing))


def create_cluster() -> None:
    """One server and two agents, so that there is a node to lose; started if it was stopped."""
    if any(
        one["name"] == CLUSTER for one in json.loads(said("k3d", "cluster", "list", "-o", "json"))
    ):
        announce("cluster", f"{CLUSTER} is there")
        run("k3d", "cluster", "start", CLUSTER, "--wait")
        return
    announce("cluster", f"{CLUSTER}: one server, two agents")
    run(
        *("k3d", "cluster", "create", CLUSTER, "--image", K3S_IMAGE),
        *("--servers", "1", "--agents", "2", "--wait", "--timeout", f"{WITHIN_S}s"),
        *("--port", f"127.0.0.1:{HTTP_PORT}:80@loadbalancer"),
        *("--port", f"127.0.0.1:{HTTPS_PORT}:443@loadbalancer"),
    )


def build_images() -> None:
    """Build both images and hand them to the cluster's nodes."""
    for image, folder in IMAGES:
        announce("image", image)
        run("docker", "build", "--tag", image, folder)
    run("k3d", "image", "import", "--cluster", CLUSTER, *(image for image, _ in IMAGES))


def install_operators() -> None:
    """cert-manager and the database's operator, at the versions the manifests are written for."""
    announce("operators", "cert-manager v1.21.1, postgres-operator v2.0.1")
    kubectl("apply", "--server-side", "--force-conflicts", "--filename", CERT_MANAGER)
    for deployment in ("cert-manager", "cert-manager-webhook", "cert-manager-cainjector"):
        wait_for_rollout(f"deployment/{deployment}", namespace="cert-manager")
    kubectl("apply", "--server-side", "--force-conflicts", "--kustomize", "k8s/operator")
    wait_for_rollout("deployment/postgres-operator", namespace="postgres-operator")
    definition = "crd/postgresqls.acid.zalan.do"
    # The operator brings its definition itself, a moment after it has started.
    kubectl("wait", "--for=create", definition, f"--timeout={WITHIN_S}s")
    kubectl("wait", "--for=condition=Established", definition, f"--timeout={WITHIN_S}s")


def make_secrets() -> None:
    """The shop's own secrets, each made once and kept: another key would sign everybody out."""
    kubectl("apply", "--filename", "k8s/base/namespace.yaml")
    asked = _in_namespace("get", "secret", "app-secrets", "--ignore-not-found", "--output", "json")
    found = said(*asked)
    data: dict[str, str] = json.loads(found)["data"] if found.strip() else {}
    missing = [name for name in SECRETS if name not in data]
    if not missing:
        announce("secrets", "app-secrets is there")
        return
    announce("secrets", f"app-secrets: {', '.join(missing)}")
    for name in missing:
        data[name] = base64.b64encode(secrets.token_urlsafe(48).encode()).decode()
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "app-secrets", "namespace": NAMESPACE},
        "data": data,
    }
    # Over standard input: a command line is seen by every user of the machine.
    kubectl("apply", "--filename", "-", standard_input=json.dumps(secret))


def deploy() -> None:
    """Apply the overlay and wait until the site is ready."""
    announce("shop", OVERLAY)
    # A Job cannot be changed, and each deployment is to run it.
    in_namespace("delete", "job", "migrate", "database-roles", "--ignore-not-found", "--wait")
    kubectl("apply", "--kustomize", OVERLAY)
    in_namespace("wait", "--for=create", "secret/jewelry-shop-db-ca", f"--timeout={WITHIN_S}s")
    # Not to wait for its next turn: pods start when the bundle is there.
    bundle = _in_namespace("get", "configmap", "jewelry-shop-db-ca", "--ignore-not-found")
    if not said(*bundle).strip():
        in_namespace("delete", "job", "ca-bundle-first", "--ignore-not-found", "--wait")
        in_namespace("create", "job", "ca-bundle-first", "--from=cronjob/ca-bundle")
    announce("database", "three of them, from nothing; this takes some minutes")
    in_namespace(
        "wait", "--for=jsonpath={.status.PostgresClusterStatus}=Running",
        "postgresql/jewelry-shop-db", f"--timeout={DATABASE_WITHIN_S}s",
    )  # fmt: skip
    for job in ("database-roles", "migrate"):
        in_namespace("wait", "--for=condition=Complete", f"job/{job}", f"--timeout={WITHIN_S}s")
    # An image that was built anew has the tag of the old one, so nothing else would start it.
    in_namespace("rollout", "restart", "deployment/django", "deployment/worker")
    for deployment in ("django", "worker", "jewelry-shop-db-pooler"):
        wait_for_rollout(f"deployment/{deployment}", namespace=NAMESPACE)


def wait_for_rollout(what: str, *, namespace: str) -> None:
    kubectl("--namespace", namespace, "rollout", "status", what, f"--timeout={WITHIN_S}s")


def kubectl(*arguments: str, standard_input: str | None = None) -> None:
    """Always this cluster's: whatever else the person's kubectl points at is left alone."""
    run("kubectl", "--context", CONTEXT, *arguments, standard_input=standard_input)


def in_namespace(*arguments: str) -> None:
    run(*_in_namespace(*arguments))


def _in_namespace(*arguments: str) -> tuple[str, ...]:
    return ("kubectl", "--context", CONTEXT, "--namespace", NAMESPACE, *arguments)


def run(*command: str, standard_input: str | None = None) -> None:
    """Run a command in sight. Raises Problem when it fails; what it said stands above."""
    ended = subprocess.run(command, cwd=CHECKOUT, input=standard_input, text=True, check=False)
    if ended.returncode != 0:
        raise Problem(
            f"`{' '.join(command)}` ended with {ended.returncode}; the lines above tell why."
            " Every step may be run again: make k3d"
        )


def said(*command: str) -> str:
    """What a command prints. Raises Problem when it fails."""
    ended = _ended(*command)
    if ended.returncode != 0:
        raise Problem(
            f"`{' '.join(command)}` ended with {ended.returncode}: {ended.stderr.strip()}"
        )
    return ended.stdout


def _ended(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=CHECKOUT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


if __name__ == "__main__":
    with told_in_one_sentence():
        main(sys.argv[1:])
