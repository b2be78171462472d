"""How long the certificates last that the database's servers show.

Never a reason to take no work: every server would leave at the same moment, and none could be
called by anybody who could help.
"""

from typing import Final

from django.utils.translation import gettext_lazy as _

from apps.core.database.certificate import WARN_DAYS
from apps.core.database.certificate_watch import CertificateWatch, Look
from apps.core.sampling.check import Check, Observation, Reading, State

_FAIL_DAYS: Final = 3


def build(watch: CertificateWatch) -> Check:
    """Asked often, for who was away; the watch looks once in five minutes, for 3 s at most."""
    return Check(
        name="certificates",
        look=lambda: look(watch),
        every_s=20.0,
        within_s=5.0,
        component_type="system",
        meaning=_("Encrypted and known"),
    )


def look(watch: CertificateWatch) -> Reading:
    """One look. Observes the days left of each server's certificate."""
    looks = watch.looks()
    observed = tuple(_seen(one) for one in looks)
    worst = max(observed, key=lambda one: one.state.weight, default=None)
    if worst is None or worst.state is State.PASS:
        return Reading(observed=observed)
    said = "; ".join(f"{one.role}: {one.said}" for one in looks if one.said)
    finding = {"expired": "tls.expired", "expiring": "tls.expires-soon"}.get(worst.word, "")
    return Reading(
        state=worst.state, word=worst.word, finding=finding, said=said, observed=observed
    )


def _seen(one: Look) -> Observation:
    state, word = _judged(one.days_left)
    return Observation(
        measurement="tls:daysToExpiry",
        component=one.role,
        value=None if one.days_left is None else round(one.days_left, 1),
        unit="d",
        state=state,
        word=word,
    )


def _judged(days_left: float | None) -> tuple[State, str]:
    if days_left is None:
        return State.WARN, "unreachable"
    if days_left < 0:
        return State.FAIL, "expired"
    if days_left < _FAIL_DAYS:
        return State.FAIL, "expiring"
    return (State.WARN, "expiring") if days_left < WARN_DAYS else (State.PASS, "")
