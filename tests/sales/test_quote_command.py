"""`manage.py quote`: the same prices as the API, from a file."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests import make

DESCRIBED = {
    "tax_pack": "IN",
    "currency": "INR",
    "date": "2026-07-01",
    "lines": [
        {
            "metals": [
                {
                    "metal": "gold",
                    "fineness": "916",
                    "net_weight_g": "10.000",
                    "rate": {"amount": "6000"},
                }
            ],
            "making": {"mode": "percent_of_metal", "value": "10"},
        }
    ],
}


@pytest.fixture
def quote(tmp_path, capsys):
    def run(body, *options):
        file = tmp_path / "quote.json"
        file.write_text(body if isinstance(body, str) else json.dumps(body), encoding="utf-8")
        call_command("quote", str(file), *options)
        return json.loads(capsys.readouterr().out)

    return run


def test_prices_a_described_piece_without_a_database(quote):
    answer = quote(DESCRIBED)  # no `db` fixture: a query would fail this test

    assert [(c["kind"], c["amount"]) for c in answer["lines"][0]["components"]] == [
        ("metal", "60000.00"),
        ("making", "6000.00"),
        ("tax", "1980.00"),
    ]
    assert answer["total"] == "67980.00"


def test_prices_a_tag_of_a_shop(quote, shop, clerk):
    make.rate(of=shop, at=timezone.now())
    make.piece(by=clerk, tag="R-1")

    answer = quote({"lines": [{"tag": "R-1"}]}, "--shop", shop.slug)

    assert answer["total"] == str(make.RING_TOTAL)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("{", "quote: Invalid JSON"),
        ({**DESCRIBED, "tax_pack": None}, "The quote says no tax_pack. Write it, or name a shop"),
        ({**DESCRIBED, "currency": "XYZ"}, "currency: "),
        ({**DESCRIBED, "tax_pack": "ATLANTIS"}, "tax_pack: There is no tax pack ATLANTIS."),
        ({**DESCRIBED, "lines": [{"tag": "R-1"}]}, "The quote says no description of a piece"),
        ({**DESCRIBED, "colour": "red"}, "colour: "),
    ],
)
def test_says_what_is_wrong(quote, body, says):
    with pytest.raises(CommandError) as refused:
        quote(body)

    assert str(refused.value).startswith(says)


def test_names_a_file_that_is_not_there():
    with pytest.raises(CommandError) as refused:
        call_command("quote", "no-such-file.json")

    assert str(refused.value) == "no-such-file.json cannot be read: No such file or directory."


def test_says_that_a_file_is_not_in_utf8(tmp_path):
    file = tmp_path / "quote.json"
    file.write_bytes(json.dumps({"name": "Émeraude"}, ensure_ascii=False).encode("latin-1"))

    with pytest.raises(CommandError, match=r"quote\.json is not in UTF-8\. Save it so\.$"):
        call_command("quote", str(file))
