"""Exactly these may talk to each other, and nobody else."""

import pytest

from tests.k8s.flows import flows, peers
from tests.k8s.rendered import OVERLAYS, named, render

# (from, to, port), with the reason. A kubelet's probes come from the pod's own node, which no
# policy keeps out, so they stand in no list.
EVERYWHERE = {
    ("ingress", "django", 8000): "pages",
    ("ingress", "django", 9): "what is closed, refused at once: nobody listens there",
    ("prometheus", "django", 8081): "metrics",
    ("prometheus", "worker", 8081): "metrics",
    ("django", "pooler", 5432): "the site's only way to the database",
    ("pooler", "database", 5432): "behind the pooler",
    ("worker", "database", 5432): "it listens for jobs",
    ("migrate", "database", 5432): "the schema",
    ("database-roles", "database", 5432): "what roles may be",
    ("database", "database", 5432): "replication",
    ("database", "database", 8008): "Patroni asks its members",
    ("operator", "database", 5432): "roles, databases, the pooler's lookup",
    ("operator", "database", 8008): "switchover",
}
# The API server is no pod; it, and whatever else is outside, at its two ports.
TO_THE_API_SERVER = {"database", "ca-bundle"}
ONLY_IN_PRODUCTION = {
    ("ingress", "acme", 8089): "the certificate authority's question",
    ("dump", "database", 5432): "the dump",
    ("backup-check", "database", 5432): "when WAL was last handed over",
    ("django", "outside", 587): "mail to who forgot a password",
    ("worker", "outside", 587): "receipts by mail",
    ("backup-check", "outside", 443): "the store",
    ("restore-test", "outside", 443): "the store",
    ("dump", "outside", 443): "the store, and the API server",
    ("dump", "outside", 6443): "the API server",
}


def expected(overlay, names):
    wanted = set(EVERYWHERE) | {(one, "dns", 53) for one in names}
    wanted |= {(one, "outside", port) for one in TO_THE_API_SERVER for port in (443, 6443)}
    return wanted | (set(ONLY_IN_PRODUCTION) if overlay == "production" else set())


def ours(objects):
    return {one.name for one in peers(objects) if one.is_ours}


def between_pods_or_out(found):
    """Without foreign pods at the ports that are open to all outside."""
    foreign = {"dns", "ingress", "neighbour", "prometheus", "operator", "impostor"}
    return {
        (sender, receiver, port)
        for sender, receiver, port in found
        if not (receiver in foreign and port in (443, 587, 6443))
    }


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_exactly_the_needed_flows_are_let_through(overlay):
    objects = render(overlay)
    found = between_pods_or_out(flows(objects))
    wanted = expected(overlay, ours(objects))
    assert found - wanted == set(), "let through, and nobody needs it"
    assert wanted - found == set(), "needed, and not let through"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_strangers_reach_nothing(overlay):
    reached = {
        flow for flow in flows(render(overlay)) if flow[0] in {"impostor", "neighbour", "outside"}
    }
    assert reached == set()
    assert {flow for flow in flows(render(overlay)) if flow[0] == "stray"} == {("stray", "dns", 53)}


def without(objects, kind, name):
    return [one for one in objects if (one["kind"], one["metadata"]["name"]) != (kind, name)]


def test_without_the_denial_everything_is_let_through():
    found = flows(without(render("k3d"), "NetworkPolicy", "default-deny"))
    assert ("stray", "outside", 80) not in found, "dns picks every pod's way out, too"
    assert ("impostor", "stray", 80) in found


@pytest.mark.parametrize(
    "missing", ["django", "worker", "pooler", "database", "database-jobs", "dns"]
)
def test_a_policy_that_is_missing_is_missed(missing):
    objects = without(render("k3d"), "NetworkPolicy", missing)
    lost = expected("k3d", ours(objects)) - flows(objects)
    assert lost


def test_a_way_out_without_a_way_in_leads_nowhere():
    objects = render("k3d")
    named(objects, "NetworkPolicy", "pooler")["spec"]["ingress"] = []
    assert ("django", "pooler", 5432) not in flows(objects)


def test_a_selector_that_is_too_wide_is_found():
    objects = render("k3d")
    policy = named(objects, "NetworkPolicy", "database")
    policy["spec"]["ingress"][0]["from"] = [{"podSelector": {}}]
    assert ("django", "database", 5432) not in flows(objects), "its own policy keeps it in"
    assert ("database", "database", 5432) in flows(objects)
    policy["spec"]["ingress"][0]["from"] = [{"namespaceSelector": {}}]
    assert ("impostor", "database", 5432) in flows(objects)
