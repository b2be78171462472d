"""What holds for every bill: lines add up, order does not matter, every amount can be replayed."""

import json
import time
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal, localcontext

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.core.units import Rounding, fine_grams
from apps.pricing.rules import (
    Component,
    DepositKind,
    DepositTerms,
    DiscountOn,
    DiscountTerms,
    ExtraTerms,
    FeeKind,
    Kind,
    LineTerms,
    MakingBasis,
    MakingMode,
    MakingTable,
    MakingTerms,
    MetalTerms,
    QuoteTerms,
    Rate,
    ReturnPolicy,
    RoundingRule,
    Scheme,
    Slab,
    SlabBy,
    StonePrice,
    StoneTerms,
    TradeInTerms,
    WastageMode,
    WastageTerms,
    price_document,
    refund,
    replay,
    version_for,
)
from apps.pricing.rules.returns import CHARGES
from apps.pricing.rules.spread import spread

D = Decimal
DAY = date(2026, 7, 1)
PLACES = [
    ("IN", "INR"),
    ("IR", "IRT"),
    ("AE", "AED"),
    ("SA", "SAR"),
    ("KW", "KWD"),
    ("GB", "GBP"),
    ("US-CT", "USD"),
    ("TR", "TRY"),
    ("JP", "JPY"),
    ("CH", "CHF"),
]


def decimals(low, high, places):
    return st.decimals(low, high, places=places)


def cents(high):
    return decimals(0, high, 2)


rates = st.builds(
    Rate,
    amount=decimals("0.01", 5_000_000, 4),
    unit_g=st.sampled_from([D(1), D("11.6638038"), D("31.1034768"), D("4.6083")]),
    fineness=st.sampled_from([None, 10_000, 9999, 9160, 7050, 7500]),
)
metals = st.builds(
    MetalTerms,
    metal=st.sampled_from(["gold", "silver"]),
    fineness=st.integers(1, 10_000),
    net_weight_g=decimals("0.001", 2_000, 3),
    rate=rates,
)


def slab(start):
    """A charge that tells its slab: the mode follows from where it begins."""
    mode = [MakingMode.PERCENT_OF_METAL, MakingMode.PER_GRAM, MakingMode.PER_PIECE][int(start) % 3]
    return Slab(start=start, mode=mode, value=D(40) - min(D(40), start / 300))


makings = st.one_of(
    st.none(),
    st.builds(
        MakingTerms,
        mode=st.just(MakingMode.PERCENT_OF_METAL),
        value=decimals(0, 40, 2),
        basis=st.sampled_from([None, MakingBasis.METAL_AND_WASTAGE]),
    ),
    st.builds(
        MakingTerms,
        mode=st.just(MakingMode.PER_GRAM),
        value=cents(900),
        basis=st.sampled_from([None, MakingBasis.CHARGEABLE]),
    ),
    st.builds(MakingTerms, mode=st.just(MakingMode.PER_PIECE), value=cents(90_000)),
    st.builds(
        MakingTerms,
        mode=st.just(MakingMode.SLAB),
        table=st.builds(
            MakingTable,
            name=st.just("chains@2026-07-01"),
            by=st.sampled_from(SlabBy),
            fineness=st.sampled_from([None, 9160, 10_000]),
            slabs=st.lists(decimals("0.001", 9_000, 3), unique=True, max_size=4).map(
                lambda starts: tuple(map(slab, [D(0), *sorted(starts)]))
            ),
        ),
    ),
)
stones = st.builds(
    StoneTerms,
    kind=st.just("diamond"),
    pieces=st.integers(1, 40),
    carats=decimals(0, 20, 5),
    price=st.sampled_from(StonePrice),
    value=cents(50_000),
)
percent_off = st.builds(DiscountTerms, percent=decimals(0, 100, 2))
by_weight = st.builds(
    LineTerms,
    metals=st.lists(metals, min_size=1, max_size=3).map(tuple),
    stones=st.lists(stones, max_size=2).map(tuple),
    making=makings,
    wastage=st.one_of(
        st.none(), st.builds(WastageTerms, mode=st.sampled_from(WastageMode), value=cents(15))
    ),
    profit_percent=st.one_of(st.none(), cents(20)),
    extras=st.lists(
        st.builds(
            ExtraTerms,
            label=st.just("Certificate"),
            amount=cents(900),
            kind=st.sampled_from(FeeKind),
        ),
        max_size=2,
    ).map(tuple),
    includes_tax=st.sampled_from([None, True, False]),
    discounts=st.lists(percent_off, max_size=1).map(tuple),
)
by_tag_price = st.builds(LineTerms, fixed_price=decimals(1, 10**6, 0))
lines = st.lists(by_weight | by_tag_price, min_size=1, max_size=5).map(tuple)


@st.composite
def bills(draw):
    code, currency = draw(st.sampled_from(PLACES))
    pack = version_for(code, DAY)
    policy = pack.rounding(currency)
    if draw(st.booleans()):
        factor = draw(st.sampled_from([1, 5, 100]))
        rule = RoundingRule(policy.of(Kind.METAL).step * factor, draw(st.sampled_from(Rounding)))
        policy = policy.but(dict.fromkeys(Kind, rule))
    some = draw(st.lists(cents(5_000), max_size=2))
    return QuoteTerms(
        currency=currency,
        date=DAY,
        pack=pack,
        lines=draw(lines),
        rounding=policy,
        trade_ins=tuple(TradeInTerms(amount=amount, like_kind=True) for amount in some),
        discount=draw(st.none() | percent_off),
        deposit=draw(
            st.one_of(
                st.none(),
                st.builds(
                    DepositTerms,
                    kind=st.sampled_from(DepositKind),
                    amount=cents(100_000),
                    metal=st.just("gold"),
                    rate=st.builds(Rate, amount=decimals("0.01", 9_000, 2)),
                ),
            )
        ),
    )


def _components(quote):
    yield from (component for line in quote.lines for component in line.components)
    yield quote.round_off_component


@settings(max_examples=100, deadline=None)
@given(bills())
def test_the_printed_amounts_add_up(terms):
    quote = price_document(terms)
    for line in quote.lines:
        printed = [c.amount for c in line.components if not c.is_within]
        assert sum(printed) == line.total == line.subtotal + line.tax
        assert line.before_discount + line.discount >= 0
    assert sum(line.total for line in quote.lines) + quote.round_off == quote.total
    assert quote.subtotal + quote.tax + quote.round_off == quote.total
    assert sum(tax.amount for tax in quote.taxes if tax.shown) == quote.tax
    for tax in quote.taxes:
        assert not tax.parts or sum(part.amount for part in tax.parts) == tax.amount
    assert quote.total - quote.trade_in - quote.deposit == quote.due
    assert quote.due + quote.cash_rounding == quote.cash_total
    assert abs(quote.cash_rounding) * 2 <= quote.cash_step


@settings(max_examples=100, deadline=None)
@given(bills())
def test_every_component_can_be_replayed_from_what_is_stored(terms):
    for component in _components(price_document(terms)):
        stored = json.dumps(component.as_json())
        again = Component.from_json(json.loads(stored))
        assert again == component
        # Whatever the precision of the thread that replays it.
        with localcontext() as context:
            context.prec = 5
            assert replay(again) == component.amount


@settings(max_examples=100, deadline=None)
@given(bills(), st.randoms())
def test_the_order_of_the_lines_changes_nothing(terms, random):
    turned = list(terms.lines)
    random.shuffle(turned)
    first = price_document(terms)
    second = price_document(replace(terms, lines=tuple(turned)))
    for name in ("subtotal", "tax", "discount", "total", "due", "cash_total", "deposit_use"):
        assert getattr(first, name) == getattr(second, name), name
    assert Counter(line.total for line in first.lines) == Counter(
        line.total for line in second.lines
    )
    assert first.fine_grams == second.fine_grams


@settings(max_examples=100, deadline=None)
@given(bills())
def test_fine_grams_are_the_rounded_ones_of_each_metal(terms):
    quote = price_document(terms)
    for line in quote.lines:
        expected = Counter()
        for metal in line.terms.metals:
            expected[metal.metal] += fine_grams(metal.net_weight_g, metal.fineness)
        assert line.fine_grams == dict(expected)


@settings(max_examples=100, deadline=None)
@given(bills(), st.sets(st.sampled_from(sorted(CHARGES))))
def test_what_is_refunded_and_what_is_kept_are_the_price(terms, kinds):
    quote = price_document(terms)
    step = quote.rounding.of(Kind.METAL).step
    for line in quote.lines:
        part = refund(line.components, policy=ReturnPolicy(refunded=frozenset(kinds)), step=step)
        assert part.total + part.kept == line.total
        assert refund(line.components, policy=ReturnPolicy(), step=step).total == line.total
        nothing = refund(line.components, policy=ReturnPolicy(refunded=frozenset()), step=step)
        assert nothing.total == 0


@given(
    decimals(-(10**6), 10**6, 2),
    st.lists(cents(10**6), min_size=1, max_size=12).filter(any),
    st.sampled_from([D("0.01"), D("0.05"), D(1)]),
)
def test_shares_add_up_and_none_is_a_step_away(amount, weights, step):
    shares = spread(amount, weights, step)
    assert sum(shares) == amount
    whole = sum(weights)
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - amount * weight / whole) < 2 * step
        assert weight or not share or len(weights) == 1


def test_shares_of_equal_remainders_go_to_the_heavier_line():
    assert spread(D("0.01"), [D(1), D(3), D(1)], D("0.01")) == [0, D("0.01"), 0]


def test_a_returned_making_takes_its_discount_with_it():
    line = LineTerms(
        metals=(MetalTerms(metal="gold", amount=D(10_000)),),
        making=MakingTerms(mode=MakingMode.PER_PIECE, value=D(1_000)),
        discounts=(DiscountTerms(percent=D(30), on=DiscountOn.MAKING),),
    )
    quote = _price(line)
    back = refund(
        quote.lines[0].components,
        policy=ReturnPolicy(refunded=frozenset({Kind.MAKING})),
        step=D("0.01"),
    )
    assert (back.refunded(Kind.MAKING), back.refunded(Kind.TAX)) == (D(700), D(21))
    assert back.total == D(721)


def test_a_returned_metal_brings_no_tax_back_where_metal_is_not_taxed():
    line = LineTerms(
        metals=(MetalTerms(metal="gold", amount=D(10_000_000)),),
        making=MakingTerms(mode=MakingMode.PER_PIECE, value=D(1_000_000)),
    )
    quote = _price(line, code="IR", currency="IRT")
    back = refund(
        quote.lines[0].components, policy=ReturnPolicy(refunded=frozenset({Kind.METAL})), step=D(1)
    )
    assert (back.total, back.refunded(Kind.TAX), back.kept) == (10_000_000, 0, 1_100_000)


def test_a_metal_sold_above_its_bullion_returns_its_tax():
    """An old booking rate above the day's: the difference was taxed, and goes back whole."""
    metal = MetalTerms(metal="gold", fineness=10_000, net_weight_g=D(10), rate=Rate(amount=D(4000)))
    terms = QuoteTerms(
        currency="TRY",
        date=DAY,
        pack=version_for("TR", DAY),
        lines=(LineTerms(metals=(metal,)),),
        deposit=DepositTerms(kind=DepositKind.FULL_LOCK, amount=D(0), rate=Rate(amount=D(4100))),
    )
    quote = price_document(terms)
    assert (quote.tax, quote.total) == (D(200), D(41_200))
    back = refund(quote.lines[0].components, policy=ReturnPolicy(), step=D("0.01"))
    assert back.total == D(41_200)


def test_a_margin_sale_returns_its_whole_price():
    line = LineTerms(fixed_price=D(2000), scheme=Scheme.MARGIN, purchase_price=D(1500))
    quote = _price(line, code="GB", currency="GBP")
    assert quote.unshown_tax == D("83.33")
    back = refund(quote.lines[0].components, policy=ReturnPolicy(), step=D("0.01"))
    assert (back.total, back.refunded(Kind.TAX)) == (D(2000), D("83.33"))


def _price(*given_lines, code="IN", currency="INR"):
    return price_document(
        QuoteTerms(currency=currency, date=DAY, pack=version_for(code, DAY), lines=given_lines)
    )


def test_a_rate_is_multiplied_by_the_fineness_once():
    """The same gold, quoted three ways, costs the same."""

    def metal(amount, fineness):
        line = LineTerms(
            metals=(
                MetalTerms(
                    metal="gold",
                    fineness=7500,
                    net_weight_g=D(10),
                    rate=Rate(amount=D(amount), fineness=fineness),
                ),
            )
        )
        return _price(line).lines[0].subtotal

    assert metal("75", None) == metal("75", 7500) == metal("100", 10_000) == D(750)
    assert metal("90", 9000) == D(750)


def test_twenty_lines_are_priced_in_a_few_milliseconds():
    line = LineTerms(
        metals=(
            MetalTerms(
                metal="gold", fineness=9160, net_weight_g=D("10.000"), rate=Rate(amount=D(6000))
            ),
        ),
        making=MakingTerms(mode=MakingMode.PERCENT_OF_METAL, value=D(10)),
    )
    terms = QuoteTerms(currency="INR", date=DAY, pack=version_for("IN", DAY), lines=(line,) * 20)
    price_document(terms)
    # The best of several: a busy machine can only make a run slower. Aim: 2 ms.
    best = min(_cpu_seconds(terms) for _ in range(7))
    assert best < 0.006


def _cpu_seconds(terms):
    start = time.process_time()
    price_document(terms)
    return time.process_time() - start
