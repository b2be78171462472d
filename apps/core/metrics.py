"""What Prometheus may read of this process, at /metrics/.

Numbers about the installation, never about a shop: the address wants no
sign-in, and an ingress should not lead to it.
Source: Prometheus, "Exposition formats", text format 0.0.4.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apps.core.database.certificate_watch import CertificateWatch

_TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Gauge:
    """One number that goes up and down, for each value of one label."""

    name: str
    meaning: str
    label: str
    values: dict[str, float]

    def __str__(self) -> str:
        lines = [f"# HELP {self.name} {self.meaning}", f"# TYPE {self.name} gauge"]
        lines += [
            f'{self.name}{{{self.label}="{which}"}} {value:.10g}'
            for which, value in self.values.items()
        ]
        return "\n".join(lines) + "\n"


@cache
def watched_certificates() -> CertificateWatch:
    """The watch over the servers of this installation, for metrics and health alike."""
    return CertificateWatch(settings.DB_SERVERS)


def page(request: HttpRequest) -> HttpResponse:
    """The metrics in Prometheus' text format."""
    text = "".join(map(str, certificate_gauges(watched_certificates())))
    response = HttpResponse(text, content_type=_TEXT_FORMAT)
    response["Cache-Control"] = "no-store"
    return response


page.allowed_roles = None  # type: ignore[attr-defined]  # a scraper carries no member


def certificate_gauges(watch: CertificateWatch) -> Iterable[Gauge]:
    """Days left of each served certificate, and whether one was shown at all."""
    looks = watch.looks()
    yield Gauge(
        "jewelry_shop_database_certificate_days_left",
        "Days until the certificate ends that this server of the database shows.",
        "server",
        {look.role: look.days_left for look in looks if look.days_left is not None},
    )
    yield Gauge(
        "jewelry_shop_database_certificate_shown",
        "1 when this server of the database shows a certificate, 0 when it does not.",
        "server",
        {look.role: float(look.days_left is not None) for look in looks},
    )
