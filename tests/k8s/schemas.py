"""What the objects of others must look like: the operator's own definition, and small ones by hand.

Kubernetes' own kinds are validated by `kubernetes-validate`. For cert-manager's and the Prometheus
operator's only the fields that are used here are known, so that a slip in one is refused.
Source: the API references of cert-manager v1.21 and of monitoring.coreos.com/v1.
"""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

Schema = dict[str, Any]
_CRD = Path(__file__).with_name("postgresql.crd.yaml")


def thing(required: str = "", **properties: Schema) -> Schema:
    """An object with these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


TEXT: Schema = {"type": "string", "minLength": 1}
FLAG: Schema = {"type": "boolean"}
DURATION: Schema = {"type": "string", "pattern": r"^(\d+(h|m|s|ms))+$"}
NAMES: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
SELECTOR = thing("matchLabels", matchLabels=NAMES)


def some(items: Schema) -> Schema:
    return {"type": "array", "items": items, "minItems": 1}


ISSUER_SPEC = {
    "oneOf": [
        thing("selfSigned", selfSigned={"type": "object", "maxProperties": 0}),
        thing("ca", ca=thing("secretName", secretName=TEXT)),
    ]
}
USAGES = ["digital signature", "key encipherment", "server auth", "client auth"]
CERTIFICATE_SPEC = thing(
    "secretName issuerRef privateKey",
    secretName=TEXT,
    commonName={"type": "string", "maxLength": 64},
    isCA=FLAG,
    duration=DURATION,
    renewBefore=DURATION,
    usages=some({"enum": USAGES}),
    dnsNames=some(TEXT),
    privateKey=thing(
        "algorithm rotationPolicy",
        algorithm={"enum": ["RSA", "ECDSA", "Ed25519"]},
        size={"enum": [256, 384, 521]},
        encoding={"enum": ["PKCS1", "PKCS8"]},
        rotationPolicy={"enum": ["Always", "Never"]},
    ),
    issuerRef=thing(
        "name kind",
        name=TEXT,
        kind={"enum": ["Issuer", "ClusterIssuer"]},
        group={"const": "cert-manager.io"},
    ),
)
ENDPOINTS = some(
    thing(
        "port path",
        port=TEXT,
        path={"type": "string", "pattern": "^/"},
        interval=DURATION,
        scrapeTimeout=DURATION,
        relabelings=some(thing("targetLabel replacement", targetLabel=TEXT, replacement=TEXT)),
    )
)
RULE = thing(
    "alert expr annotations labels",
    alert={"type": "string", "pattern": "^[A-Z][A-Za-z]+$"},
    expr=TEXT,
    **{"for": DURATION},
    labels=thing("severity", severity={"enum": ["critical", "warning"]}),
    annotations=thing("summary runbook", summary=TEXT, action=TEXT, runbook=TEXT),
)
BY_HAND = {
    ("cert-manager.io/v1", "Issuer"): ISSUER_SPEC,
    ("cert-manager.io/v1", "Certificate"): CERTIFICATE_SPEC,
    ("monitoring.coreos.com/v1", "ServiceMonitor"): thing(
        "selector endpoints", selector=SELECTOR, endpoints=ENDPOINTS
    ),
    ("monitoring.coreos.com/v1", "PodMonitor"): thing(
        "selector podMetricsEndpoints", selector=SELECTOR, podMetricsEndpoints=ENDPOINTS
    ),
    ("monitoring.coreos.com/v1", "PrometheusRule"): thing(
        "groups", groups=some(thing("name rules", name=TEXT, rules=some(RULE)))
    ),
}
_METADATA = {"type": "object", "required": ["name", "namespace"]}


@cache
def schema_of(api_version: str, kind: str) -> Schema | None:
    """The schema of a kind that Kubernetes itself does not know; None for one it knows."""
    if (api_version, kind) == ("acid.zalan.do/v1", "postgresql"):
        definition = yaml.safe_load(_CRD.read_text())
        (version,) = (v for v in definition["spec"]["versions"] if v["name"] == "v1")
        return strict(version["schema"]["openAPIV3Schema"])
    if (spec := BY_HAND.get((api_version, kind))) is None:
        return None
    return thing(
        "apiVersion kind metadata spec",
        apiVersion={"const": api_version},
        kind={"const": kind},
        metadata=_METADATA,
        spec=spec,
    )


def strict(schema: Schema) -> Schema:
    """Refuse what the schema does not name: the API server would drop it without a word."""
    made = {name: _strict_part(name, value) for name, value in schema.items()}
    open_ = schema.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in schema
    if "properties" in schema and not open_:
        made["additionalProperties"] = False
    if "properties" in made and "metadata" in made["properties"]:
        made["properties"]["metadata"] = {"type": "object"}
    return made


def _strict_part(name: str, value: Any) -> Any:
    if name == "properties":
        return {field: strict(inner) for field, inner in value.items()}
    if name in {"items", "additionalProperties"} and isinstance(value, dict):
        return strict(value)
    return value


def faults(one: dict[str, Any], schema: Schema) -> list[str]:
    """What of this object the schema refuses."""
    return [
        f"{'.'.join(map(str, fault.absolute_path))}: {fault.message}"
        for fault in Draft202012Validator(schema).iter_errors(one)
    ]
