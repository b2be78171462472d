"""When the shop is open: what was written outside of it stands out in a report."""

from dataclasses import dataclass
from datetime import datetime, time

from apps.shops.models import Member
from apps.shops.policies import policy, set_policy


@dataclass(frozen=True, slots=True)
class Hours:
    """When the shop works, on its own clock; past midnight where `since` is the later."""

    since: time
    until: time

    def holds(self, moment: time) -> bool:
        if self.since <= self.until:
            return self.since <= moment <= self.until
        return moment >= self.since or moment <= self.until


def hours_at(at: datetime) -> Hours | None:
    """The hours in force; None where the shop never said any. One query."""
    said = policy("hours", at=at)
    if not said.get("since"):
        return None
    return Hours(time.fromisoformat(said["since"]), time.fromisoformat(said["until"]))


def set_hours(hours: Hours | None, *, by: Member, at: datetime) -> None:
    """Let these hours count from now on; None: nobody looks at the clock."""
    values = (
        {"since": hours.since.isoformat("minutes"), "until": hours.until.isoformat("minutes")}
        if hours
        else {}
    )
    set_policy("hours", values, by=by, at=at)
