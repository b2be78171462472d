"""Keep what the database's clients trust: the authority of today, and those that are not yet over.

Whoever mounted the authority's own Secret would forget the old authority in the moment in which
the new one comes, and refuse every server that still shows a certificate of the old one. So this
adds, and forgets only what has ended; a person takes an old one out sooner, by editing the
ConfigMap. The bundle goes to two places of one content: a ConfigMap for clients, and a Secret,
which is the only kind of object that the operator mounts into the database and its poolers.
"""

import base64
import json
import os
import ssl
import sys
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

AUTHORITY = Path("/authority/tls.crt")
ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
CONFIG_MAP, SECRET, KEY = "jewelry-shop-db-ca", "jewelry-shop-db-ca-bundle", "ca.crt"
ANSWER_WITHIN_S = 10


def merged(kept: str, current: str, *, now: datetime) -> str:
    """The authorities of both texts, each once, the current one first, without those that ended.

    Raises ValueError when a text holds something that is no certificate.
    """
    found: dict[bytes, x509.Certificate] = {}
    for text in (current, kept):
        if text.strip():
            for one in x509.load_pem_x509_certificates(text.encode()):
                found.setdefault(one.public_bytes(Encoding.DER), one)
    return "".join(
        one.public_bytes(Encoding.PEM).decode()
        for one in found.values()
        if one.not_valid_after_utc > now
    )


class Api:
    """The API server as this pod's account sees it: two objects, and nothing else."""

    def __init__(self, *, address: str, account: Path = ACCOUNT) -> None:
        namespace = (account / "namespace").read_text().strip()
        self._base = f"{address}/api/v1/namespaces/{namespace}"
        self._token = (account / "token").read_text().strip()
        self._tls = ssl.create_default_context(cafile=str(account / "ca.crt"))

    def read(self, kind: str, name: str) -> dict[str, Any] | None:
        """The object, or None when there is none."""
        try:
            return self._ask("GET", f"{kind}/{name}")
        except HTTPError as refused:
            if refused.code == 404:
                return None
            raise

    def write(self, kind: str, name: str, body: dict[str, Any], *, exists: bool) -> None:
        """Change these fields of the object, or make it."""
        if exists:
            self._ask("PATCH", f"{kind}/{name}", body)
        else:
            self._ask("POST", kind, body | {"metadata": {"name": name}})

    def _ask(self, verb: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        patch = "application/merge-patch+json" if verb == "PATCH" else "application/json"
        request = urllib.request.Request(  # noqa: S310  # the address is the API server's
            f"{self._base}/{path}",
            method=verb,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": patch},
        )
        tls = self._tls if self._base.startswith("https:") else None
        with urllib.request.urlopen(  # noqa: S310
            request, timeout=ANSWER_WITHIN_S, context=tls
        ) as answer:
            return dict(json.load(answer))


def keep(api: Api, current: str, *, now: datetime) -> list[str]:
    """Bring both objects up to date; return the kinds that were changed."""
    config_map = api.read("configmaps", CONFIG_MAP)
    secret = api.read("secrets", SECRET)
    kept = (config_map or {}).get("data", {}).get(KEY, "")
    bundle = merged(kept, current, now=now)
    changed = []
    if bundle != kept:
        api.write("configmaps", CONFIG_MAP, {"data": {KEY: bundle}}, exists=config_map is not None)
        changed.append("configmap")
    encoded = base64.b64encode(bundle.encode()).decode()
    if (secret or {}).get("data", {}).get(KEY) != encoded:
        api.write("secrets", SECRET, {"data": {KEY: encoded}}, exists=secret is not None)
        changed.append("secret")
    return changed


if __name__ == "__main__":
    host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"]
    host = f"[{host}]" if ":" in host else host
    changed = keep(
        Api(address=f"https://{host}:{port}"), AUTHORITY.read_text(), now=datetime.now(UTC)
    )
    sys.stdout.write(f"bundle     {' and '.join(changed) or 'nothing'} changed\n")
