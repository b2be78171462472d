"""Every claim holds of a healthy cluster, and breaks, by name, when that which it claims does."""

import json
import os
import socket
import stat
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from local.place import CHECKOUT
from ops.validate.claims import ALL
from tests.ops.validate.clusters import NOW, deployment, doctor, healthy, pod, says, written


@pytest.fixture
def validate(tmp_path):
    """Run the program on a cluster written down; gives its status and its JSON."""
    kubectl = tmp_path / "kubectl"
    inner = Path(__file__).with_name("kubectl.py")
    kubectl.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{inner}" "$@"\n')
    kubectl.chmod(kubectl.stat().st_mode | stat.S_IXUSR)

    def run(cluster, *arguments, program=kubectl):
        written_down = tmp_path / "cluster.json"
        written_down.write_text(json.dumps(cluster))
        ended = subprocess.run(
            [
                sys.executable, "-m", "ops.validate", "--kubectl", str(program),
                "--manifests", "k8s/overlays/production", "--json", *arguments,
            ],
            env=os.environ | {"FAKE_CLUSTER": str(written_down)},
            cwd=CHECKOUT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        said = json.loads(ended.stdout) if ended.stdout else {"error": ended.stderr}
        return ended.returncode, said

    return run


def verdicts(said):
    return {one["name"]: one["verdict"] for one in said["claims"]}


def test_every_claim_holds_of_a_healthy_cluster(validate):
    status, said = validate(healthy())
    broken = [one for one in said["claims"] if one["verdict"] != "holds"]
    assert not broken, broken
    assert status == 0
    assert said["holds"]
    assert len(said["claims"]) == len(ALL)
    assert all(one["evidence"] for one in said["claims"]), "a claim without evidence proves nothing"


def _edit_doctor(app, stage, **given):
    def edit(cluster):
        link = doctor("pooler")
        next(one for one in link["stages"] if one["stage"] == stage).update(given)
        for name, inside in cluster["pods"].items():
            if name.startswith(app):
                inside["commands"]["doctor --all"] = [1, says([link])]

    return edit


def _pods(cluster):
    return {one["metadata"]["name"]: one for one in cluster["objects"]["pods"]}


def not_ready(cluster):
    _pods(cluster)["django-1"]["status"]["conditions"][0]["status"] = "False"


def restarted(cluster):
    _pods(cluster)["worker-0"]["status"]["containerStatuses"][0].update(
        restartCount=3,
        lastState={"terminated": {"reason": "OOMKilled", "finishedAt": written(NOW)}},
    )


def crash_looping(cluster):
    _pods(cluster)["worker-0"]["status"]["containerStatuses"][0]["state"] = {
        "waiting": {"reason": "CrashLoopBackOff"}
    }


def no_worker(cluster):
    cluster["objects"]["pods"] = [
        one
        for one in cluster["objects"]["pods"]
        if not one["metadata"]["name"].startswith("worker")
    ]


def other_probe(cluster):
    container = cluster["objects"]["deployments"][0]["spec"]["template"]["spec"]["containers"][0]
    container["readinessProbe"]["successThreshold"] = 1


def no_probe(cluster):
    for deployments in (cluster["objects"]["deployments"], cluster["manifests"]):
        del deployments[1]["spec"]["template"]["spec"]["containers"][0]["livenessProbe"]


def not_deployed(cluster):
    cluster["manifests"].append(deployment("reports"))


def redirected_probe(cluster):
    cluster["objects"]["events"] = [
        {"reason": "ProbeWarning", "involvedObject": {"name": "django-0"}}
    ]


def redirecting_answer(cluster):
    said = {name: [301, None, []] for name in ("live", "startup", "ready", "detailed")}
    cluster["pods"]["django-2"]["commands"]["/health/"] = [0, json.dumps(said)]


def unverified(cluster):
    link = doctor("pooler")
    link["target"]["sslmode"] = "require"
    cluster["pods"]["django-0"]["commands"]["doctor --all"] = [0, says([link])]


def stock_pooler(cluster):
    cluster["pods"]["pooler-1"]["commands"]["pgbouncer.ini"] = [0, "server_tls_sslmode = require\n"]


def plaintext_let_in(cluster):
    cluster["pods"]["worker-0"]["commands"]["196608"] = [0, json.dumps(["db", "R", []])]


def certificate_ending(cluster):
    kept = cluster["objects"]["certificates.cert-manager.io"][0]
    kept["status"]["notAfter"] = written(NOW + timedelta(days=20, hours=1))


def certificate_failing(cluster):
    kept = cluster["objects"]["certificates.cert-manager.io"][0]
    kept["status"]["conditions"][0]["status"] = "False"


def two_versions(cluster):
    _pods(cluster)["django-2"]["spec"]["containers"][0]["image"] = "jewelry-shop:0.0.9"


def _members(cluster, change):
    commands = cluster["pods"]["jewelry-shop-db-0"]["commands"]
    rows = json.loads(commands["patronictl"][1])
    change(rows)
    commands["patronictl"] = [0, json.dumps(rows)]


def lagging(cluster):
    _members(cluster, lambda rows: rows[2].update({"Lag in MB": 900}))


def lag_unknown(cluster):
    _members(cluster, lambda rows: rows[2].update({"Lag in MB": "unknown"}))


def two_leaders(cluster):
    _members(cluster, lambda rows: rows[1].update({"Role": "Leader"}))


def nobody_synchronous(cluster):
    _members(cluster, lambda rows: rows[1].update({"Role": "Replica"}))


def member_missing(cluster):
    _members(cluster, lambda rows: rows.pop())


def no_backup(cluster):
    del cluster["objects"]["cronjobs"][0]


def old_backup(cluster):
    cluster["objects"]["cronjobs"][0]["status"]["lastSuccessfulTime"] = written(
        NOW - timedelta(hours=31)
    )


def never_restored(cluster):
    cluster["objects"]["cronjobs"][2]["status"] = {}


def backups_suspended(cluster):
    cluster["objects"]["cronjobs"][1]["spec"]["suspend"] = True


def routed_though_not_ready(cluster):
    not_ready(cluster)


def ready_though_not_routed(cluster):
    cluster["objects"]["endpointslices"][0]["endpoints"].pop()


def _knock(cluster, app, way, said):
    for name, inside in cluster["pods"].items():
        if name.startswith(app):
            command = "create_connection((host, port), timeout=4)"
            found = json.loads(inside["commands"][command][1]) | {way: said}
            inside["commands"][command] = [0, json.dumps(found)]


def policy_not_enforced(cluster):
    _knock(cluster, "django", "10.0.1.0:5432", "open")


def patroni_open(cluster):
    _knock(cluster, "worker", "10.0.1.0:8008", "open")


def needed_way_closed(cluster):
    _knock(cluster, "django", "jewelry-shop-db-pooler:5432", "TimeoutError")


def forbidden_name_unknown(cluster):
    _knock(cluster, "worker", "django:80", "gaierror")


def no_metrics(cluster):
    cluster["objects"]["horizontalpodautoscalers"][0]["status"]["currentMetrics"] = None


def scaling_inactive(cluster):
    status = cluster["objects"]["horizontalpodautoscalers"][0]["status"]
    status["conditions"][0]["status"] = "False"


BREAKS = [
    ("pods", not_ready, "django-1: not ready"),
    ("pods", restarted, "restarted after OOMKilled"),
    ("pods", crash_looping, "CrashLoopBackOff"),
    ("pods", no_worker, "worker: no pod at all"),
    ("probes", other_probe, "django: readinessProbe"),
    ("probes", no_probe, "worker: livenessProbe is none"),
    ("probes", not_deployed, "reports: in the manifests"),
    ("probes", redirected_probe, "redirect"),
    ("probe-answers", redirecting_answer, "django-2: /health/ready/ 301"),
    ("database-link", unverified, "sslmode require"),
    ("database-link", stock_pooler, "pooler-1: server_tls_sslmode = require"),
    ("database-link", _edit_doctor("django", "chain", status="fail", finding="chain.untrusted"),
     "chain.untrusted"),
    ("plaintext", plaintext_let_in, "worker-0"),
    ("serving-role", _edit_doctor("worker", "role", status="warn", finding="role.can-create"),
     "role.can-create"),
    ("serving-role", _edit_doctor("django", "rls", status="fail", finding="rls.off"), "rls.off"),
    ("certificates", certificate_ending, "20 days left"),
    ("certificates", certificate_failing, "61 days left"),
    ("certificates", _edit_doctor("django", "certificate-days", status="warn"), "certificate-days"),
    ("schema", _edit_doctor("worker", "schema", status="fail", finding="schema.behind"),
     "schema.behind"),
    ("schema", two_versions, "two versions"),
    ("replicas", lagging, "lag 900 MB"),
    ("replicas", lag_unknown, "lag unknown MB"),
    ("replicas", two_leaders, "2 leader"),
    ("replicas", nobody_synchronous, "synchronous: none"),
    ("replicas", member_missing, "2 members of 3"),
    ("backups", no_backup, "there is no such CronJob"),
    ("backups", old_backup, "31 hours ago"),
    ("backups", never_restored, "never succeeded"),
    ("backups", backups_suspended, "suspended"),
    ("endpoints", routed_though_not_ready, "django-1: routed to, and not ready"),
    ("endpoints", ready_though_not_routed, "django-2: ready, and nothing is routed"),
    ("network", policy_not_enforced, "10.0.1.0:5432: open, and it is forbidden"),
    ("network", patroni_open, "10.0.1.0:8008: open"),
    ("network", needed_way_closed, "and it is needed"),
    ("network", forbidden_name_unknown, "gaierror"),
    ("autoscaling", no_metrics, "cpu not measured"),
    ("autoscaling", scaling_inactive, "scaling active: False"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("claim", "edit", "told"), BREAKS, ids=[f"{c}-{getattr(e, '__name__', n)}" for n, (c, e, _)
                                            in enumerate(BREAKS)],
)  # fmt: skip
def test_what_is_broken_is_named(validate, claim, edit, told):
    cluster = healthy()
    edit(cluster)

    status, said = validate(cluster, claim)

    (one,) = said["claims"]
    assert status == 1
    assert one["verdict"] == "broken", one
    assert any(told in line for line in one["against"]), one["against"]


def test_every_claim_has_a_way_to_break():
    assert {claim for claim, *_ in BREAKS} == {claim.name for claim in ALL}


def test_no_api_server_is_no_pass(validate):
    status, said = validate({"objects": {}, "pods": {}, "manifests": []})
    assert status == 1
    assert set(verdicts(said).values()) == {"unchecked"}
    assert all(one["unchecked"] for one in said["claims"])


def test_no_kubectl_is_said_with_where_to_get_it(validate, tmp_path):
    status, said = validate(healthy(), "pods", program=tmp_path / "kubectl-that-is-not")
    assert status == 1
    assert "not on this machine" in said["claims"][0]["unchecked"]


def test_a_pod_that_cannot_be_entered_is_no_pass(validate):
    cluster = healthy()
    for inside in cluster["pods"].values():
        inside["unreachable"] = "container not found"
    _, said = validate(cluster, "network", "plaintext", "replicas")
    assert set(verdicts(said).values()) == {"unchecked"}


def test_plaintext_refused_for_another_reason_is_no_pass(validate):
    """It says nothing of TLS: once there is room, the same knock may be let in."""
    cluster = healthy()
    full = ["db", "E", ["SFATAL", "C53300", "Msorry, too many clients already"]]
    cluster["pods"]["worker-0"]["commands"]["196608"] = [0, json.dumps(full)]
    status, said = validate(cluster, "plaintext")
    assert (status, verdicts(said)) == (1, {"plaintext": "unchecked"})
    assert "too many clients" in said["claims"][0]["unchecked"]


def test_a_claim_half_looked_at_and_broken_is_broken(validate):
    cluster = healthy()
    not_ready(cluster)
    del _pods(cluster)["jewelry-shop-db-2"]["status"]["containerStatuses"][0]["restartCount"]
    _, said = validate(cluster, "pods")
    assert verdicts(said) == {"pods": "broken"}
    assert "could not be read" in said["claims"][0]["unchecked"]


def test_an_unknown_claim_is_misuse(validate):
    status, said = validate(healthy(), "everything")
    assert status == 2
    assert "no claim is called everything" in said["error"]


def test_a_terminating_pod_and_a_finished_job_are_no_fault(validate):
    cluster = healthy()
    gone = pod("django-old", {"app.kubernetes.io/name": "django"})
    gone["metadata"]["deletionTimestamp"] = written(NOW)
    gone["status"]["conditions"][0]["status"] = "False"
    done = pod("migrate-1", {}, phase="Succeeded")
    done["status"]["conditions"][0]["status"] = "False"
    cluster["objects"]["pods"] += [gone, done]
    assert validate(cluster, "pods", "endpoints")[0] == 0


def test_reports_to_keep(validate, tmp_path):
    cluster = healthy()
    two_leaders(cluster)
    del cluster["objects"]["cronjobs"]
    junit, markdown = tmp_path / "junit.xml", tmp_path / "report.md"

    status, _ = validate(cluster, "--junit", str(junit), "--markdown", str(markdown))

    assert status == 1
    suite = ET.parse(junit).getroot()  # noqa: S314 - our own file
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == (
        str(len(ALL)), "1", "1",
    )  # fmt: skip
    assert suite.find("testcase[@name='replicas']/failure") is not None
    assert suite.find("testcase[@name='backups']/error") is not None
    report = markdown.read_text()
    assert "## replicas: broken" in report
    assert "## backups: unchecked" in report
    assert "**against:** 2 leader" in report


# -- the looks that run inside pods, run for real ---------------------------------------------


@contextmanager
def answering(statuses):
    """A probe port whose answers are given by path."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status = statuses[self.path.split("/")[2]]
            body = json.dumps({"status": "pass" if status == 200 else "fail"}).encode()
            self.send_response(status)
            if status == 301:
                self.send_header("Location", "/health/live/")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _with_real_probes(cluster, port):
    for name, inside in cluster["pods"].items():
        if name.startswith(("django", "worker")):
            del inside["commands"]["/health/"]
            inside["environment"] = {"HEALTH_PORT": str(port)}


@pytest.mark.parametrize(("ready", "verdict"), [(200, "holds"), (503, "broken"), (301, "broken")])
def test_probes_are_really_asked(validate, ready, verdict):
    cluster = healthy()
    statuses = {"live": 200, "startup": 200, "detailed": 200, "ready": ready}
    with answering(statuses) as port:
        _with_real_probes(cluster, port)
        _, said = validate(cluster, "probe-answers")
    assert verdicts(said) == {"probe-answers": verdict}, said


def test_nobody_at_the_probe_port_is_broken(validate):
    cluster = healthy()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        _with_real_probes(cluster, free.getsockname()[1])
        _, said = validate(cluster, "probe-answers")
    assert verdicts(said) == {"probe-answers": "broken"}
    assert "ConnectionRefusedError" in said["claims"][0]["against"][0]


def test_the_database_of_the_tests_refuses_plaintext(validate, settings):
    """The knock of the claim, at a real server that takes TLS alone."""
    cluster = healthy()
    database = settings.DATABASES["default"]
    for inside in cluster["pods"].values():
        inside.get("commands", {}).pop("196608", None)
        inside["environment"] = {
            "POSTGRES_HOST": "127.0.0.1",
            "POSTGRES_PORT": str(database["PORT"]),
        }
    _, said = validate(cluster, "plaintext")
    assert verdicts(said) == {"plaintext": "holds"}, said
    assert "no encryption" in said["claims"][0]["evidence"][0]


def test_a_server_that_asks_for_a_password_without_tls_is_broken(validate):
    """It would take it in the clear."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            for _ in range(2):
                link, _ = server.accept()
                with link:
                    link.recv(500)
                    link.sendall(b"R\0\0\0\x0c\0\0\0\x05salt")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        cluster = healthy()
        for inside in cluster["pods"].values():
            inside.get("commands", {}).pop("196608", None)
            inside["environment"] = {
                "POSTGRES_HOST": "127.0.0.1",
                "POSTGRES_PORT": str(server.getsockname()[1]),
            }
        _, said = validate(cluster, "plaintext")
    assert verdicts(said) == {"plaintext": "broken"}, said


def test_ways_are_really_knocked_at(validate):
    """Names lead to this machine; what is closed there refuses."""
    cluster = healthy()
    with socket.create_server(("127.0.0.1", 0)) as pooler, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        here, nowhere = (
            ["127.0.0.1", pooler.getsockname()[1]],
            ["127.0.0.1", closed.getsockname()[1]],
        )
        names = {"jewelry-shop-db-pooler": here, "10.0.1.0": nowhere}
        for name, inside in cluster["pods"].items():
            if name.startswith("django"):
                inside["commands"].pop("create_connection((host, port), timeout=4)")
                inside["names"] = names | {"kubernetes.default.svc": nowhere}
        assert validate(cluster, "network")[0] == 0
        for name, inside in cluster["pods"].items():
            if name.startswith("django"):
                inside["names"] = names | {"kubernetes.default.svc": here}
        _, said = validate(cluster, "network")
    assert said["claims"][0]["against"] == [
        "django to kubernetes.default.svc:443: open, and it is forbidden"
    ]
