"""What is agreed about pieces before a memo is written: days, prices, tags."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from apps.consignment.models import Terms
from apps.consignment.refusals import DayImpossible, NothingOnMemo, TagTwice, TermsImpossible
from apps.core.units import MOST_MONEY, currency, round_money
from apps.inventory.selectors import tags_of
from apps.shops.days import day_of
from apps.shops.models import Member

MOST_LINES: Final = 200
LONGEST_NOTE: Final = 200
_LONGEST: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """A tag, and what is agreed about its price. `value`: money, or percent; None of the day."""

    tag: str
    terms: Terms = Terms.DAY
    value: Decimal | None = None


def demand_day(due: date, *, by: Member, at: datetime) -> None:
    """Raises DayImpossible."""
    today = day_of(by.shop, at)
    if not today <= due <= today + _LONGEST:
        raise DayImpossible(due=due)


def demand_terms(agreed: Agreed, *, among: Sequence[Terms], code: str) -> None:
    """Raises TermsImpossible. `code`: the shop's currency."""
    terms, value = agreed.terms, agreed.value
    if terms not in among:
        raise TermsImpossible(tag=agreed.tag, reason=_("That is none of the choices. Choose one."))
    if terms == Terms.DAY:
        if value is not None:
            raise TermsImpossible(
                tag=agreed.tag, reason=_("The price of the day is no number. Leave it empty.")
            )
        return
    if value is None or not value.is_finite():
        raise TermsImpossible(tag=agreed.tag, reason=_("The price is missing. Write it."))
    if terms == Terms.PERCENT:
        if not 0 < value <= 100 or value != round(value, 4):
            raise TermsImpossible(
                tag=agreed.tag, reason=_("A percent is above 0 and up to 100. Write it again.")
            )
        return
    least = Decimal(0) if terms == Terms.MAKING else currency(code).step
    if not least <= value < MOST_MONEY or value != round_money(value, currency(code).exponent):
        raise TermsImpossible(
            tag=agreed.tag, reason=_("That is no price in this currency. Write it again.")
        )


def known_tags(agreed: Sequence[Agreed]) -> list[str]:
    """The stored tag of each, in order. Raises NothingOnMemo, TagTwice, PieceNotFound."""
    if not agreed or len(agreed) > MOST_LINES:
        raise NothingOnMemo
    known = tags_of([each.tag for each in agreed])
    if len(known) < len(agreed):
        raise TagTwice(tag=_twice(agreed))
    return known


def _twice(agreed: Sequence[Agreed]) -> str:
    seen: set[str] = set()
    for each in agreed:
        (tag,) = tags_of([each.tag])
        if tag in seen:
            return tag
        seen.add(tag)
    raise AssertionError("no tag is twice")
