"""The door of a quote: what is taken, what is refused and how, and that it stays documented."""

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from apps.core import api_types
from apps.pricing.rules import LineTerms, Rate, RuleBroken, price_document
from apps.pricing.schemas import QuoteIn, QuoteOut, RoundingIn, terms_from
from tests.pricing.ask import TODAY, amount, ask, gold, percent

LINE = {
    "metals": [
        {
            "metal": "gold",
            "fineness": "916",
            "net_weight_g": "10.000",
            "rate": {"amount": "6000", "unit": "g"},
        }
    ],
    "making": {"mode": "percent_of_metal", "value": "10"},
}


def test_a_minimal_line():
    answer = ask([LINE])
    (line,) = answer["lines"]
    assert [(c["kind"], c["label"], c["amount"]) for c in line["components"]] == [
        ("metal", "Gold 916", "60000.00"),
        ("making", "Making", "6000.00"),
        ("tax", "GST 3%", "1980.00"),
    ]
    assert line["metals"][0]["karat"] == "22K"
    assert answer["tax_pack"] == "IN@2019-10-01"
    for name in ("subtotal", "taxes", "round_off", "total", "due", "cash_total"):
        assert name in answer


def problems(body):
    with pytest.raises(ValidationError) as refused:
        QuoteIn.model_validate_json(json.dumps(body))
    return {
        ".".join(str(part) for part in problem["loc"]): problem["msg"]
        for problem in refused.value.errors()
    }


def in_line(**change):
    return {"lines": [{**LINE, **change}]}


def in_metal(**change):
    return in_line(metals=[{**LINE["metals"][0], **change}])


METAL = "lines.0.piece.metals.0."


@pytest.mark.parametrize(
    ("body", "field", "sentence"),
    [
        (in_metal(net_weight_g=10), METAL + "net_weight_g", "as a string"),
        (in_metal(net_weight_g=10.5), METAL + "net_weight_g", "as a string"),
        (in_metal(net_weight_g=True), METAL + "net_weight_g", "as a string"),
        (in_metal(net_weight_g="12.5100"), METAL + "net_weight_g", "more than 3 decimals"),
        (in_metal(net_weight_g="-1"), METAL + "net_weight_g", "below 0"),
        (in_metal(net_weight_g="۱۲"), METAL + "net_weight_g", "digits 0-9"),
        (in_metal(net_weight_g="١٢"), METAL + "net_weight_g", "digits 0-9"),
        (in_metal(net_weight_g="1_000"), METAL + "net_weight_g", "digits 0-9"),
        (in_metal(net_weight_g="1,000"), METAL + "net_weight_g", "digits 0-9"),
        (in_metal(net_weight_g="1e3"), METAL + "net_weight_g", "digits 0-9"),
        (in_metal(net_weight_g="NaN"), METAL + "net_weight_g", "digits 0-9"),
        (in_metal(net_weight_g=" 1"), METAL + "net_weight_g", "digits 0-9"),
        (in_metal(net_weight_g="1\n"), METAL + "net_weight_g", "digits 0-9"),
        (in_metal(net_weight_g=""), METAL + "net_weight_g", "digits 0-9"),
        (in_metal(net_weight_g="100000.001"), METAL + "net_weight_g", "more than 100000"),
        (in_metal(net_weight_g="9" * 5000), METAL + "net_weight_g", "too large"),
        (in_metal(fineness="0"), METAL + "fineness", "above 0"),
        (in_metal(fineness="1000.1"), METAL + "fineness", "more than 1000"),
        (in_metal(fineness=916), METAL + "fineness", "as a string"),
        (in_metal(metal="brass"), METAL + "metal", "'gold'"),
        (in_metal(colour="red"), METAL + "colour", "not permitted"),
        (in_metal(rate={"amount": "6000", "unit": "ratti"}), METAL + "rate.unit", "'g'"),
        (in_line(name="a\x00b"), "lines.0.piece.name", "control character"),
        (in_line(name="x" * 121), "lines.0.piece.name", "120"),
        ({"lines": []}, "lines", "at least 1"),
        ({"lines": [LINE] * 101}, "lines", "at most 100"),
        ({"lines": [{"tag": "R" * 31}]}, "lines.0.tag.tag", "30"),
        ({"lines": [{"tag": "R-1", "making": None}]}, "lines.0.tag.making", "not permitted"),
        ({"lines": [LINE], "date": 20260701}, "date", "as a string"),
        ({"lines": [LINE], "date": "2026-02-30"}, "date", "not in the calendar"),
        ({"lines": [LINE], "date": "۲۰۲۶-۰۷-۰۱"}, "date", "no date here"),
        ({"lines": [LINE], "currency": "rupee"}, "currency", "pattern"),
        ({"lines": [LINE], "total": "1"}, "total", "not permitted"),
        ({}, "lines", "required"),
    ],
)
def test_a_body_that_is_refused_names_the_field(body, field, sentence):
    found = problems(body)
    assert field in found
    assert sentence in found[field]


@pytest.mark.parametrize("lines", [["R-1"], [None], [7], "R-1", {"tag": "R-1"}])
def test_a_line_that_is_no_object_is_refused(lines):
    assert problems({"lines": lines})


def test_a_refused_value_is_repeated_in_part_only():
    (message,) = problems(in_metal(net_weight_g="x" * 10_000)).values()
    assert len(message) < 200


@pytest.mark.parametrize(
    ("kind", "good"),
    [
        (api_types.Money, "1250.00"),
        (api_types.Grams, "12.500"),
        (api_types.Carats, "0.105"),
        (api_types.Fineness, "999.9"),
        (api_types.ExactFineness, "916.6667"),
        (api_types.Percent, "7.5"),
    ],
)
def test_a_type_is_documented_as_the_string_it_takes(kind, good):
    adapter = TypeAdapter(kind)
    schema = adapter.json_schema()
    assert schema["type"] == "string"
    assert schema["pattern"].startswith("^")
    adapter.validate_python(good)


def test_a_number_goes_out_as_it_was_written():
    adapter = TypeAdapter(api_types.Money)
    assert adapter.dump_json(adapter.validate_python("0.0000001"[:6])) == b'"0.0000"'
    assert adapter.dump_json(Decimal("1E+3")) == b'"1000"'


def test_a_mark_is_read_in_parts_per_ten_thousand():
    assert TypeAdapter(api_types.Fineness).validate_python("916") == 9160
    with pytest.raises(ValidationError, match="more than 1 decimals"):
        TypeAdapter(api_types.Fineness).validate_python("916.66")


def test_the_openapi_schema_can_be_made():
    schema = QuoteIn.model_json_schema()
    assert schema["additionalProperties"] is False
    assert schema["properties"]["lines"]["maxItems"] == 100
    assert QuoteOut.model_json_schema()["required"]


def _terms(body, **given):
    quote = QuoteIn.model_validate_json(json.dumps(body))
    return terms_from(quote, tax_pack="IN", currency_code="INR", today=TODAY, **given)


def test_a_tag_takes_its_terms_from_the_stock():
    body = {"lines": [{"tag": "R-1", "discounts": [{"percent": "10"}]}]}
    piece = LineTerms(tag="R-1", name="Ring", fixed_price=Decimal(1000))
    quote = price_document(_terms(body, by_tag={"R-1": piece}))
    assert (quote.lines[0].tag, quote.subtotal) == ("R-1", Decimal(900))
    with pytest.raises(ValueError, match="R-1 is no tag"):
        _terms(body)


def test_a_metal_without_a_rate_asks_the_board():
    asked = []

    def board(metal, fineness):
        asked.append((metal, fineness))
        return Rate(amount=Decimal(6500), fineness=9160)

    metal = {"metal": "gold", "fineness": "750", "net_weight_g": "1.000"}
    quote = price_document(_terms({"lines": [{"metals": [metal]}]}, rate_for=board))
    assert asked == [("gold", 7500)]
    assert quote.subtotal == Decimal("5322.05")  # 6500 x 750 / 916 = 5322.052…
    # A tag price asks for no rate: the price does not rest on one.
    _terms({"lines": [{"metals": [metal], "fixed_price": "5"}]}, rate_for=board)
    assert len(asked) == 1


def test_the_rounding_of_the_shop_is_under_the_rounding_of_the_quote():
    shop = RoundingIn.model_validate({"lines": {"step": "1"}, "making": {"mode": "up"}})
    line = {"metals": [gold("1.111", "100")], "making": percent("1")}
    quote = price_document(_terms({"lines": [line]}, rounding=shop))
    assert [c.amount for c in quote.lines[0].components] == [111, 2, 3]
    body = {"lines": [line], "rounding": {"making": {"step": "0.01"}}}
    quote = price_document(_terms(body, rounding=shop))
    assert quote.lines[0].components[1].amount == Decimal("1.11")
    elsewhere = {"lines": [line], "tax_pack": "KW", "currency": "KWD"}
    quote = price_document(_terms(elsewhere, rounding=shop))
    assert quote.lines[0].components[0].amount == Decimal("111.100")


def test_the_date_chooses_the_version_of_the_pack():
    def version(**more):
        return _terms({"lines": [LINE], **more}).pack.valid_from

    assert version() == date(2019, 10, 1)
    assert version(date="2018-01-01") == date(2017, 7, 1)


def test_stones_of_every_price():
    stones = [
        {"kind": "diamond", "carats": "0.50", "price": "per_carat", "value": "30000"},
        {"kind": "pearl", "pieces": 12, "price": "per_piece", "value": "150"},
        {"kind": "ruby", "carats": "1.00", "price": "fixed", "value": "9000", "deduct": False},
        {"kind": "glass", "carats": "2.00"},
    ]
    metal = {"metal": "gold", "fineness": "750", "rate": {"amount": "5000"}}
    answer = ask([{"metals": [metal], "gross_weight_g": "10.000", "stones": stones}])
    (line,) = answer["lines"]
    priced = [(c["label"], c["amount"]) for c in line["components"] if c["kind"] == "stone"]
    assert priced == [("diamond", "15000.00"), ("pearl", "1800.00"), ("ruby", "9000.00")]
    assert (line["stone_weight_g"], line["net_weight_g"]) == ("0.500", "9.500")
    assert amount(answer, "metal") == "47500.00"


LARGE = st.sampled_from(["0", "0.0001", "1", "99999", "9" * 9, "9" * 15])
SMALL = st.sampled_from(["0.001", "0.1", "1", "999.9", "1000"])


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_whatever_the_schema_takes_is_priced_or_refused_by_the_rules(data):
    """The extremes of every bound together: never a traceback, never more than a column holds."""

    def pick(strategy=LARGE):
        return data.draw(strategy)

    rate = {"amount": pick(), "unit_g": pick(SMALL), "fineness": pick(SMALL)}
    line = {
        "metals": [
            {
                "metal": "gold",
                "fineness": pick(SMALL),
                "net_weight_g": pick(SMALL),
                "rate": rate,
            }
        ],
        "stones": [{"kind": "ruby", "carats": pick(SMALL), "price": "per_carat", "value": pick()}],
        "making": {"mode": "percent_of_metal", "value": pick()},
        "wastage": {"mode": "percent_of_weight", "value": pick(SMALL)},
        "profit_percent": pick(SMALL),
        "extras": [{"label": "x", "amount": pick(), "quantity": 10_000}],
        "discounts": [{"amount": pick()}],
    }
    old = {"net_weight_g": pick(SMALL), "fineness": pick(SMALL), "rate": rate}
    body = {
        "lines": [line] * data.draw(st.sampled_from([1, 3])),
        "trade_ins": [old],
        "deposit": {"kind": "grams", "amount": pick(), "rate": rate},
        "cash_step": pick(),
    }
    try:
        quote = price_document(_terms(body))
    except (RuleBroken, ValidationError):
        return  # a refusal is an answer; anything else fails the test
    QuoteOut.from_quote(quote)
    for value in (quote.total, quote.tax, quote.due, quote.trade_in, quote.cash_total):
        assert abs(value) < Decimal(10) ** 16
