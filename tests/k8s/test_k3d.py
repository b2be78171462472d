"""`make k3d` with stand-ins for its programs, which write down what they are asked."""

import json
import os
import re
import stat

import pytest
import yaml

from local import k3d
from local.place import CHECKOUT
from local.problem import Problem
from tests.k8s.rendered import OVERLAYS, environment, named, of_kind, render, workload, workloads

STAND_IN = """\
#!/bin/sh
# Writes down what it was asked, and answers from a file of that question's name, if there is one.
name=$(basename "$0")
{ printf '%s' "$name"; printf ' %s' "$@"; echo; } >>"$ASKED"
case "$*" in *"--filename -"*) cat >>"$ASKED.input" ;; esac
key=$(printf '%s ' "$name" "$@" | tr -c 'a-z0-9\\n' '_')
for answer in "$ANSWERS"/*; do
    case $key in *"$(basename "$answer")"*) cat "$answer"; exit 0 ;; esac
done
case "$name $*" in "k3d cluster list"*) echo '[]' ;; esac
exit 0
"""


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with all four programs; `asked()` is what they were asked."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "answers").mkdir()
    for program in k3d.PROGRAMS:
        path = tmp_path / "bin" / program.name
        path.write_text(STAND_IN)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.defpath}")
    monkeypatch.setenv("ASKED", str(tmp_path / "asked"))
    monkeypatch.setenv("ANSWERS", str(tmp_path / "answers"))

    class Machine:
        folder = tmp_path

        def asked(self):
            path = tmp_path / "asked"
            return path.read_text().splitlines() if path.exists() else []

        def answer(self, question, text):
            (tmp_path / "answers" / question).write_text(text)

    return Machine()


def position(lines, *words):
    return next(n for n, line in enumerate(lines) if all(word in line for word in words))


def test_each_step_comes_after_what_it_needs(machine):
    k3d.main([])
    lines = machine.asked()
    order = [
        position(lines, "k3d cluster create", "--agents 2", "127.0.0.1:8443:443"),
        position(lines, "docker build", "jewelry-shop-pooler:0.1.0"),
        position(lines, "k3d image import"),
        position(lines, "apply", "cert-manager.yaml"),
        position(lines, "rollout status", "cert-manager-webhook"),
        position(lines, "apply", "k8s/operator"),
        position(lines, "wait --for=create crd/postgresqls.acid.zalan.do"),
        position(lines, "apply --filename -"),
        position(lines, "apply --kustomize k8s/overlays/k3d"),
        position(lines, "create job ca-bundle-first"),
        position(lines, "PostgresClusterStatus"),
        position(lines, "job/migrate"),
        position(lines, "rollout status deployment/django"),
    ]
    assert order == sorted(order)


def test_it_touches_no_other_cluster(machine):
    k3d.main([])
    for line in machine.asked():
        if line.startswith("kubectl ") and "version --client" not in line:
            assert line.startswith("kubectl --context k3d-jewelry-shop "), line


def test_it_makes_the_secrets_that_the_manifests_name(machine):
    k3d.main([])
    made = json.loads((machine.folder / "asked.input").read_text())
    (volume,) = (
        one["secret"]
        for one in workload(render("k3d"), "django").spec["volumes"]
        if one.get("secret", {}).get("secretName") == made["metadata"]["name"]
    )
    assert set(made["data"]) == {item["key"] for item in volume["items"]}
    assert all(len(value) >= 64 for value in made["data"].values())
    said = "\n".join(machine.asked())
    assert not [value for value in made["data"].values() if value in said]


def test_again_it_keeps_cluster_and_secrets(machine):
    machine.answer("k3d_cluster_list", json.dumps([{"name": "jewelry-shop"}]))
    kept = dict.fromkeys(k3d.SECRETS, "a2VwdA==")
    machine.answer("get_secret_app_secrets", json.dumps({"data": kept}))
    machine.answer("get_configmap_jewelry_shop_db_ca", "jewelry-shop-db-ca 1 1m\n")
    k3d.main([])
    lines = machine.asked()
    assert not [line for line in lines if "cluster create" in line or "--filename -" in line]
    assert not [line for line in lines if "ca-bundle-first" in line]
    assert position(lines, "k3d cluster start") < position(
        lines, "apply --kustomize k8s/overlays/k3d"
    )
    assert position(lines, "delete job migrate database-roles") < position(
        lines, "k8s/overlays/k3d"
    )


def test_a_secret_from_before_gets_the_key_that_it_lacks(machine):
    """Pods that name a missing key wait for ever; another `secret-key` signs everybody out."""
    kept = {"secret-key": "b2xk", "health-token": "b2xkZXI="}
    machine.answer("get_secret_app_secrets", json.dumps({"data": kept}))
    k3d.main([])
    made = json.loads((machine.folder / "asked.input").read_text())["data"]
    assert set(made) == set(k3d.SECRETS)
    assert {name: made[name] for name in kept} == kept
    assert len(made["identity-key"]) >= 64


@pytest.mark.parametrize("program", k3d.PROGRAMS, ids=lambda program: program.name)
def test_a_missing_program_is_named_with_its_page(machine, program):
    (machine.folder / "bin" / program.name).unlink()
    os.environ["PATH"] = str(machine.folder / "bin")
    with pytest.raises(Problem) as refused:
        k3d.main([])
    assert f"{program.name} is not installed: {program.page}" in str(refused.value)


def test_an_engine_that_is_not_running_is_named(machine):
    (machine.folder / "bin/docker").write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(Problem, match="docker does not answer"):
        k3d.main([])
    assert not [line for line in machine.asked() if "create" in line]


def test_a_step_that_fails_is_named(machine):
    (machine.folder / "bin/k3d").write_text(
        '#!/bin/sh\ncase "$1 $2" in "cluster list") echo "[]";; "cluster create") exit 7;; esac\n'
    )
    with pytest.raises(Problem, match=r"k3d cluster create .* ended with 7.*make k3d"):
        k3d.main([])


def test_delete_takes_the_cluster_away(machine):
    k3d.main(["--delete"])
    assert machine.asked()[-1] == "k3d cluster delete jewelry-shop"


class TestWhatItNames:
    """The program and the manifests say the same."""

    def test_images(self):
        used = {c["image"] for one in workloads(render("k3d")) for c in one.containers}
        pooler = named(render("k3d"), "postgresql", "jewelry-shop-db")["spec"]["connectionPooler"]
        built = {image for image, _ in k3d.IMAGES}
        assert built == {i for i in used if "/" not in i} | {pooler["dockerImage"]}
        assert all((CHECKOUT / folder / "Dockerfile").is_file() for _, folder in k3d.IMAGES)

    def test_objects(self):
        text = (CHECKOUT / "local/k3d.py").read_text()
        there = {f"{one['kind'].lower()}/{one['metadata']['name']}" for one in render("k3d")}
        named_there = set(re.findall(r'"((?:deployment|job|cronjob|postgresql)/[a-z-]+)"', text))
        named_there |= set(re.findall(r"--from=(cronjob/[a-z-]+)", text))
        named_there -= {"deployment/postgres-operator"}
        assert named_there
        assert named_there <= there, named_there - there

    def test_the_port_of_the_site(self):
        objects = render("k3d")
        one = workload(objects, "django")
        assert environment(one, one.containers[0], objects)["ALLOWED_HOSTS"] == "localhost"
        (ingress,) = of_kind(objects, "Ingress")
        assert ingress["spec"]["tls"]

    def test_versions(self):
        operator = yaml.safe_load((CHECKOUT / "k8s/operator/kustomization.yaml").read_text())
        assert any(resource.endswith("?ref=v2.0.1") for resource in operator["resources"])
        assert "/v1.21.1/" in k3d.CERT_MANAGER
        assert len(OVERLAYS) == 2
