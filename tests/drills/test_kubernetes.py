"""The same drills by kubectl: what is asked of it, and what is refused."""

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ops.drills.cluster import Cannot, Failed
from ops.drills.failures import ALL
from ops.drills.kubectl import run_kubectl
from ops.drills.on_kubernetes import LABEL, Kubernetes
from ops.drills.run import Drill, perform

POD = {
    "metadata": {"name": "django-1", "labels": {}},
    "status": {
        "conditions": [{"type": "Ready", "status": "True"}],
        "containerStatuses": [{"restartCount": 2}],
    },
}
POLICY = {
    "kind": "NetworkPolicy",
    "metadata": {"name": "pooler", "resourceVersion": "7", "uid": "u", "labels": {"a": "b"}},
    "spec": {},
}


class Kubectl:
    """Answers as a cluster would, and keeps what it was asked."""

    def __init__(self, *, labels=None, rows="", ready="True", inside="a-token\n"):
        self.labels = {LABEL: "allowed"} if labels is None else labels
        self.rows, self.ready, self.inside = rows, ready, inside
        self.asked = []

    def __call__(self, command, sent):
        assert command[:4] == ["--context", "k", "--namespace", "jewelry-shop"]
        self.asked.append((command[4:], sent))
        match command[4:6]:
            case ["get", "namespace"]:
                return json.dumps({"metadata": {"labels": self.labels}})
            case ["get", "pods"]:
                status = POD["status"] | {"conditions": [{"type": "Ready", "status": self.ready}]}
                return json.dumps({"items": [POD | {"status": status}]})
            case ["get", "networkpolicy"]:
                return json.dumps(POLICY)
            case ["get", what] if what.startswith(("deployment/", "statefulset/")):
                return json.dumps({"spec": {"replicas": 2}})
            case ["exec", *_]:
                return self.rows if "psql" in command else self.inside
        return ""

    def said(self):
        return [" ".join(command) for command, _sent in self.asked]


def cluster(kubectl, site="https://shop.example.org"):
    return Kubernetes(context="k", namespace="jewelry-shop", site=site, kubectl=kubectl)


def test_a_namespace_that_is_not_labelled_for_drills_is_left_alone():
    kubectl = Kubectl(labels={})

    with pytest.raises(Cannot, match="kubectl label namespace jewelry-shop"):
        cluster(kubectl)

    assert len(kubectl.asked) == 1


def test_without_an_address_it_cannot_sell():
    with pytest.raises(Cannot, match="--site"):
        cluster(Kubectl(), site="")


def test_one_sells_at_the_ingress_with_a_key_of_the_drill_shop():
    goods = cluster(Kubectl()).goods()

    assert (goods.host, goods.port, goods.tls) == ("shop.example.org", 443, True)
    assert goods.token == "a-token"
    assert "a-token" not in repr(goods)


def test_pieces_are_taken_in_once_and_given_once():
    kubectl = Kubectl()
    made = cluster(kubectl)

    made.stock_up(3)
    made.stock_up(3)
    tags = {made.take_tag() for _ in range(3)}

    files = [sent for _command, sent in kubectl.asked if sent]
    assert len(tags) == 3
    assert len(files) == 1
    assert all(tag in files[0] for tag in tags)


def test_the_books_are_read_at_the_primary():
    kubectl = Kubectl(rows="k-1\x1f1-000001\x1fD-1\x1f1\n")

    (sale,) = cluster(kubectl).recorded(since="drill-")

    assert (sale.key, sale.number, sale.tags, sale.entries) == ("k-1", "1-000001", ("D-1",), 1)
    assert any("spilo-role=master" in one for one in kubectl.said())


@pytest.mark.parametrize("status", [200, 503])
def test_a_pod_is_asked_from_inside_by_its_own_python(status):
    """The API server's way to a pod may be closed by a policy, and kubectl waits as a 503 says."""
    kubectl = Kubectl()
    made = cluster(kubectl)
    kubectl.inside = json.dumps([status, 0.003, "{}"])

    seen = made.probe("django-1", "/health/ready/", timeout_s=1)

    assert seen.status == status
    assert seen.took_s < 0.01
    (command, _sent) = kubectl.asked[-1]
    assert command[:4] == ["exec", "django-1", "--", "python"]
    assert "/health/ready/" in command


@pytest.mark.enable_socket
@pytest.mark.parametrize("status", [200, 301, 503])
def test_what_runs_in_the_pod_tells_what_was_answered(status):
    """A redirect too, which is not followed; and nothing at all once nobody listens."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status if self.path == "/health/ready/" else 404)
            self.send_header("Location", "/elsewhere/")
            self.end_headers()

        def log_message(self, *_words):
            return

    server = HTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    kubectl = Kubectl()
    made = cluster(kubectl)
    environment = {"HEALTH_PORT": str(server.server_address[1])}

    def inside(command, sent):
        words = command[command.index("--") + 2 :]
        return subprocess.run(
            [sys.executable, *words], env=environment, capture_output=True, text=True, check=True
        ).stdout

    made._kubectl = inside
    assert made.probe("django-1", "/health/ready/", timeout_s=2).status == status
    server.shutdown()
    server.server_close()
    assert made.probe("django-1", "/health/ready/", timeout_s=2).status is None


def test_a_pod_without_an_answer_in_time_has_no_status():
    kubectl = Kubectl()
    made = cluster(kubectl)
    kubectl.inside = '[null, 1.0, ""]'

    assert made.probe("django-1", "/health/ready/", timeout_s=1).status is None


def test_a_pod_that_cannot_be_entered_has_no_status():
    kubectl = Kubectl()
    made = cluster(kubectl)

    def gone(command, sent):
        raise Failed("kubectl exec: pods django-1 not found")

    made._kubectl = gone
    assert made.probe("django-1", "/health/live/", timeout_s=1).status is None


def test_what_health_says_is_read_while_no_pod_is_ready():
    kubectl = Kubectl()
    made = cluster(kubectl)
    kubectl.ready = "False"
    text = "[+]startup ok\n[-]database failed: expired\n[~]queue degraded: stale\nreadyz failed\n"
    kubectl.inside = json.dumps([503, 0.01, text])

    assert made.health() == ["database failed: expired", "queue degraded: stale"]


def test_the_doctor_is_asked_while_no_pod_is_ready():
    """That is when it is asked: the database is away."""
    kubectl = Kubectl()
    made = cluster(kubectl)
    kubectl.ready = "False"
    kubectl.inside = json.dumps({"links": [{"finding": "tls.silent"}, {"finding": None}]})

    assert made.doctor() == ["tls.silent"]


def test_what_goes_wrong_once_it_is_broken_is_no_leave(monkeypatch):
    """`not here` is neither a pass nor a miss, so it is for what was never begun."""
    kubectl = Kubectl()
    made = cluster(kubectl)

    def body(there, run):
        there.kill_web()

    monkeypatch.setattr("ops.drills.run._perform", lambda drill, there, result, say: body(there, 0))
    kubectl.ready = "False"
    result = perform(
        Drill(name="made-up", claim="It holds.", page="A page.", needs=("kill_web",), body=body,
              mend=None),
        Whole(made), say=lambda what: None,
    )  # fmt: skip

    assert result.outcome == "broken"
    assert "ready" in result.why


class Whole:
    """A cluster that is whole and has goods enough, whatever else it says."""

    def __new__(cls, made):
        made.stock_up = lambda pieces: None
        made.wait_whole = lambda: None
        return made


def test_a_kubectl_that_fails_or_hangs_is_a_failure(tmp_path, monkeypatch):
    program = tmp_path / "kubectl"
    program.write_text("#!/bin/sh\necho Unable to connect >&2; exit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(Failed, match="kubectl get: Unable to connect"):
        run_kubectl(["--context", "k", "--namespace", "n", "get", "pods"], None)
    program.write_text("#!/bin/sh\nexec sleep 30\n")
    monkeypatch.setattr("ops.drills.kubectl.WITHIN_S", 0.2)
    with pytest.raises(Failed, match="did not end within"):
        run_kubectl(["--context", "k", "--namespace", "n", "get", "pods"], None)


def test_a_policy_that_was_taken_away_is_put_back_without_what_the_server_wrote():
    kubectl = Kubectl()
    made = cluster(kubectl)

    made.black_hole()
    made.open_again()
    made.open_again()

    applied = [json.loads(sent) for command, sent in kubectl.asked if command[0] == "apply"]
    assert len(applied) == 1
    assert applied[0]["metadata"] == {"name": "pooler", "labels": {"a": "b"}}
    assert applied[0]["kind"] == "NetworkPolicy"


def test_what_was_scaled_to_nothing_gets_its_number_back():
    kubectl = Kubectl()
    made = cluster(kubectl)

    made.stop_poolers()
    made.mend_poolers()
    made.mend_poolers()

    scaled = [one for one in kubectl.said() if one.startswith("scale")]
    assert [one.rpartition("=")[2] for one in scaled] == ["0", "2"]


def test_a_drill_that_kubectl_cannot_do_is_named_and_touches_nothing():
    kubectl = Kubectl()
    made = cluster(kubectl)
    asked = len(kubectl.asked)
    (freeze,) = (drill for drill in ALL if drill.name == "freeze-primary")

    result = perform(freeze, made, say=lambda what: None)

    assert result.outcome == "not here"
    assert "freeze primary" in result.why
    assert len(kubectl.asked) == asked
