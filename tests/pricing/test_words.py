"""A printed amount explains itself, in the words and digits of its reader."""

from decimal import Decimal

import pytest
from django.utils import translation

from apps.pricing import rules, words
from apps.pricing.rules.component import Component, Kind, made, rounding_of

CENT = rounding_of(rules.RoundingRule(Decimal("0.01")))


def simple(text):
    """Without the spaces that do not break."""
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("kind", "label", "basis", "said", "worked_out"),
    [
        (
            Kind.METAL,
            "gold",
            {"formula": "weight", "grams": "3.850", "rate": "363.75", "unit_g": "1",
             "fineness": "7500"},
            "Gold 18K",
            "3.850 g × 363.75",
        ),
        (
            Kind.METAL,
            "gold",
            {"formula": "weight", "grams": "9.160", "rate": "100", "unit_g": "1",
             "fineness": "9160", "chargeable_g": "10"},
            "Gold 22K",
            "9.160 g fine × 100.00",
        ),
        (
            Kind.METAL,
            "gold",
            {"formula": "weight", "grams": "4", "rate": "9106000", "unit_g": "4.6083",
             "fineness": "7500", "rate_fineness": "7050", "wastage_g": "0.2"},
            "Gold 18K",
            "4.000 g (0.200 g of it wastage) × 9,106,000.00 a mithqal × 750 ÷ 705",
        ),
        (
            Kind.METAL,
            "silver",
            {"formula": "weight", "grams": "5", "rate": "3.2", "unit_g": "1",
             "fineness": "8750", "of": "deposit"},
            "Silver 875",
            "5.000 g × 3.20, fixed by the deposit",
        ),
        (
            Kind.MAKING,
            "making",
            {"formula": "percent", "base": "1400.44", "percent": "18.0", "of": "metal"},
            "Making",
            "18% × 1,400.44",
        ),
        (
            Kind.MAKING,
            "making",
            {"formula": "times", "quantity": "10.5", "value": "12", "weight": "gross"},
            "Making",
            "10.500 g × 12.00",
        ),
        (
            Kind.STONE,
            "diamond",
            {"formula": "times", "quantity": "0.31", "value": "6200", "of": "per_carat"},
            "Diamond",
            "0.31 ct × 6,200.00",
        ),
        (
            Kind.STONE,
            "ruby",
            {"formula": "times", "quantity": "3", "value": "40", "of": "per_piece"},
            "Ruby",
            "3 × 40.00",
        ),
        (
            Kind.PRICE,
            "price",
            {"formula": "times", "quantity": "1", "value": "750"},
            "Price",
            "",
        ),
        (
            Kind.TAX,
            "VAT",
            {"formula": "tax", "base": "1007.60", "percent": "5", "included": "no",
             "base_rule": "all"},
            "VAT",
            "5% × 1,007.60",
        ),
        (
            # The base is what the shop earned: the customer's business with it ends here.
            Kind.TAX,
            "GST",
            {"formula": "tax", "base": "1000.00", "percent": "3", "included": "no",
             "base_rule": "margin"},
            "GST",
            "3%",
        ),
    ],
)  # fmt: skip
def test_says_how_an_amount_was_worked_out(kind, label, basis, said, worked_out):
    stored = {
        "kind": kind.value,
        "label": label,
        "basis": {**basis, "step": "0.01", "mode": "half_up"},
        "amount": "0",
        "tax_category": "",
    }
    component = Component.from_json(stored)

    assert simple(words.label(component)) == said
    assert simple(words.calculation(component, "AED")) == worked_out


def test_a_share_of_the_bills_discount_names_the_whole():
    one, whole = Decimal(1), Decimal("-23.36")
    basis = {"formula": "share", "of": "bill", "whole": whole, "part": one, "parts": one}
    basis |= {"leftover": Decimal(0), **CENT}
    component = made(Kind.DISCOUNT, "discount", basis)

    assert words.calculation(component, "AED") == "of 23.36 on the bill"


def test_writes_the_readers_digits():
    basis = {"formula": "percent", "base": Decimal(5000), "percent": Decimal(7),
             "of": "metal", **CENT}  # fmt: skip
    component = made(Kind.MAKING, "making", basis)

    with translation.override("fa"):
        assert simple(words.calculation(component, "IRT")) == "۷٪ × ۵٬۰۰۰"
