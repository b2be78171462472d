"""Writes: the shop's rules for what comes back, from now on."""

from datetime import datetime

from django.db import transaction

from apps.returns.policy import (
    BUY_BACK_SECTION,
    SECTION,
    BuyBackTerms,
    ReturnRules,
    ReturnTerms,
    return_rules,
)
from apps.shops.models import Member
from apps.shops.policies import set_policy


@transaction.atomic
def set_return_terms(
    terms: ReturnTerms, *, category: str = "", by: Member, at: datetime
) -> ReturnRules:
    """Let these terms count for bills from now on, for a category or for all the others."""
    now = return_rules(at=at)
    changed = ReturnRules(
        default=now.default if category else terms,
        categories={**now.categories, category: terms} if category else now.categories,
    )
    set_policy(SECTION, changed.as_json(), by=by, at=at)
    return changed


@transaction.atomic
def drop_category(category: str, *, by: Member, at: datetime) -> ReturnRules:
    """Let a category follow the rules of all the others again."""
    now = return_rules(at=at)
    left = {name: terms for name, terms in now.categories.items() if name != category}
    changed = ReturnRules(default=now.default, categories=left)
    set_policy(SECTION, changed.as_json(), by=by, at=at)
    return changed


def set_buy_back_terms(terms: BuyBackTerms, *, by: Member, at: datetime) -> None:
    """Let these terms count for buy-backs from now on."""
    set_policy(BUY_BACK_SECTION, terms.as_json(), by=by, at=at)
