"""The overlays render, and each object is what its kind allows."""

import json
import re

import kubernetes_validate
import pytest
import yaml
from django.urls import resolve

from local.monitoring import wrapped
from local.place import CHECKOUT
from tests.k8s.pods import PROBES
from tests.k8s.rendered import OVERLAYS, named, of_kind, render
from tests.k8s.schemas import faults, schema_of

K8S = CHECKOUT / "k8s"
PAGE = CHECKOUT / "docs/reference/kubernetes.md"
# The oldest that has what is used (unhealthyPodEvictionPolicy, matchLabelKeys), and a new one.
VERSIONS = ("1.29", "1.35")
EVERYWHERE = {
    ("Namespace", "jewelry-shop"),
    ("ResourceQuota", "jewelry-shop"),
    ("ConfigMap", "app-config"),
    ("postgresql", "jewelry-shop-db"),
    ("Deployment", "django"),
    ("Deployment", "worker"),
    ("Job", "migrate"),
    ("Job", "database-roles"),
    ("CronJob", "ca-bundle"),
    ("Service", "django"),
    ("Ingress", "django"),
    ("HorizontalPodAutoscaler", "django"),
    ("PodDisruptionBudget", "django"),
    ("NetworkPolicy", "default-deny"),
    ("Certificate", "jewelry-shop-db-tls"),
}
IN_PRODUCTION = {
    ("CronJob", "backup-check"),
    ("CronJob", "restore-test"),
    ("ServiceMonitor", "django"),
    ("PodMonitor", "worker"),
    ("PrometheusRule", "jewelry-shop-cluster"),
    ("ConfigMap", "jewelry-shop-dashboards"),
}


@pytest.mark.parametrize("overlay", OVERLAYS)
class TestAnOverlay:
    def test_holds_the_whole_shop(self, overlay):
        there = {(one["kind"], one["metadata"]["name"]) for one in render(overlay)}
        wanted = EVERYWHERE | (IN_PRODUCTION if overlay == "production" else set())
        assert wanted <= there

    def test_is_in_its_namespace(self, overlay):
        outside = {
            (one["kind"], one["metadata"]["name"])
            for one in render(overlay)
            if one["metadata"].get("namespace") != "jewelry-shop"
        }
        assert outside == {("Namespace", "jewelry-shop")}

    @pytest.mark.parametrize("version", VERSIONS)
    def test_holds_objects_that_kubernetes_takes(self, overlay, version):
        checked = 0
        for one in render(overlay):
            if schema_of(one["apiVersion"], one["kind"]) is None:
                kubernetes_validate.validate(one, version, strict=True)
                checked += 1
        assert checked > 25

    def test_holds_objects_that_operators_take(self, overlay):
        checked = set()
        for one in render(overlay):
            schema = schema_of(one["apiVersion"], one["kind"])
            if schema is not None:
                assert faults(one, schema) == [], one["metadata"]["name"]
                checked.add(one["kind"])
        assert {"postgresql", "Issuer", "Certificate"} <= checked

    def test_names_its_host_once(self, overlay):
        """In app-config; the ingress and its certificate take it from there."""
        objects = render(overlay)
        host = named(objects, "ConfigMap", "app-config")["data"]["ALLOWED_HOSTS"]
        written = (K8S / "overlays" / overlay / "site.yaml").read_text()
        assert written.count(f"ALLOWED_HOSTS: {host}\n") == 1
        ingress = named(objects, "Ingress", "django")["spec"]
        assert (ingress["rules"][0]["host"], ingress["tls"][0]["hosts"]) == (host, [host])

    def test_hides_no_mode_behind_a_number(self, overlay):
        """0440 is a number in YAML; what arrives must be the octal one."""
        text = json.dumps(render(overlay))
        assert set(re.findall(r'"defaultMode": (\d+)', text)) == {str(0o440)}


class TestTheSchemas:
    def test_refuse_what_they_do_not_know(self):
        cluster = named(render("k3d"), "postgresql", "jewelry-shop-db")
        schema = schema_of(cluster["apiVersion"], cluster["kind"])
        cluster["spec"]["conectionPooler"] = {}
        cluster["spec"]["tls"]["ca"] = "ca.crt"
        cluster["spec"]["users"]["jewelry_app"] = ["root"]
        del cluster["spec"]["teamId"]
        found = " ".join(faults(cluster, schema))
        assert all(word in found for word in ("conectionPooler", "'ca'", "root", "teamId"))

    @pytest.mark.parametrize(
        ("kind", "name", "path", "value"),
        [
            (
                "Certificate",
                "jewelry-shop-db-tls",
                ("spec", "privateKey", "rotationPolicy"),
                "Often",
            ),
            ("Issuer", "jewelry-shop-db-ca", ("spec", "acme"), {}),
            ("ServiceMonitor", "django", ("spec", "endpoints", 0, "path"), "metrics"),
            ("PodMonitor", "worker", ("spec", "podMetricsEndpoint"), []),
            (
                "PrometheusRule",
                "jewelry-shop-cluster",
                ("spec", "groups", 0, "rules", 0, "for"),
                "soon",
            ),
        ],
    )
    def test_by_hand_refuse_a_slip(self, kind, name, path, value):
        one = named(render("production"), kind, name)
        schema = schema_of(one["apiVersion"], kind)
        assert faults(one, schema) == []
        place = one
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        assert faults(one, schema)

    def test_of_kubernetes_refuse_a_slip(self):
        one = named(render("k3d"), "Deployment", "worker")
        one["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
        with pytest.raises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(one, VERSIONS[0], strict=True)


class TestTheFiles:
    def files(self):
        found = sorted(path for path in K8S.rglob("*.yaml"))
        assert len(found) > 30
        return found

    def test_begin_with_their_duty(self):
        bare = [
            str(path.relative_to(CHECKOUT))
            for path in self.files()
            if not re.match(r"# [A-Z].{20,}", path.read_text())
        ]
        assert not bare, f"the first line says what the file is for: {bare}"

    def test_are_all_used(self):
        """A manifest that no kustomization names is applied by nobody."""
        named_files = set()
        for path in K8S.rglob("kustomization.yaml"):
            wanted = yaml.safe_load(path.read_text())
            names = [*wanted.get("resources", []), *wanted.get("components", [])]
            names += [patch["path"] for patch in wanted.get("patches", []) if "path" in patch]
            for generator in wanted.get("configMapGenerator", []):
                names += generator["files"]
            named_files |= {(path.parent / name).resolve() for name in names if "://" not in name}
        lost = {
            path
            for path in K8S.rglob("*")
            if path.is_file()
            and path.name != "kustomization.yaml"
            and "__pycache__" not in path.parts
            and path.resolve() not in named_files
        }
        assert not lost, lost

    def test_pin_what_they_fetch(self):
        fetched = [
            line
            for path in self.files()
            for line in path.read_text().splitlines()
            if "https://github" in line
        ]
        assert fetched
        assert all(re.search(r"\?ref=v\d+\.\d+\.\d+$", line) for line in fetched), fetched


@pytest.mark.parametrize("path", [path for path, _ in PROBES.values()])
def test_probes_ask_what_the_site_answers(path):
    assert resolve(path)


def test_what_the_shop_says_to_prometheus_and_grafana_is_the_same_here():
    stale = [path.name for path, text in wrapped().items() if path.read_text() != text]
    assert not stale, "python -m local.monitoring"


def test_alerts_lead_to_a_page_that_says_what_to_do():
    rules = named(render("production"), "PrometheusRule", "jewelry-shop-cluster")
    for group in rules["spec"]["groups"]:
        for rule in group["rules"]:
            page, _, anchor = rule["annotations"]["runbook"].partition("#")
            titles = re.findall(r"^#+ (.+)$", (CHECKOUT / page).read_text(), re.MULTILINE)
            anchors = {re.sub(r"[^\w\- ]", "", t.lower()).strip().replace(" ", "-") for t in titles}
            assert anchor in anchors, (rule["alert"], anchor)


def test_the_dashboard_asks_for_our_namespace_alone():
    dashboard = json.loads(
        named(render("production"), "ConfigMap", "jewelry-shop-dashboards")["data"]["cluster.json"]
    )
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert len(asked) >= 5
    assert all('namespace="jewelry-shop"' in one for one in asked)
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


def rows_of_objects():
    """(kind, name) of everything the page speaks of in its tables of objects."""
    section = PAGE.read_text().split("## Objects")[1].split("## Probes")[0]
    named_there = set()
    for line in section.splitlines():
        cell = line.split("|")[1] if line.startswith("|") else line
        # "Role, RoleBinding `x`, ConfigMap `y`, `z`": kinds are for the names up to the next kind.
        kinds: list[str] = []
        fresh = True
        for word in re.findall(r"`[^`]+`|[A-Za-z]+", cell):
            if word.startswith("`"):
                named_there |= {(kind, word.strip("`")) for kind in kinds}
                fresh = True
            elif re.fullmatch(r"[A-Z]\w+|postgresql", word):
                kinds = [word] if fresh else [*kinds, word]
                fresh = False
    return named_there


def test_every_object_has_its_reason_on_the_page():
    told = rows_of_objects()
    there = {
        (one["kind"], re.sub(r"-[2-9bcdfghkmt]{10}$", "", one["metadata"]["name"]))
        for overlay in OVERLAYS
        for one in render(overlay)
    }
    assert there - told == set(), "docs/reference/kubernetes.md says nothing of these"
    gone = {(kind, name) for kind, name in told - there if kind in {kind for kind, _ in there}}
    assert gone == set(), "docs/reference/kubernetes.md speaks of what is not there"


def test_the_page_gives_the_probes_values():
    text = PAGE.read_text()
    for kind, (path, values) in PROBES.items():
        numbers = [values["periodSeconds"], values["timeoutSeconds"], values["failureThreshold"]]
        numbers.append(values.get("successThreshold", 1))
        row = f"| {kind.removesuffix('Probe')} | `{path}` | {' | '.join(map(str, numbers))} |"
        assert row in text, row


def test_alerts_have_names_of_their_own():
    names = [
        rule["alert"]
        for one in of_kind(render("production"), "PrometheusRule")
        for group in one["spec"]["groups"]
        for rule in group["rules"]
    ]
    assert len(names) > 20
    assert len(names) == len(set(names))


def test_the_jobs_that_alerts_speak_of_are_those_that_are_scraped():
    objects = render("production")
    scraped = {
        relabeling["replacement"]
        for kind, field in (("ServiceMonitor", "endpoints"), ("PodMonitor", "podMetricsEndpoints"))
        for one in of_kind(objects, kind)
        for endpoint in one["spec"][field]
        for relabeling in endpoint["relabelings"]
    }
    rules = json.dumps(named(objects, "PrometheusRule", "jewelry-shop")["spec"])
    spoken_of = set(re.findall(r'job=\\"(jewelry-shop-[a-z]+)', rules))
    assert spoken_of == scraped == {"jewelry-shop-web", "jewelry-shop-worker"}


def test_rules_are_wrapped_as_they_stand(tmp_path):
    """With their comments, and with nothing of their own header."""
    rules = {"groups": [{"name": "x", "rules": [{"alert": "X", "expr": "up == 0"}]}]}
    text = "# For Prometheus.\n" + yaml.safe_dump(rules).replace("rules:", "rules: # why")
    (tmp_path / "alerts.yaml").write_text(text)
    (tmp_path / "dashboard.json").write_text("{}")
    written = {path.name: text for path, text in wrapped(tmp_path).items()}
    made = yaml.safe_load(written["shop-alerts.yaml"])
    assert (made["kind"], made["spec"]) == ("PrometheusRule", rules)
    assert "# why" in written["shop-alerts.yaml"]
    assert "For Prometheus" not in written["shop-alerts.yaml"]
    assert written["shop.json"] == "{}"
