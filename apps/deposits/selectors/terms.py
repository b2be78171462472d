"""What a contract does to a price, and how long it does: reads alone, nothing is locked."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from apps.deposits import rules
from apps.deposits.models import Deposit, DepositKind, DepositMove, DropBorneBy
from apps.deposits.policy import DepositPolicy
from apps.deposits.selectors.contracts import Balance, balance_of
from apps.pricing.rules import DepositKind as PricedKind
from apps.pricing.rules import DepositTerms, Rate, per_gram, quoted
from apps.pricing.selectors import board_at
from apps.shops.models import Shop


def last_day_of_grace(deposit: Deposit) -> date:
    """Until then a contract that ran out can still be used; after it, it may be kept."""
    grace = DepositPolicy.from_json(deposit.rules).grace_days
    return deposit.expires_on + timedelta(days=grace)


def terms_for(
    deposit: Deposit, *, shop: Shop, at: datetime, amount: Decimal | None = None
) -> DepositTerms:
    """What the contract does to the price of a bill at `at`; nothing is locked or written.

    `amount`: what of its money the bill takes, where that is less than it holds. The price asks
    for no more grams than the payments bought: several payments at several rates are one rate
    here, at which the money reaches exactly their grams (`rules.fixed_price_per_g`). Where the
    shop bears a drop and today's rate is the lower one, today's rate is charged.
    """
    held = balance_of(deposit)
    used = held.amount if amount is None else amount
    fixed = fixed_rate(deposit, held)
    if fixed is None or _has_dropped(deposit, fixed, shop=shop, at=at):
        return DepositTerms(kind=PricedKind.VALUE, amount=used)
    return DepositTerms(kind=PricedKind(deposit.kind), amount=used, metal=deposit.metal, rate=fixed)


def fixed_rate(deposit: Deposit, held: Balance) -> Rate | None:
    """The rate that the contract fixes for what it holds now; None where it fixes none."""
    if deposit.kind == DepositKind.FULL_LOCK:
        assert deposit.rate_amount is not None
        return quoted(deposit.rate_amount, deposit.rate_unit, deposit.rate_fineness)
    if deposit.kind == DepositKind.VALUE or held.grams <= 0 or held.amount <= 0:
        return None
    assert deposit.fineness is not None
    lines = [
        (move.grams, quoted(move.rate_amount, move.rate_unit, move.rate_fineness))
        for move in DepositMove.objects.filter(deposit=deposit, grams__gt=0)
        if move.rate_amount is not None
    ]
    rates = {rate for _grams, rate in lines}
    for rate in rates:
        price = per_gram(rate, deposit.fineness)
        if len(rates) == 1 and rules.grams_for(held.amount, price) == held.grams:
            return rate
    bought = [rules.Bought(grams, per_gram(rate, deposit.fineness)) for grams, rate in lines]
    return Rate(
        amount=rules.fixed_price_per_g(held.amount, held.grams, bought),
        fineness=deposit.fineness,
    )


def _has_dropped(deposit: Deposit, fixed: Rate, *, shop: Shop, at: datetime) -> bool:
    if deposit.drop_borne_by != DropBorneBy.SHOP:
        return False
    assert deposit.fineness is not None
    today = board_at(shop=shop, at=at, metals=[deposit.metal])
    now = per_gram(today.rate_for(deposit.metal, deposit.fineness), deposit.fineness)
    return now < per_gram(fixed, deposit.fineness)
