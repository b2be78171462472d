"""What a customer already has with the shop and pays a bill with: old gold, deposits, schemes.

They go through the price: old gold may lower what is taxed, a deposit may fix the rate of grams.
Only what the bill needs of them is used; the rest stays the customer's. No database here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from apps.deposits.selectors.schemes import Benefit
from apps.pricing import rules
from apps.sales.rules import CASH, Payment
from apps.till.kinds import TenderKind

CLAIMS: Final = frozenset({TenderKind.OLD_GOLD, TenderKind.DEPOSIT, TenderKind.SCHEME})
_ZERO: Final = Decimal(0)
# Each round is a few percent of the one before: the smallest coin is reached long before the last.
_ROUNDS: Final = 12

Key = tuple[str, str]  # kind, number


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An old-gold slip, a deposit or a savings scheme, and what of it is left to use.

    `trade_in`, `deposit` and `benefit` are its terms in a price. `reserved`: tags that lie aside
    for it and may be sold with it. `shown`: what a bill prints of it, as JSON.
    """

    kind: str
    number: str
    left: Decimal
    customer: int
    customer_name: str
    trade_in: rules.TradeInTerms | None = None
    deposit: rules.DepositTerms | None = None
    benefit: Benefit | None = None
    reserved: frozenset[str] = frozenset()
    shown: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Priced:
    """A bill's price, and its payments with what each claim of them pays."""

    quote: rules.Quote
    payments: tuple[Payment, ...]


NO_CLAIMS: Final[Mapping[Key, Claim]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class InPrice:
    """What the claims do to the price: each with so much of it as is used."""

    trade_ins: tuple[rules.TradeInTerms, ...] = ()
    deposit: rules.DepositTerms | None = None
    benefits: tuple[Benefit, ...] = ()


PriceWith = Callable[[InPrice], rules.Quote]


def key_of(payment: Payment) -> Key:
    return payment.kind, payment.instrument


def price_with_claims(
    price: PriceWith, payments: Sequence[Payment], claims: Mapping[Key, Claim]
) -> Priced:
    """Price a bill together with the claims that pay it.

    used = the lesser of what is wanted of a claim and what the bill still needs, old gold last

    Where old gold lowers the tax, or a deposit fixes a lower rate, using less of it makes the bill
    dearer, which needs more of it: the two are brought together step by step. A payment by a claim
    says in `given` how much of it is wanted, 0 being all.
    """
    own = sorted(
        (i for i, payment in enumerate(payments) if payment.kind in CLAIMS),
        key=lambda i: (payments[i].kind == TenderKind.OLD_GOLD, i),
    )
    others = sum(
        (p.given for p in payments if p.kind not in CLAIMS and p.kind != CASH),
        _ZERO,
    )
    found = [claims[key_of(payments[i])] for i in own]
    wanted = [min(payments[i].given or c.left, c.left) for i, c in zip(own, found, strict=True)]
    used = wanted
    quote = _priced(price, found, used)
    for _round in range(_ROUNDS):
        needed = fit(wanted, quote.total - others)
        if needed == used:
            break
        before, used = used, needed
        quote = _priced(price, found, used)
    else:  # the last coin goes back and forth: it is left to pay in another way
        used = [min(pair) for pair in zip(before, used, strict=True)]
        quote = _priced(price, found, used)
    paid = list(payments)
    for i, amount in zip(own, used, strict=True):
        paid[i] = replace(paid[i], given=amount)
    return Priced(quote, tuple(paid))


def fit(wanted: Sequence[Decimal], need: Decimal) -> list[Decimal]:
    """As much of each as is needed, the first ones first; never below zero."""
    left = max(need, _ZERO)
    fitting = []
    for amount in wanted:
        used = min(amount, left)
        fitting.append(used)
        left -= used
    return fitting


def _priced(price: PriceWith, claims: Sequence[Claim], used: Sequence[Decimal]) -> rules.Quote:
    trade_ins = tuple(
        replace(claim.trade_in, amount=amount, rate=None, cut_percent=_ZERO)
        for claim, amount in zip(claims, used, strict=True)
        if claim.trade_in is not None and amount
    )
    # No more grams are fixed than the money that is used has bought.
    deposits = [
        replace(claim.deposit, amount=amount)
        for claim, amount in zip(claims, used, strict=True)
        if claim.deposit is not None
    ]
    # No making is free on grams that the money which is used did not buy.
    benefits = tuple(
        replace(claim.benefit, free_making_g=claim.benefit.free_making_g * amount / claim.left)
        for claim, amount in zip(claims, used, strict=True)
        if claim.benefit is not None and claim.benefit.free_making_g and amount
    )
    return price(
        InPrice(trade_ins=trade_ins, deposit=next(iter(deposits), None), benefits=benefits)
    )
