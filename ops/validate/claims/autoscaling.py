"""The autoscaler of the site has figures to go by."""

from ops.validate.claim import Claim, Evidence
from ops.validate.cluster import WEB, Cluster, condition, name_of


def look(cluster: Cluster, evidence: Evidence) -> None:
    scalers = [
        one
        for one in cluster.get("horizontalpodautoscalers")
        if one["spec"]["scaleTargetRef"]["name"] == WEB
    ]
    if not scalers:
        evidence.object(f"nothing scales {WEB}")
    for one in scalers:
        active = condition(one, "ScalingActive")
        wanted = {metric["resource"]["name"] for metric in one["spec"]["metrics"]}
        measured = {
            metric["resource"]["name"]: metric["resource"]["current"].get("averageUtilization")
            for metric in one["status"].get("currentMetrics") or []
            if metric.get("type") == "Resource"
        }
        evidence.expect(active == "True", f"{name_of(one)}: scaling active: {active or 'unknown'}")
        for metric in sorted(wanted):
            value = measured.get(metric)
            evidence.expect(
                value is not None,
                f"{name_of(one)}: {metric} {'not measured' if value is None else f'{value} %'}",
            )


CLAIM = Claim(
    name="autoscaling",
    sentence="The site's autoscaler is active and measures what it goes by.",
    look=look,
)
