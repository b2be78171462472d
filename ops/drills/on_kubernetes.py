"""A running cluster, broken by kubectl. Needs Python and kubectl, and nothing else.

It refuses a namespace that is not labelled for drills: `kubectl label namespace jewelry-shop
jewelry-shop/drills=allowed`. What cannot be done by kubectl (to hang a process, to fill a disk,
to end a certificate) it does not have; such a drill is named as not possible here.
"""

import csv
import io
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from ops.drills.cluster import (
    VERBOSE,
    Cannot,
    Cluster,
    Failed,
    Goods,
    Recorded,
    Seen,
    not_well,
)
from ops.drills.kubectl import PROBE, run_kubectl

LABEL: Final = "jewelry-shop/drills"
SHOP: Final = "drill"
DATABASE: Final = "jewelry-shop-db"
POOLER: Final = "jewelry-shop-db-pooler"
WEB: Final = "app.kubernetes.io/name=django"
SPILO: Final = f"application=spilo,cluster-name={DATABASE}"
POOLERS: Final = "application=db-connection-pooler,cluster-name=" + DATABASE
PRICE: Final = "100"
WITHIN_S: Final = 5.0
WHOLE_WITHIN_S: Final = 300
LOOK_EVERY_S: Final = 1.0

_SALES: Final = """
SELECT s.idempotency_key, s.code, string_agg(DISTINCT l.tag, ' '),
       (SELECT count(*) FROM ledger_entry e
         WHERE e.shop_id = s.shop_id AND e.what = 'sale' AND e.reference = s.code)
  FROM sales_sale s JOIN sales_saleline l ON l.sale_id = s.id AND l.shop_id = s.shop_id
 WHERE left(s.idempotency_key, {length}) = '{since}'
 GROUP BY s.id, s.shop_id, s.idempotency_key, s.code
"""
_IMBALANCE: Final = """
SELECT count(*) FROM (SELECT FROM ledger_posting
 GROUP BY shop_id, entry_id, commodity HAVING sum(amount) <> 0) AS uneven
"""
_TWICE: Final = """
SELECT count(*) FROM (SELECT FROM sales_saleline WHERE live
 GROUP BY shop_id, piece_id HAVING count(*) > 1) AS twice
"""

Kubectl = Callable[[Sequence[str], str | None], str]


class Kubernetes(Cluster):
    """One namespace of one cluster."""

    def __init__(
        self, *, context: str, namespace: str, site: str, kubectl: Kubectl | None = None
    ) -> None:
        self.name = f"the cluster {context}"
        self._where = ["--context", context, "--namespace", namespace]
        self._kubectl = kubectl or run_kubectl
        self._site = urlsplit(site)
        if not self._site.hostname:
            raise Cannot("Name the ingress of the cluster: --site https://shop.example.org")
        self._refuse_without_label(namespace)
        self._token = self._manage("create_api_token", "--shop", SHOP, "--member", SHOP).strip()
        self._tags: list[str] = []
        self._policy: str | None = None
        self._pooler_count = 0
        self._member_count = 0
        self._lock = threading.Lock()

    # Looking

    def goods(self) -> Goods:
        tls = self._site.scheme == "https"
        host, port = self._site.hostname or "", self._site.port or (443 if tls else 80)
        return Goods(host, port, tls, self._token, ("1",))

    def take_tag(self) -> str:
        with self._lock:
            return self._tags.pop()

    def stock_up(self, pieces: int) -> None:
        missing = pieces - len(self._tags)
        if missing <= 0:
            return
        lot = secrets.token_hex(3)
        tags = [f"D-{lot}-{number}" for number in range(missing)]
        file = io.StringIO()
        rows = csv.writer(file)
        # At a price of their own: a drill needs no rate of the day.
        rows.writerow(["tag", "name", "fixed_price", "cost"])
        rows.writerows([tag, "Drill", PRICE, "1"] for tag in tags)
        path = f"/tmp/drill-{lot}.csv"  # noqa: S108  # of the pod, which has it to itself
        pod = self._one(WEB)
        self._in_pod(pod, "sh", "-c", f"cat > {path}", sent=file.getvalue())
        command = ["import_pieces", "--shop", SHOP, "--member", SHOP, path]
        self._in_pod(pod, "python", "manage.py", *command)
        self._tags += tags

    def web(self) -> list[str]:
        return [_name(pod) for pod in self._living(WEB)]

    def probe(self, pod: str, path: str, *, timeout_s: float) -> Seen:
        begun = time.monotonic()
        try:
            status, took, _text = self._asked_inside(pod, path, timeout_s=timeout_s)
        except (Failed, ValueError):
            return Seen(None, time.monotonic() - begun)
        return Seen(status, took)

    def in_rotation(self) -> list[str]:
        return [_name(pod) for pod in self._living(WEB) if _is_ready(pod)]

    def restarts(self) -> int:
        return sum(
            int(container["restartCount"])
            for pod in self._living(WEB)
            for container in pod["status"].get("containerStatuses", [])
        )

    def primary(self) -> str | None:
        found = self._living(f"{SPILO},spilo-role=master")
        return _name(found[0]) if found and _is_ready(found[0]) else None

    def recorded(self, *, since: str) -> list[Recorded]:
        rows = self._sql(_SALES.format(length=len(since), since=since))
        return [
            Recorded(key, number, tuple(tags.split()), int(entries))
            for key, number, tags, entries in rows
        ]

    def imbalance(self) -> int:
        return int(self._sql(_IMBALANCE)[0][0])

    def sold_twice(self) -> int:
        return int(self._sql(_TWICE)[0][0])

    def health(self) -> list[str]:
        return not_well(self._asked_inside(self._any_web(), VERBOSE, timeout_s=WITHIN_S)[2])

    def doctor(self) -> list[str]:
        # Its status is that of what it found; what it says is what counts.
        command = "python manage.py doctor --json || true"
        said = json.loads(self._in_pod(self._any_web(), "sh", "-c", command))
        return [one["finding"] for one in said["links"] if one["finding"]]

    def versions(self) -> Mapping[str, str]:
        server = json.loads(self._ask("version", "-o", "json")).get("serverVersion", {})
        return {
            "Kubernetes": str(server.get("gitVersion", "unknown")),
            "PostgreSQL": self._sql("SHOW server_version")[0][0],
        }

    def wait_whole(self) -> None:
        self._ask("rollout", "status", "deployment/django", _timeout())
        self._ask("rollout", "status", f"deployment/{POOLER}", _timeout())
        self._ask("rollout", "status", f"statefulset/{DATABASE}", _timeout())
        self._until(lambda: self.primary() is not None, "a primary")

    # Breaking, and mending

    def kill_primary(self) -> str:
        return self._kill(self._one(f"{SPILO},spilo-role=master"))

    def switchover(self) -> str:
        pod = self._one(f"{SPILO},spilo-role=master")
        self._in_pod(pod, "patronictl", "switchover", "--force", container="postgres")
        self._until(lambda: self.primary() not in (None, pod), "another primary")
        return self.primary() or "nobody"

    def stop_database(self) -> None:
        self._member_count = self._scale(f"statefulset/{DATABASE}", 0)

    def mend_members(self) -> None:
        if self._member_count:
            self._scale(f"statefulset/{DATABASE}", self._member_count)
            self._member_count = 0

    def kill_pooler(self) -> str:
        return self._kill(self._one(POOLERS))

    def stop_poolers(self) -> None:
        self._pooler_count = self._scale(f"deployment/{POOLER}", 0)

    def mend_poolers(self) -> None:
        if self._pooler_count:
            self._scale(f"deployment/{POOLER}", self._pooler_count)
            self._pooler_count = 0

    def kill_web(self) -> str:
        return self._kill(self._one(WEB))

    def delete_web(self) -> str:
        pod = self._one(WEB)
        self._ask("delete", "pod", pod, _timeout())
        self._ask("rollout", "status", "deployment/django", _timeout())
        return pod

    def roll_web(self) -> None:
        self._ask("rollout", "restart", "deployment/django")
        self._ask("rollout", "status", "deployment/django", _timeout())

    def black_hole(self) -> None:
        # Policies only allow: without the pooler's own, the default that denies all is left.
        self._policy = self._ask("get", "networkpolicy", "pooler", "-o", "json")
        self._ask("delete", "networkpolicy", "pooler")

    def open_again(self) -> None:
        if self._policy is not None:
            policy = json.loads(self._policy)
            kept = {key: policy["metadata"].get(key) for key in ("name", "labels", "annotations")}
            policy["metadata"] = {key: value for key, value in kept.items() if value}
            self._ask("apply", "-f", "-", sent=json.dumps(policy))
            self._policy = None

    # kubectl

    def _refuse_without_label(self, namespace: str) -> None:
        found = json.loads(self._ask("get", "namespace", namespace, "-o", "json"))
        if found["metadata"].get("labels", {}).get(LABEL) != "allowed":
            raise Cannot(
                f"The namespace {namespace} is not meant to be broken. If it is:"
                f" kubectl label namespace {namespace} {LABEL}=allowed"
            )

    def _kill(self, pod: str) -> str:
        self._ask("delete", "pod", pod, "--grace-period=0", "--force")
        return pod

    def _scale(self, what: str, count: int) -> int:
        before = json.loads(self._ask("get", what, "-o", "json"))["spec"]["replicas"]
        self._ask("scale", what, f"--replicas={count}")
        return int(before)

    def _sql(self, statement: str, *, pod: str = "") -> list[list[str]]:
        pod = pod or self._one(f"{SPILO},spilo-role=master")
        command = ["psql", "-U", "postgres", "-d", "jewelry_shop", "-X", "-At", "-F", "\x1f"]
        said = self._in_pod(pod, *command, "-c", statement, container="postgres")
        return [line.split("\x1f") for line in said.splitlines()]

    def _manage(self, *command: str) -> str:
        return self._in_pod(self._one(WEB), "python", "manage.py", *command)

    def _in_pod(self, pod: str, *command: str, container: str = "", sent: str | None = None) -> str:
        inside = ["-c", container] if container else []
        stdin = ["-i"] if sent is not None else []
        return self._ask("exec", *stdin, pod, *inside, "--", *command, sent=sent)

    def _living(self, selector: str) -> list[dict[str, Any]]:
        found = json.loads(self._ask("get", "pods", "-l", selector, "-o", "json"))["items"]
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    def _any_web(self) -> str:
        """A web pod, ready or not: while the database is away none is."""
        pods = self.web()
        if not pods:
            raise Failed(f"There is no pod of {WEB}.")
        return pods[0]

    def _asked_inside(
        self, pod: str, path: str, *, timeout_s: float
    ) -> tuple[int | None, float, str]:
        """Status (None: no answer in time), seconds and text of one look at the probe port."""
        said = self._in_pod(pod, "python", "-c", PROBE, path, str(timeout_s))
        status, took, text = json.loads(said)
        return status, took, text

    def _one(self, selector: str) -> str:
        ready = [pod for pod in self._living(selector) if _is_ready(pod)]
        if not ready:
            raise Failed(f"No pod of {selector} is ready.")
        return _name(ready[0])

    def _until(self, fact: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + WHOLE_WITHIN_S
        while not fact():
            if time.monotonic() > deadline:
                raise Failed(f"There was not {what} within {WHOLE_WITHIN_S} seconds.")
            time.sleep(LOOK_EVERY_S)

    def _ask(self, *command: str, sent: str | None = None) -> str:
        return self._kubectl([*self._where, *command], sent)


def _timeout() -> str:
    return f"--timeout={WHOLE_WITHIN_S}s"


def _name(pod: dict[str, Any]) -> str:
    return str(pod["metadata"]["name"])


def _is_ready(pod: dict[str, Any]) -> bool:
    return any(
        one["type"] == "Ready" and one["status"] == "True"
        for one in pod["status"].get("conditions", [])
    )
