"""The shop's rules of its drawers: section `till` of its policies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from apps.core.currencies import CURRENCIES
from apps.core.errors import Invalid
from apps.shops.models import Member, PolicyVersion, Shop
from apps.shops.policies import policy, set_policy

SECTION: Final = "till"
MOST_CURRENCIES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class TillRules:
    """`currencies`: whose cash is taken, the shop's own first. `open_first`: see shops.shifts."""

    currencies: tuple[str, ...]
    open_first: bool


@dataclass(eq=False)
class CurrencyNotTaken(Invalid):
    """A currency that is none, or that the shop does not take in cash."""

    currency: str

    def __str__(self) -> str:
        return _("%(currency)s is no cash of this till. Choose a currency that the shop takes.") % {
            "currency": self.currency
        }


@dataclass(eq=False)
class TooManyCurrencies(Invalid):
    most: int

    def __str__(self) -> str:
        return _("A drawer holds up to %(most)s currencies. Take one away.") % {"most": self.most}


def till_rules(shop: Shop, *, at: datetime) -> TillRules:
    """The rules in force at `at`."""
    values = policy(SECTION, at=at)
    others = [code for code in values.get("currencies", ()) if code in CURRENCIES]
    return TillRules(
        currencies=tuple(dict.fromkeys((shop.currency, *others))),
        open_first=bool(values.get("open_first", False)),
    )


def set_till_rules(
    *, currencies: Sequence[str], open_first: bool, by: Member, at: datetime
) -> PolicyVersion:
    """Let these rules count from `at` on. Raises CurrencyNotTaken, TooManyCurrencies."""
    for code in currencies:
        if code not in CURRENCIES:
            raise CurrencyNotTaken(currency=code)
    taken = list(dict.fromkeys((by.shop.currency, *currencies)))
    if len(taken) > MOST_CURRENCIES:
        raise TooManyCurrencies(most=MOST_CURRENCIES)
    # Words of the section that this page does not set stay as they were.
    values = {**policy(SECTION, at=at), "currencies": taken, "open_first": open_first}
    return set_policy(SECTION, values, by=by, at=at)
