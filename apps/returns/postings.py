"""Documents in the books: money and fine grams, each summing to zero."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from django.db.models import Q

from apps.core.units import currency, round_to
from apps.ledger import chart
from apps.ledger.models import Entry, Posting
from apps.ledger.services import Amount
from apps.pricing.rules import Kind
from apps.pricing.rules.spread import spread
from apps.returns.models import Fate
from apps.returns.rules import Part, share_of_grams
from apps.returns.selectors.judging import LineResult, Result
from apps.sales.models import Sale, SaleLine

_ZERO = Decimal(0)
_ACCOUNTS = {
    Kind.METAL: chart.SALES_METAL,
    Kind.WASTAGE: chart.SALES_MAKING,
    Kind.MAKING: chart.SALES_MAKING,
    Kind.STONE: chart.SALES_STONES,
    Kind.EXTRA: chart.SALES_EXTRAS,
    Kind.PROFIT: chart.SALES_EXTRAS,
    Kind.PRICE: chart.SALES_EXTRAS,
}


def reversal_of(sale: Sale, *, but: Iterable[str] = ()) -> Iterator[Amount]:
    """The entry of a sale with every sign turned, without the accounts in `but`."""
    entry = Entry.objects.get(what="sale", reference=sale.code)
    left_out = frozenset(but)
    for posting in Posting.objects.filter(entry=entry).order_by("pk"):
        if posting.account not in left_out:
            yield Amount(
                account=posting.account,
                commodity=posting.commodity,
                amount=-posting.amount,
                party=posting.party,
            )


def credited(result: Result, *, sale: Sale) -> Iterator[Amount]:
    """What a credit note takes back of the sale's income and tax, and where the goods go now.

    What is kept stays where the sale has put it. Debits come to `result.total`.
    """
    money = sale.currency
    parts = [part for line in result.lines for part in line.parts]
    yield from _income_back(parts, money)
    yield from _tax_back(result.tax, sale)
    yield Amount(account=chart.ROUND_OFF, commodity=money, amount=result.round_off)
    for line in result.lines:
        yield from goods_back(line, money=money)


def goods_back(line: LineResult, *, money: str) -> Iterator[Amount]:
    """The cost of what came back leaves the cost of sales, in money and in fine grams."""
    account = chart.STOCK if line.fate == Fate.STOCK else chart.OLD_GOLD
    yield from _moved(account, chart.COST_OF_SALES, money, line.worth)
    for metal, fine_g in fine_grams_of(line.line, line.metal_share):
        yield from _moved(account, chart.COST_OF_SALES, metal, fine_g)


def fine_grams_of(line: SaleLine, share: Decimal) -> Iterator[tuple[str, Decimal]]:
    """The fine grams of each metal of a sold piece, as far as they came back."""
    for metal in line.snapshot["metals"]:
        yield metal["metal"], share_of_grams(Decimal(metal["fine_weight_g"]), share)


def _tax_back(tax: Decimal, sale: Sale) -> Iterator[Amount]:
    """The tax from the accounts that the sale owed it in, in the same proportion."""
    if not tax:
        return
    owed = list(
        Posting.objects.filter(
            Q(account=chart.TAX) | Q(account__startswith=f"{chart.TAX}:"),
            entry__what="sale",
            entry__reference=sale.code,
        ).order_by("account")
    )
    shares = spread(tax, [-posting.amount for posting in owed], currency(sale.currency).step)
    for posting, share in zip(owed, shares, strict=True):
        yield Amount(account=posting.account, commodity=sale.currency, amount=share)


def _moved(into: str, out_of: str, commodity: str, amount: Decimal) -> Iterator[Amount]:
    yield Amount(account=into, commodity=commodity, amount=amount)
    yield Amount(account=out_of, commodity=commodity, amount=-amount)


def _income_back(parts: Sequence[Part], money: str) -> Iterator[Amount]:
    """Each kind of sale without tax, and the discount's share, as the sale posted them.

    Tax inside the prices is taken from each kind in proportion, as `apps.sales.postings` does.
    """
    step = currency(money).step
    gross = dict.fromkeys(_ACCOUNTS.values(), _ZERO)
    discount = inside = _ZERO
    for part in parts:
        if part.is_tax:
            inside += part.refunded if part.is_within else _ZERO
            continue
        net = part.refunded + part.kept
        share = _ZERO
        if part.discount and part.refunded:
            share = round_to(part.discount * part.refunded / net, step)
        gross[_ACCOUNTS[part.kind]] += part.refunded - share
        discount += share
    if inside:
        before = sum(gross.values(), _ZERO)
        of_discount = round_to(inside * discount / (before + discount), step)
        discount -= of_discount
        shares = spread(inside - of_discount, list(gross.values()), step)
        gross = {
            account: amount - share
            for (account, amount), share in zip(gross.items(), shares, strict=True)
        }
    for account, amount in gross.items():
        yield Amount(account=account, commodity=money, amount=amount)
    yield Amount(account=chart.DISCOUNTS, commodity=money, amount=discount)
