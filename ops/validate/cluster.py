"""The cluster as kubectl shows it. Reads only: get, exec of commands that read, and kustomize."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ops.validate.claim import Unchecked

_ANSWER_WITHIN_S: Final = 60
_NOT_THERE: Final = ("(NotFound)", "not found")
DATABASE: Final = "jewelry-shop-db"
POOLER: Final = "jewelry-shop-db-pooler"
WEB, WORKER = "django", "worker"
_SPILO: Final = f"application=spilo,cluster-name={DATABASE}"
_POOLERS: Final = f"application=db-connection-pooler,connection-pooler={POOLER}"

Object = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A command that ran in a pod."""

    status: int
    said: str
    complained: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """One namespace of one cluster. Each question is one run of kubectl, bounded in time."""

    namespace: str
    context: str | None = None
    manifests: str | None = None
    kubectl: str = "kubectl"

    def get(self, kind: str, *, selector: str = "", name: str = "") -> list[Object]:
        """All objects of a kind, or the one of this name. Raises Unchecked when kubectl fails."""
        command = ["get", kind, *([name] if name else []), "-o", "json"]
        if selector:
            command += ["-l", selector]
        found = json.loads(self._run(command))
        return list(found["items"]) if "items" in found else [found]

    def exec(self, pod: str, command: Sequence[str], *, container: str = "") -> Ended:
        """Run a command in a pod and give what it said, whatever its status."""
        inside = ["-c", container] if container else []
        ended = self._start(["exec", pod, *inside, "--", *command])
        if ended.returncode != 0 and ended.stderr.startswith(("error:", "Error from server")):
            raise Unchecked(f"kubectl exec in {pod}: {_first_line(ended.stderr)}")
        return Ended(status=ended.returncode, said=ended.stdout, complained=ended.stderr)

    def rendered(self) -> list[Object]:
        """The objects of the manifests. Raises Unchecked when no folder was named."""
        if self.manifests is None:
            raise Unchecked(
                "Name the overlay that was applied: --manifests k8s/overlays/production"
            )
        rendered = self._run(["kustomize", self.manifests], placed=False)
        # kubectl turns YAML into JSON, so that nothing but Python is needed here.
        as_json = self._start(
            ["create", "--dry-run=client", "--validate=false", "-o", "json", "-f", "-"],
            sent=rendered,
        )
        if as_json.returncode != 0:
            raise Unchecked(f"The manifests do not read: {_first_line(as_json.stderr)}")
        return _documents(as_json.stdout)

    def pods_of(self, app: str) -> list[Object]:
        """The pods of one of our Deployments that are not on their way out."""
        return living(self.get("pods", selector=f"app.kubernetes.io/name={app}"))

    def database_pods(self) -> list[Object]:
        """PostgreSQL's pods."""
        return living(self.get("pods", selector=_SPILO))

    def pooler_pods(self) -> list[Object]:
        """PgBouncer's pods."""
        return living(self.get("pods", selector=_POOLERS))

    def one_pod_of(self, app: str) -> str:
        """The name of a ready pod of a Deployment. Raises Unchecked when there is none."""
        for pod in self.pods_of(app):
            if is_ready(pod):
                return name_of(pod)
        raise Unchecked(f"No pod of {app} is ready, so nothing can be asked from inside.")

    def primary(self) -> str:
        """The name of the primary's pod, as Patroni labelled it. Raises Unchecked without one."""
        for pod in self.database_pods():
            if pod["metadata"]["labels"].get("spilo-role") == "master":
                return name_of(pod)
        raise Unchecked("No pod of the database is labelled spilo-role=master.")

    def _run(self, command: Sequence[str], *, placed: bool = True) -> str:
        ended = self._start(command, placed=placed)
        if ended.returncode != 0:
            raise Unchecked(f"kubectl {command[0]}: {_first_line(ended.stderr)}")
        return ended.stdout

    def _start(
        self, command: Sequence[str], *, placed: bool = True, sent: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        where = ["--context", self.context] if self.context and placed else []
        where += ["--namespace", self.namespace] if placed else []
        try:
            return subprocess.run(  # noqa: S603 - kubectl, as the caller named it
                [self.kubectl, *where, *command],
                input=sent,
                stdin=None if sent is not None else subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_ANSWER_WITHIN_S,
                check=False,
            )
        except FileNotFoundError:
            raise Unchecked(
                f"{self.kubectl} is not on this machine: https://kubernetes.io/docs/tasks/tools/"
            ) from None
        except subprocess.TimeoutExpired:
            raise Unchecked(
                f"kubectl {command[0]} did not end within {_ANSWER_WITHIN_S} seconds."
            ) from None


def living(pods: Sequence[Object]) -> list[Object]:
    """Pods that are not ending and have not ended."""
    return [
        pod
        for pod in pods
        if "deletionTimestamp" not in pod["metadata"]
        and pod["status"].get("phase") not in ("Succeeded", "Failed")
    ]


def name_of(thing: Object) -> str:
    return str(thing["metadata"]["name"])


def is_ready(pod: Object) -> bool:
    """By the pod's own condition, which readiness gates are part of."""
    return condition(pod, "Ready") == "True"


def condition(thing: Object, kind: str) -> str:
    """`True`, `False`, `Unknown`, or nothing where there is no such condition."""
    for each in thing.get("status", {}).get("conditions", []):
        if each["type"] == kind:
            return str(each["status"])
    return ""


def _documents(text: str) -> list[Object]:
    """One JSON document after another, or a List of them."""
    decoder, at = json.JSONDecoder(), 0
    documents: list[Object] = []
    while at < len(text):
        document, at = decoder.raw_decode(text, at)
        documents += document["items"] if document.get("kind") == "List" else [document]
        while at < len(text) and text[at].isspace():
            at += 1
    return documents


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else "it failed and said nothing"
