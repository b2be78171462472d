"""The drill cluster probes as the manifest says, so that what is drilled is what will run."""

import pytest
import yaml

from local.drill import probes
from tests.architecture.sources import ROOT


@pytest.fixture(scope="module")
def pod():
    (deployment,) = yaml.safe_load_all((ROOT / "k8s/base/django.yaml").read_text())
    return deployment["spec"]["template"]["spec"]


def test_liveness(pod):
    probe = pod["containers"][0]["livenessProbe"]

    assert probe["httpGet"]["path"] == probes.LIVE
    assert (probe["periodSeconds"], probe["timeoutSeconds"], probe["failureThreshold"]) == (
        probes.LIVE_PERIOD_S,
        probes.LIVE_TIMEOUT_S,
        probes.LIVE_FAILURES,
    )


def test_readiness(pod):
    probe = pod["containers"][0]["readinessProbe"]

    assert probe["httpGet"]["path"] == probes.READY
    assert (
        probe["periodSeconds"],
        probe["timeoutSeconds"],
        probe["failureThreshold"],
        probe["successThreshold"],
    ) == (
        probes.READY_PERIOD_S,
        probes.READY_TIMEOUT_S,
        probes.READY_FAILURES,
        probes.READY_SUCCESSES,
    )


def test_startup(pod):
    probe = pod["containers"][0]["startupProbe"]

    assert probe["httpGet"]["path"] == probes.STARTUP
    assert (probe["periodSeconds"], probe["timeoutSeconds"], probe["failureThreshold"]) == (
        probes.STARTUP_PERIOD_S,
        probes.STARTUP_TIMEOUT_S,
        probes.STARTUP_FAILURES,
    )


def test_grace(pod):
    assert pod["terminationGracePeriodSeconds"] == probes.GRACE_S
