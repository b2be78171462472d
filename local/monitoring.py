"""Wrap what `ops/monitoring` says to Prometheus and Grafana for the cluster's operators.

    python -m local.monitoring

The Prometheus operator reads rules from an object of its own, and kustomize takes files from its
own folder alone; so the manifests hold a copy of each, which tests/k8s compares with its original.
"""

from pathlib import Path

from local.output import announce
from local.place import CHECKOUT
from local.problem import told_in_one_sentence

ORIGINALS = CHECKOUT / "ops" / "monitoring"
COMPONENT = CHECKOUT / "k8s" / "components" / "monitoring"
HEADER = """\
# The alerts of ops/monitoring/alerts.yaml, as the Prometheus operator reads them. Not written by
# hand: python -m local.monitoring
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: jewelry-shop
spec:
"""


def wrapped(originals: Path = ORIGINALS) -> dict[Path, str]:
    """What each file of the component is to hold."""
    rules = (originals / "alerts.yaml").read_text()
    groups = rules[rules.index("groups:\n") :]
    indented = "".join(f"  {line}" if line.strip() else line for line in groups.splitlines(True))
    return {
        COMPONENT / "shop-alerts.yaml": HEADER + indented,
        COMPONENT / "shop.json": (originals / "dashboard.json").read_text(),
    }


def main() -> None:
    """Write the files anew."""
    for path, text in wrapped().items():
        path.write_text(text)
        announce("wrapped", str(path.relative_to(CHECKOUT)))


if __name__ == "__main__":
    with told_in_one_sentence():
        main()
