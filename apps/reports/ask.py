"""What a reader asked a report for, read from its address; and addresses that ask."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from apps.reports.periods import Period, between, preset
from apps.shops.days import day_of, start_of
from apps.shops.models import Register, Shop

_KEYS = ("by", "account", "commodity", "what", "category", "metal")
_LONGEST = 60
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """The period, the till, and the words that narrow a report down; unknown ones find nothing."""

    shop: Shop
    now: datetime
    today: date
    period: Period
    register: Register | None = None
    by: str = ""
    account: str = ""
    commodity: str = ""
    what: str = ""
    category: str | None = None
    metal: str | None = None
    seller: int | None = None
    page: int = 1

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a form that asks for other days hands on."""
        words = {
            "by": self.by or None,
            "account": self.account or None,
            "commodity": self.commodity or None,
            "what": self.what or None,
            "category": self.category,
            "metal": self.metal,
            "seller": str(self.seller) if self.seller else None,
        }
        return [(key, value) for key, value in words.items() if value is not None]

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From the beginning of the first day to the end of the last, on the shop's clock."""
        after = min(self.period.until, date.max - _ONE_DAY) + _ONE_DAY
        return start_of(self.shop, self.period.since), start_of(self.shop, after)

    def address(self, report: str, **changes: Any) -> str:
        """The address of a report over the same period and till; `changes` narrow it down."""
        asked = {
            "since": self.period.since.isoformat(),
            "until": self.period.until.isoformat(),
            "till": self.register.code if self.register else None,
        } | changes
        given = {key: value for key, value in asked.items() if value is not None}
        return f"{reverse('reports:report', args=[report])}?{urlencode(given)}"

    def on(self, day: date, report: str, **changes: Any) -> str:
        """The same for one day."""
        return self.address(report, since=day.isoformat(), until=day.isoformat(), **changes)


def asked(
    given: QueryDict, *, shop: Shop, now: datetime, default: str, registers: list[Register]
) -> Ask:
    """Read an address. Two days go before a preset; without either the report's default counts.

    Raises DayUnreadable, PeriodBackwards, PeriodTooLong.
    """
    today = day_of(shop, now)
    since, until = given.get("since", ""), given.get("until", "")
    if since or until:
        period = between(since, until, today=today)
    else:
        period = preset(given.get("period") or default, today=today, pack=shop.tax_pack)
    till = given.get("till", "")
    # No text of ours holds a NUL, and the database takes none.
    words = {key: given.get(key, "")[:_LONGEST].replace("\0", "") for key in _KEYS}
    return Ask(
        shop=shop,
        now=now,
        today=today,
        period=period,
        register=next((each for each in registers if each.code == till), None),
        by=words["by"],
        account=words["account"],
        commodity=words["commodity"],
        what=words["what"],
        # An empty category and no metal are values to ask for, too.
        category=words["category"] if "category" in given else None,
        metal=words["metal"] if "metal" in given else None,
        seller=_number(given.get("seller", "")),
        page=_number(given.get("page", "")) or 1,
    )


def _number(text: str) -> int | None:
    fits = text.isascii() and text.isdigit() and len(text) <= 9
    return int(text) if fits else None
