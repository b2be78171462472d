"""Closing the books: no entry is dated on a day of a closed period. The database keeps it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.core import formatting
from apps.core.errors import Conflict, Invalid
from apps.ledger.days import books_locked
from apps.ledger.models import PeriodLock
from apps.shops.days import day_of
from apps.shops.models import Member


@dataclass(eq=False)
class DayClosed(Conflict):
    """An entry was to be dated in a period that is closed."""

    day: date
    closed_through: date

    def __str__(self) -> str:
        return _(
            "The books are closed through %(day)s. Date it later, or let the owner open the period."
        ) % {"day": formatting.day(self.closed_through)}


@dataclass(eq=False)
class PeriodNotOver(Invalid):
    """Today and the days to come cannot be closed: the tills still write them."""

    day: date

    def __str__(self) -> str:
        return _("%(day)s is not over. Close the books through a day before today.") % {
            "day": formatting.day(self.day)
        }


@dataclass(eq=False)
class ReasonMissing(Invalid):
    """Somebody closed or opened a period and did not say why."""

    def __str__(self) -> str:
        return _("The reason is missing. Write a few words, as the accountant will read them.")


def closed_day_of(error: IntegrityError) -> date:
    """The day that the database's refusal names."""
    return date.fromisoformat(error.__cause__.diag.message_detail)  # type: ignore[union-attr]


def closed_through() -> date | None:
    """The last day of the closed period of the shop in scope; None while nothing is closed."""
    newest = PeriodLock.objects.order_by("-pk").first()
    return newest.through if newest else None


@transaction.atomic
def close_period(*, through: date, reason: str, by: Member, at: datetime) -> PeriodLock:
    """Close the books through a day, or open them again back to an earlier one.

    The last word counts, and every word stays. Waits for entries that are being written.

    Raises PeriodNotOver, ReasonMissing.
    """
    if through >= day_of(by.shop, at):
        raise PeriodNotOver(day=through)
    if not reason.strip():
        raise ReasonMissing
    books_locked(wait=True)
    newest = PeriodLock.objects.order_by("-pk").first()
    if newest is not None and newest.through == through:
        return newest  # the second press of a button
    return PeriodLock.objects.create(
        through=through, reason=reason.strip()[:200], set_by=by, set_at=at
    )
