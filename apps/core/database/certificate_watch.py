"""How long the certificates last that the database's servers show.

A look at the servers, at most one every few minutes, whoever asks and however
often. What it is worth is judged elsewhere (apps.core.sampling.checks.certificates).
"""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from apps.core.database.certificate import WARN_DAYS
from apps.core.database.served import NotServed, served_certificate

_LOOK_WITHIN_S: Final = 3.0
_KEPT_FOR_S: Final = 300.0
# Who was away may be back: no certificate was seen, so there is nothing to keep.
_AWAY_KEPT_FOR_S: Final = 15.0
_DAY: Final = timedelta(days=1)

Server = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one server showed. `days_left` is None when it showed nothing; below 0 it has ended."""

    role: str
    days_left: float | None
    said: str = ""


class CertificateWatch:
    """The last look at each server, and a new one when that is old. Safe from many threads."""

    def __init__(
        self, servers: Mapping[str, Server], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._servers = dict(servers)
        self._clock = clock
        self._lock = threading.Lock()
        self._looks: list[Look] = []
        self._looked_at: float | None = None

    def looks(self) -> list[Look]:
        """One for each server. Takes 3 seconds at most; as good as no time between two looks."""
        with self._lock:
            now = self._clock()
            away = any(look.days_left is None for look in self._looks)
            kept_for_s = _AWAY_KEPT_FOR_S if away else _KEPT_FOR_S
            if self._looked_at is None or now - self._looked_at >= kept_for_s:
                self._looks = look_at(self._servers)
                self._looked_at = now
            return self._looks


def look_at(servers: Mapping[str, Server], *, now: datetime | None = None) -> list[Look]:
    """Look at all servers at once, so that one that is silent does not keep the others waiting."""
    if not servers:
        return []
    with ThreadPoolExecutor(max_workers=len(servers)) as threads:
        return list(
            threads.map(
                lambda role: _look(role, *servers[role], now=now or datetime.now(UTC)), servers
            )
        )


def _look(role: str, host: str, port: int, *, now: datetime) -> Look:
    try:
        certificate = served_certificate(host, port, timeout_s=_LOOK_WITHIN_S)
    except NotServed as failure:
        return Look(role=role, days_left=None, said=str(failure))
    days_left = (certificate.not_valid_after_utc - now) / _DAY
    said = f"ends {certificate.not_valid_after_utc:%Y-%m-%d}" if days_left < WARN_DAYS else ""
    return Look(role=role, days_left=days_left, said=said)
