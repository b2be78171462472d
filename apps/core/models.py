"""What the installation remembers of its own health. It belongs to no shop: no row tells of one.

Written and read by `apps.core.sampling.kept` in SQL, since the best way to
keep a quarter hour is to let the worse of two states win. Names of checks and
servers, words and codes; never what a shop did.
"""

from django.db import models
from django.db.models import Q


class HealthSample(models.Model):
    """The worst that any process saw of a check in a quarter of an hour."""

    name = models.CharField(max_length=40)  # of the check
    quarter_at = models.DateTimeField()  # when the quarter begins, UTC
    state = models.PositiveSmallIntegerField()  # 0 pass, 1 warn, 2 fail
    word = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints = [
            # What writers of the same quarter meet at; it leads with what is read and cleared by.
            models.UniqueConstraint(
                name="core_healthsample_quarter", fields=["quarter_at", "name"]
            ),
            models.CheckConstraint(
                name="core_healthsample_state_known", condition=Q(state__range=(0, 2))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.quarter_at}"


class HealthChange(models.Model):
    """A check that went from one state, or cause, to another, as one process saw it."""

    at = models.DateTimeField()
    name = models.CharField(max_length=40)  # of the check
    before = models.CharField(max_length=4)
    after = models.CharField(max_length=4)
    word = models.CharField(max_length=12, blank=True)
    finding = models.CharField(max_length=40, blank=True)  # a code of the doctor's
    said = models.CharField(max_length=500, blank=True)  # the other side's text, without secrets
    server = models.CharField(max_length=64)
    process = models.PositiveIntegerField()

    class Meta:
        constraints = [
            # A change that was written twice, since the first answer was lost, is one. The list
            # of the last changes goes by it too.
            models.UniqueConstraint(
                name="core_healthchange_once", fields=["at", "server", "process", "name"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.after} {self.at}"


class HealthReporter(models.Model):
    """A server, or a worker for jobs, that writes samples; and when it last did."""

    server = models.CharField(max_length=64)
    kind = models.CharField(max_length=6)  # web, worker
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="core_healthreporter_once", fields=["server", "kind"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.server}"
