"""The price of a whole bill: lines, the bill's discount, taxes, round-off, and what is due."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, localcontext
from typing import Final

from apps.core.units import EXACT, Currency, currency, round_to
from apps.pricing.rules.broken import RuleBroken, gettext_noop
from apps.pricing.rules.checks import LARGEST, too_large
from apps.pricing.rules.component import Component, Kind, RoundingRule, made, rounding_of
from apps.pricing.rules.deposits import DepositUse, RateLock, locks
from apps.pricing.rules.discounts import share_out
from apps.pricing.rules.draft import Draft
from apps.pricing.rules.packs import RoundingPolicy, TaxPer
from apps.pricing.rules.price import draft_line
from apps.pricing.rules.quotes import Quote, QuoteLine
from apps.pricing.rules.tax import add_taxes
from apps.pricing.rules.terms import DepositTerms, QuoteTerms
from apps.pricing.rules.trade_ins import take_in
from apps.pricing.rules.weights import weigh

_ZERO: Final = Decimal(0)


def price_document(terms: QuoteTerms) -> Quote:
    """Price a bill.

    total = sum of the lines with their tax, rounded to the bill's step
    due   = total - trade-ins - deposit

    Each component is rounded once and the lines add up to the total. Pure: the same terms give
    the same quote, on any day and any machine.

    Raises RuleBroken, naming the field; UnknownCurrency.
    """
    order = _fair_order(terms)
    with localcontext(EXACT):
        if order is None:
            return _price(terms)
        try:
            quote = _price(replace(terms, lines=tuple(terms.lines[i] for i in order)))
        except RuleBroken as broken:
            raise _at_its_line(broken, order) from None
        places = sorted(range(len(order)), key=order.__getitem__)
        return replace(quote, lines=tuple(quote.lines[place] for place in places))


def _fair_order(terms: QuoteTerms) -> list[int] | None:
    """An order of the lines that does not depend on how they were scanned, where it matters.

    It matters where something is shared out among lines: of two that are equal in all that counts
    one must get the last step. None: nothing is shared, each line stands for itself.
    """
    shared = terms.discount or terms.trade_ins or terms.deposit
    if len(terms.lines) < 2 or not (shared or terms.pack.tax_per == TaxPer.DOCUMENT):
        return None
    names = [repr(line) for line in terms.lines]
    return sorted(range(len(names)), key=names.__getitem__)


def _at_its_line(broken: RuleBroken, order: Sequence[int]) -> RuleBroken:
    """The refusal with the number the line had before it was put in order."""
    head, _, rest = broken.field.partition(".")
    number, _, field = rest.partition(".")
    if head != "lines" or not number:
        return broken
    path = ".".join(part for part in ("lines", str(order[int(number)]), field) if part)
    return RuleBroken(path, broken.message, **broken.facts)


def _price(terms: QuoteTerms) -> Quote:
    money = currency(terms.currency)
    pack = terms.pack
    policy = terms.rounding or pack.rounding(money.code)
    _check(terms, money, policy)
    drafts = _drafts(terms, policy, money.step)
    if terms.discount is not None:
        parts = [(draft.components, draft.nets) for draft in drafts]
        rule = policy.of(Kind.DISCOUNT)
        try:
            share_out(terms.discount, parts, rule=rule, step=money.step)
        except RuleBroken as broken:
            raise broken.under("discount") from None
    trade_ins = take_in(terms.trade_ins, pack, money)
    taxes = add_taxes(
        drafts,
        pack=pack,
        policy=policy,
        step=money.step,
        rates=terms.tax_rates,
        base_reduction=sum((t.amount for t in trade_ins if t.reduces_tax_base), _ZERO),
    )
    lines = tuple(_line(draft) for draft in drafts)
    round_off = _round_off(sum((line.total for line in lines), _ZERO), policy)
    total = sum((line.total for line in lines), round_off.amount)
    trade_in = sum((t.amount for t in trade_ins), _ZERO)
    deposit = _money_of(terms.deposit, money)
    due = total - trade_in - deposit
    cash_step = terms.cash_step or pack.cash_step(money.code)
    cash_total = round_to(due, cash_step)
    return Quote(
        currency=money.code,
        exponent=money.exponent,
        date=terms.date,
        pack=pack,
        rounding=policy,
        lines=lines,
        subtotal=sum((line.subtotal for line in lines), _ZERO),
        discount=sum((line.discount for line in lines), _ZERO),
        taxes=taxes,
        tax=sum((line.tax for line in lines), _ZERO),
        unshown_tax=sum((line.unshown_tax for line in lines), _ZERO),
        round_off_component=round_off,
        total=total,
        trade_ins=trade_ins,
        trade_in=trade_in,
        deposit_use=_deposit_use(terms.deposit, deposit, drafts),
        deposit=deposit,
        due=due,
        cash_step=cash_step,
        cash_total=cash_total,
        cash_rounding=cash_total - due,
    )


def _check(terms: QuoteTerms, money: Currency, policy: RoundingPolicy) -> None:
    if not terms.lines:
        raise RuleBroken("lines", gettext_noop("There is nothing to price. Add a line."))
    if terms.date < terms.pack.valid_from:
        raise RuleBroken(
            "date",
            gettext_noop("Tax pack {code} begins on {first}, and {date} is before it."),
            code=terms.pack.id,
            first=terms.pack.valid_from.isoformat(),
            date=terms.date.isoformat(),
        )
    steps = [(f"rounding.{kind.value}", rule) for kind, rule in policy.rules.items()]
    steps.append(("rounding.document", policy.document))
    if terms.cash_step is not None:
        steps.append(("cash_step", RoundingRule(terms.cash_step)))
    for path, rule in steps:
        # A finer step would print digits that the currency does not have.
        if rule.step <= 0 or rule.step % money.step:
            raise RuleBroken(
                path,
                gettext_noop(
                    "A step of {step} does not fit {currency}, which counts in {smallest}."
                ),
                step=rule.step,
                currency=money.code,
                smallest=money.step,
            )


def _drafts(terms: QuoteTerms, policy: RoundingPolicy, step: Decimal) -> list[Draft]:
    weights = []
    for i, line in enumerate(terms.lines):
        try:
            weights.append(weigh(line))
        except RuleBroken as broken:
            raise broken.under(f"lines.{i}") from None
    fixed = locks(terms.deposit, terms.lines, weights)
    drafts = []
    for i, (line, weight) in enumerate(zip(terms.lines, weights, strict=True)):
        own: dict[int, RateLock] = {j: lock for (at, j), lock in fixed.items() if at == i}
        try:
            drafts.append(
                draft_line(
                    line, weights=weight, pack=terms.pack, policy=policy, step=step, locks=own
                )
            )
        except RuleBroken as broken:
            raise broken.under(f"lines.{i}") from None
        if drafts[-1].net > LARGEST:
            raise too_large(f"lines.{i}")
    return drafts


def _line(draft: Draft) -> QuoteLine:
    before = discount = on_top = within = unshown = _ZERO
    for component in draft.components:
        if component.kind == Kind.DISCOUNT:
            discount += component.amount
        elif component.kind != Kind.TAX:
            before += component.amount
        elif not component.is_within:
            on_top += component.amount
        elif component.is_shown:
            within += component.amount
        else:
            unshown += component.amount
    total = before + discount + on_top
    tax = on_top + within
    return QuoteLine(
        terms=draft.terms,
        weights=draft.weights,
        tax_category=draft.category,
        components=tuple(draft.components),
        before_discount=before,
        discount=discount,
        subtotal=total - tax,
        tax=tax,
        unshown_tax=unshown,
        total=total,
    )


def _round_off(exact: Decimal, policy: RoundingPolicy) -> Component:
    basis: dict[str, Decimal | str] = {"formula": "to_step", "base": exact}
    basis.update(rounding_of(policy.document))
    component = made(Kind.ROUND_OFF, "round_off", basis)
    if abs(component.amount) > policy.bound:
        raise RuleBroken(
            "rounding.document",
            gettext_noop(
                "A round-off of {amount} is more than {bound}. Give a discount with a reason."
            ),
            amount=component.amount,
            bound=policy.bound,
        )
    return component


def _money_of(deposit: DepositTerms | None, money: Currency) -> Decimal:
    """The deposit's money in the digits of the currency; zero without one."""
    return _ZERO if deposit is None else round_to(deposit.amount, money.step)


def _deposit_use(
    terms: DepositTerms | None, amount: Decimal, drafts: Sequence[Draft]
) -> DepositUse | None:
    if terms is None:
        return None
    locked_g = locked = open_g = left = _ZERO
    for draft in drafts:
        for component in draft.components:
            basis = component.basis
            if component.kind != Kind.METAL or basis["formula"] != "weight":
                continue
            if terms.metal not in ("", component.label):
                continue
            grams = basis.get("chargeable_g", basis["grams"])
            assert isinstance(grams, Decimal)
            if basis.get("of") == "deposit":
                locked_g, locked = locked_g + grams, locked + component.amount
            else:
                open_g, left = open_g + grams, left + component.amount
    return DepositUse(
        kind=terms.kind,
        amount=amount,
        grams_locked=locked_g,
        locked_value=locked,
        open_grams=open_g,
        open_value=left,
    )
