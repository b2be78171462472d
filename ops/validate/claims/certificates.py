"""Every certificate has days enough left, as cert-manager keeps it and as the servers show it."""

from datetime import UTC, datetime, timedelta
from typing import Final

from ops.validate import doctor
from ops.validate.claim import Claim, Evidence
from ops.validate.cluster import WEB, Cluster, condition, name_of

_FEWEST_DAYS: Final = 21


def look(cluster: Cluster, evidence: Evidence) -> None:
    now = datetime.now(UTC)
    kept = cluster.get("certificates.cert-manager.io")
    if not kept:
        evidence.object("cert-manager keeps no certificate here")
    for certificate in kept:
        until = certificate.get("status", {}).get("notAfter")
        if until is None:
            evidence.object(f"{name_of(certificate)}: not issued yet")
            continue
        days = (datetime.fromisoformat(until) - now) // timedelta(days=1)
        good = days >= _FEWEST_DAYS and condition(certificate, "Ready") == "True"
        evidence.expect(good, f"{name_of(certificate)}: {days} days left, until {until}")
    # What is kept and what is shown differ while a server has not read its files again.
    pod, links = doctor.links(cluster, WEB)
    for link in links:
        found = doctor.stage(link, "certificate-days")
        evidence.expect(found["status"] == "ok", f"{pod}: {link['link']}: {doctor.in_words(found)}")


CLAIM = Claim(
    name="certificates",
    sentence=f"Every certificate has {_FEWEST_DAYS} days or more left, kept and shown.",
    look=look,
)
