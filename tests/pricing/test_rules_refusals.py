"""Terms that nothing can have are refused, by the path of the field and with a sentence."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from apps.pricing.rules import (
    DepositKind,
    DepositTerms,
    DiscountOn,
    DiscountTerms,
    LineTerms,
    MakingBasis,
    MakingMode,
    MakingTerms,
    MetalTerms,
    QuoteTerms,
    Rate,
    RoundingRule,
    RuleBroken,
    Scheme,
    StonePrice,
    StoneTerms,
    TradeInTerms,
    WastageMode,
    WastageTerms,
    choose,
    price_document,
    version_for,
)

D = Decimal
DAY = date(2026, 7, 1)
IN = version_for("IN", DAY)


def metal(**terms):
    return MetalTerms(
        **{
            "metal": "gold",
            "fineness": 9160,
            "net_weight_g": D(10),
            "rate": Rate(amount=D(6000)),
            **terms,
        }
    )


def line(*metals, **terms):
    return LineTerms(metals=metals or (metal(),), **terms)


def making(mode, basis=None, value="10"):
    return MakingTerms(mode=mode, value=D(value), basis=basis)


def stone(**terms):
    return StoneTerms(kind="ruby", **terms)


PERCENT, PER_GRAM, PER_PIECE, SLAB = MakingMode


@pytest.mark.parametrize(
    ("refused", "field"),
    [
        (line(metal(net_weight_g=D(0))), "metals.0.net_weight_g"),
        (line(metal(net_weight_g=D(-1))), "metals.0.net_weight_g"),
        (line(metal(net_weight_g=None)), "metals.0.net_weight_g"),
        (line(gross_weight_g=D("9.999")), "gross_weight_g"),
        (line(gross_weight_g=D(0)), "gross_weight_g"),
        (line(gross_weight_g=D(10), stones=(stone(carats=D("0.01")),)), "gross_weight_g"),
        (
            line(metal(net_weight_g=None), gross_weight_g=D(1), stones=(stone(carats=D(5)),)),
            "gross_weight_g",
        ),
        (line(metal(fineness=0)), "metals.0.fineness"),
        (line(metal(fineness=10_001)), "metals.0.fineness"),
        (line(metal(), metal(fineness=-1)), "metals.1.fineness"),
        (line(metal(fineness=None, rate=Rate(amount=D(1), fineness=9160))), "metals.0.fineness"),
        (line(metal(rate=None)), "metals.0.rate"),
        (line(metal(rate=Rate(amount=D(0)))), "metals.0.rate"),
        (line(metal(rate=Rate(amount=D(1), unit_g=D(0)))), "metals.0.rate"),
        (line(metal(rate=Rate(amount=D(1), fineness=0))), "metals.0.rate.fineness"),
        (line(metal(amount=D(5))), "metals.0.amount"),
        (line(metal(rate=None, amount=D(-5))), "metals.0.amount"),
        (line(stones=(stone(carats=D(-1)),)), "stones.0.carats"),
        (line(stones=(stone(pieces=0),)), "stones.0.pieces"),
        (line(stones=(stone(price=StonePrice.FIXED, value=D(-1)),)), "stones.0.value"),
        (line(making=making(PERCENT, value="-1")), "making.value"),
        (line(making=making(PERCENT, MakingBasis.NET)), "making.basis"),
        (line(making=making(PER_GRAM, MakingBasis.METAL)), "making.basis"),
        (line(making=making(PER_PIECE, MakingBasis.NET)), "making.basis"),
        (line(making=making(PER_GRAM, MakingBasis.GROSS)), "making.basis"),
        (line(making=making(SLAB)), "making.table"),
        (
            line(
                metal(rate=None, amount=D(5)),
                wastage=WastageTerms(mode=WastageMode.PERCENT_OF_WEIGHT, value=D(5)),
            ),
            "metals.0.amount",
        ),
        (line(profit_percent=D(-1)), "profit_percent"),
        (line(fixed_price=D(5), making=making(PER_PIECE)), "making"),
        (LineTerms(fixed_price=D(-5)), "fixed_price"),
        (LineTerms(), ""),
        (line(scheme=Scheme.MARGIN), "purchase_price"),
        (line(tax_category="gold"), "tax_category"),
        (line(metal(net_weight_g=D(10) ** 6, rate=Rate(amount=D(10) ** 9))), ""),
        (line(discounts=(DiscountTerms(amount=D("60000.01")),)), "discounts.0.amount"),
        (line(discounts=(DiscountTerms(percent=D("100.1")),)), "discounts.0.percent"),
        (line(discounts=(DiscountTerms(percent=D(-1)),)), "discounts.0.percent"),
        (line(discounts=(DiscountTerms(),)), "discounts.0"),
        (line(discounts=(DiscountTerms(percent=D(1), amount=D(1)),)), "discounts.0"),
        (line(discounts=(DiscountTerms(percent=D(1), on=DiscountOn.MAKING),)), "discounts.0.on"),
    ],
)
def test_a_line_that_cannot_be(refused, field):
    path = f"lines.1.{field}".rstrip(".")
    for discount in (None, DiscountTerms(percent=D(1))):  # with it, lines are put in order first
        terms = QuoteTerms(
            currency="INR", date=DAY, pack=IN, lines=(line(), refused), discount=discount
        )
        with pytest.raises(RuleBroken) as broken:
            price_document(terms)
        assert broken.value.field == path
        _is_a_sentence(broken.value)


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"lines": ()}, "lines"),
        ({"date": IN.valid_from - timedelta(days=1)}, "date"),
        ({"discount": DiscountTerms(amount=D(10) ** 9)}, "discount.amount"),
        ({"discount": DiscountTerms(percent=D(1), on=DiscountOn.MAKING)}, "discount.on"),
        ({"tax_rates": {"gold": D(3)}}, "tax_rates"),
        ({"tax_rates": {"jewellery": D(-3)}}, "tax_rates.jewellery"),
        ({"cash_step": D("0.001")}, "cash_step"),
        ({"cash_step": D(-1)}, "cash_step"),
        ({"trade_ins": (TradeInTerms(),)}, "trade_ins.0.amount"),
        ({"trade_ins": (TradeInTerms(amount=D(-1)),)}, "trade_ins.0.amount"),
        (
            {"trade_ins": (TradeInTerms(amount=D(1)), TradeInTerms(net_weight_g=D(0)))},
            "trade_ins.1.net_weight_g",
        ),
        (
            {"trade_ins": (TradeInTerms(amount=D(1), cut_percent=D(101)),)},
            "trade_ins.0.cut_percent",
        ),
        (
            {
                "trade_ins": (
                    TradeInTerms(
                        net_weight_g=D(1), fineness=9160, rate=Rate(amount=D(1), unit_g=D(0))
                    ),
                )
            },
            "trade_ins.0.rate",
        ),
        ({"deposit": DepositTerms(kind=DepositKind.VALUE, amount=D(-1))}, "deposit.amount"),
        ({"deposit": DepositTerms(kind=DepositKind.GRAMS, amount=D(1))}, "deposit.rate"),
        (
            {
                "deposit": DepositTerms(
                    kind=DepositKind.GRAMS, amount=D(1), rate=Rate(amount=D(1), unit_g=D(0))
                )
            },
            "deposit.rate",
        ),
    ],
)
def test_a_bill_that_cannot_be(terms, field):
    whole = {"currency": "INR", "date": DAY, "pack": IN, "lines": (line(),), **terms}
    with pytest.raises(RuleBroken) as broken:
        price_document(QuoteTerms(**whole))
    assert broken.value.field == field
    _is_a_sentence(broken.value)


def _is_a_sentence(broken):
    text = str(broken)
    assert text.endswith(".")
    assert "{" not in text
    for word in ("error", "invalid", "please", "!"):
        assert word not in text.lower()


def test_a_round_off_beyond_its_bound_is_a_discount_and_refused():
    policy = IN.rounding("INR").but({}, RoundingRule(D(100)))
    # 60,050 x 1.03 = 61,851.50: to 61,900 would give away 48.50
    terms = QuoteTerms(
        currency="INR",
        date=DAY,
        pack=IN,
        lines=(LineTerms(fixed_price=D(60050)),),
        rounding=policy,
    )
    with pytest.raises(RuleBroken, match="Give a discount") as broken:
        price_document(terms)
    assert broken.value.field == "rounding.document"


@pytest.mark.parametrize("step", ["0.001", "0", "-1", "0.015"])
def test_a_rounding_step_the_currency_cannot_write(step):
    policy = IN.rounding("INR")
    rules = {kind: RoundingRule(D(step)) for kind in policy.rules}
    terms = QuoteTerms(
        currency="INR", date=DAY, pack=IN, lines=(line(),), rounding=policy.but(rules)
    )
    with pytest.raises(RuleBroken, match="does not fit INR"):
        price_document(terms)


def test_a_margin_sale_where_there_is_no_scheme():
    terms = QuoteTerms(
        currency="JPY",
        date=DAY,
        pack=version_for("JP", DAY),
        lines=(LineTerms(fixed_price=D(5), scheme=Scheme.MARGIN, purchase_price=D(1)),),
    )
    with pytest.raises(RuleBroken, match="no margin scheme"):
        price_document(terms)


def test_a_tag_price_in_turkey_needs_the_value_of_its_metal():
    terms = QuoteTerms(
        currency="TRY",
        date=DAY,
        pack=version_for("TR", DAY),
        lines=(LineTerms(fixed_price=D(5), metals=(metal(rate=None),)),),
    )
    with pytest.raises(RuleBroken, match="not taxed here") as broken:
        price_document(terms)
    assert broken.value.field == "lines.0.metals.0.rate"


class _Quoted:
    def __init__(self, fineness):
        self.fineness = fineness


@pytest.mark.parametrize(
    ("board", "wanted", "chosen"),
    [
        ([9160, 7500, 10_000], 7500, 7500),
        ([9160, 10_000], 7500, 10_000),
        ([7400, 7600], 7500, 7600),
        ([10_000], 3750, 10_000),
        ([], 7500, None),
    ],
)
def test_the_exact_quote_first_else_the_purest(board, wanted, chosen):
    for order in (board, board[::-1]):
        found = choose([_Quoted(fineness) for fineness in order], wanted)
        assert (found and found.fineness) == chosen
