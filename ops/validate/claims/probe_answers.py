"""The four addresses answer from inside each pod: exactly 200, and no redirect."""

import json
from typing import Final

from ops.validate.claim import Claim, Evidence, Unchecked
from ops.validate.cluster import WEB, WORKER, Cluster, name_of

ADDRESSES: Final = ("live", "startup", "ready", "detailed")
# Python is in the image; a shell's curl may not be. http.client follows no redirect.
_ASK: Final = """
import http.client, json, os, sys
port = int(os.environ.get("HEALTH_PORT", 8081))
said = {}
for name in sys.argv[1:]:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        link.request("GET", f"/health/{name}/")
        answer = link.getresponse()
        body = json.loads(answer.read() or b"{}")
        said[name] = [answer.status, body.get("status"), body.get("failing", [])]
    except (OSError, ValueError, http.client.HTTPException) as failure:
        said[name] = [0, type(failure).__name__, []]
    finally:
        link.close()
print(json.dumps(said))
"""


def look(cluster: Cluster, evidence: Evidence) -> None:
    pods = [*cluster.pods_of(WEB), *cluster.pods_of(WORKER)]
    if not pods:
        raise Unchecked("There is no pod of the shop to ask.")
    for pod in map(name_of, pods):
        ended = cluster.exec(pod, ["python", "-c", _ASK, *ADDRESSES])
        if ended.status != 0:
            evidence.object(f"{pod}: could not be asked: {ended.complained.strip()[-200:]}")
            continue
        for address, (status, said, failing) in json.loads(ended.said).items():
            line = f"{pod}: /health/{address}/ {status} {said}"
            evidence.expect(status == 200, f"{line} {', '.join(failing)}".rstrip())


CLAIM = Claim(
    name="probe-answers",
    sentence="Live, startup, ready and detailed answer 200 from inside every pod of the shop.",
    look=look,
)
