"""The same drills by kubectl: what is asked of it, and what is refused."""

import json

import pytest

from ops.drills.cluster import Cannot
from ops.drills.failures import ALL
from ops.drills.on_kubernetes import LABEL, Kubernetes
from ops.drills.run import perform

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

    def __init__(self, *, labels=None, rows=""):
        self.labels = {LABEL: "allowed"} if labels is None else labels
        self.rows = rows
        self.asked = []

    def __call__(self, command, sent):
        assert command[:4] == ["--context", "k", "--namespace", "jewelry-shop"]
        self.asked.append((command[4:], sent))
        match command[4:6]:
            case ["get", "namespace"]:
                return json.dumps({"metadata": {"labels": self.labels}})
            case ["get", "pods"]:
                return json.dumps({"items": [POD]})
            case ["get", "networkpolicy"]:
                return json.dumps(POLICY)
            case ["get", what] if what.startswith(("deployment/", "statefulset/")):
                return json.dumps({"spec": {"replicas": 2}})
            case ["exec", *_]:
                return self.rows if "psql" in command else "a-token\n"
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
