"""Making by slab: the band that counts, what is refused, and a bill that needs no table later."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from apps.pricing.rules import (
    Component,
    DepositKind,
    DepositTerms,
    Kind,
    LineTerms,
    MakingBasis,
    MakingMode,
    MakingTable,
    MakingTerms,
    MetalTerms,
    QuoteTerms,
    Rate,
    RuleBroken,
    Slab,
    SlabBy,
    check_table,
    price_document,
    replay,
    version_for,
)
from apps.pricing.words import calculation
from tests.pricing.ask import ask, gold

D = Decimal
DAY = date(2026, 7, 1)


def slab(start, value, mode=MakingMode.PERCENT_OF_METAL, basis=None):
    return Slab(start=D(start), mode=mode, value=D(value), basis=basis)


BY_RATE = MakingTable(
    name="chains@2026-07-01",
    by=SlabBy.RATE,
    slabs=(slab(0, 14), slab(5500, 11), slab("6500.50", 9)),
)


def quote(rate=6000, net="10", *, table=BY_RATE, fineness=9160, of_rate=None, deposit=None):
    metal = MetalTerms(
        metal="gold",
        fineness=fineness,
        net_weight_g=D(net),
        rate=Rate(amount=D(rate), fineness=of_rate),
    )
    line = LineTerms(metals=(metal,), making=MakingTerms(mode=MakingMode.SLAB, table=table))
    terms = QuoteTerms(
        currency="INR", date=DAY, pack=version_for("IN", DAY), lines=(line,), deposit=deposit
    )
    return price_document(terms)


def making(*given, **more):
    (found,) = (c for c in quote(*given, **more).lines[0].components if c.kind == Kind.MAKING)
    return found


@pytest.mark.parametrize(
    ("rate", "percent"),
    [(1, 14), ("5499.99", 14), (5500, 11), (6500, 11), ("6500.50", 9), (99_000, 9)],
)
def test_a_slab_holds_from_its_beginning_up_to_the_next(rate, percent):
    assert making(rate).basis["percent"] == percent


@pytest.mark.parametrize(
    ("net", "value"), [("4.999", 650), ("5", 520), ("19.999", 520), ("20", 400)]
)
def test_a_table_by_weight_goes_by_the_net_grams(net, value):
    per_gram = MakingMode.PER_GRAM
    table = MakingTable(
        name="bangles@1",
        by=SlabBy.WEIGHT,
        slabs=(slab(0, 650, per_gram), slab(5, 520, per_gram), slab(20, 400, per_gram)),
    )
    assert making(net=net, table=table).basis["value"] == value


def test_the_rate_is_that_of_a_gram_of_the_table_or_of_the_piece():
    """6,000 for a gram of pure gold is 4,500 for a gram of 750: another slab."""
    assert making(6000, fineness=7500, of_rate=10_000).basis["percent"] == 14
    pure = replace(BY_RATE, fineness=10_000)
    assert making(6000, fineness=7500, of_rate=10_000, table=pure).basis["percent"] == 11
    # A rate of the piece's own fineness says what pure gold costs: 6000 / 0.75 = 8000.
    assert making(6000, fineness=7500, table=pure).basis["percent"] == 9


def test_the_rate_is_compared_unrounded():
    table = replace(BY_RATE, slabs=(slab(0, 14), slab("4500.0001", 11)))
    assert making(6000, fineness=7500, of_rate=10_000, table=table).basis["percent"] == 14


def test_a_deposit_that_fixed_the_rate_of_every_gram_fixes_the_slab():
    deposit = DepositTerms(
        kind=DepositKind.FULL_LOCK, amount=D(1000), metal="gold", rate=Rate(amount=D(5000))
    )
    assert making(6000, deposit=deposit).basis["percent"] == 14
    some = DepositTerms(
        kind=DepositKind.GRAMS, amount=D(1000), metal="gold", rate=Rate(amount=D(5000))
    )
    assert making(6000, deposit=some).basis["percent"] == 11


def test_the_stored_charge_needs_no_table_any_more():
    component = making(6000)
    assert component.basis["table"] == "chains@2026-07-01"
    assert (component.basis["by"], component.basis["slab_start"]) == ("rate", 5500)
    stored = Component.from_json(json.loads(json.dumps(component.as_json())))
    assert stored == component
    assert replay(stored) == component.amount == D(6600)
    assert calculation(stored, "INR").endswith("table chains")


@pytest.mark.parametrize(
    ("slabs", "field"),
    [
        ((), "slabs"),
        (tuple(slab(n, 1) for n in range(41)), "slabs"),
        ((slab(1, 14),), "slabs.0.start"),
        ((slab(0, 14), slab(5, 10), slab(5, 9)), "slabs.2.start"),
        ((slab(0, 14), slab(5, 10), slab(4, 9)), "slabs.2.start"),
        ((slab(0, -1),), "slabs.0.value"),
        ((slab(0, 1, basis=MakingBasis.NET),), "slabs.0.basis"),
        ((slab(0, 1, MakingMode.PER_GRAM, MakingBasis.METAL),), "slabs.0.basis"),
        ((slab(0, 1, MakingMode.PER_PIECE, MakingBasis.NET),), "slabs.0.basis"),
        ((slab(0, 1, MakingMode.SLAB),), "slabs.0.basis"),
    ],
)
def test_a_table_with_a_gap_or_a_doubt_is_refused(slabs, field):
    table = replace(BY_RATE, slabs=slabs)
    with pytest.raises(RuleBroken) as refused:
        check_table(table)
    assert refused.value.field == field
    with pytest.raises(RuleBroken) as refused:
        quote(table=table)
    assert refused.value.field == f"lines.0.making.{field}"


def test_a_table_by_rate_needs_a_rate():
    metal = MetalTerms(metal="gold", amount=D(5000))
    line = LineTerms(metals=(metal,), making=MakingTerms(mode=MakingMode.SLAB, table=BY_RATE))
    terms = QuoteTerms(currency="INR", date=DAY, pack=version_for("IN", DAY), lines=(line,))
    with pytest.raises(RuleBroken) as refused:
        price_document(terms)
    assert refused.value.field == "lines.0.making.table"


def test_only_a_shop_has_tables_by_name():
    line = {"metals": [gold("10", "6000")], "making": {"mode": "slab", "table": "chains"}}
    with pytest.raises(RuleBroken, match="Only a shop has making tables"):
        ask([line])


def test_a_hallmark_fee_is_taxed_as_the_pack_says():
    line = {
        "metals": [gold("10", "6000")],
        "extras": [
            {"label": "BIS", "kind": "hallmark", "amount": "45"},
            {"label": "IGI", "kind": "certificate", "amount": "500"},
            {"label": "mark", "kind": "hallmark", "amount": "35", "tax_category": "jewellery"},
        ],
    }
    components = ask([line])["lines"][0]["components"]
    said = {c["label"]: c["tax_category"] for c in components if c["kind"] == "extra"}
    assert said == {"BIS": "service", "IGI": "jewellery", "mark": "jewellery"}
    (in_dubai,) = ask([line], pack="AE", currency="AED")["lines"]
    assert {c["tax_category"] for c in in_dubai["components"]} == {"jewellery"}
