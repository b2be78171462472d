"""Every mode of wastage and making, as the explanation works it out: page against engine."""

import re
from pathlib import Path

import pytest

from tests.pricing.ask import ask, gold

PAGE = (Path(__file__).resolve().parents[2] / "docs/explanation/pricing.md").read_text("utf-8")
SECTION = PAGE.split("## Worked: every mode of wastage and making\n")[1].split("\n## ")[0]
RATE = "6000"


def tables():
    """Both tables of the section as rows of cells."""
    found = re.findall(r"(?:^\|.*\n)+", SECTION, flags=re.MULTILINE)
    return [
        [[cell.strip() for cell in row.split("|")[1:-1]] for row in table.splitlines()[2:]]
        for table in found
    ]


WORKED, SLABS = tables()


def charge(words):
    """ "per_gram 450 net" as the quote says it; "slab rate" with the page's own table."""
    mode, *rest = words.split()
    if mode == "none":
        return None
    if mode == "slab":
        slabs = [
            {"start": start, **charge(making)} for table, start, making in SLABS if table == rest[0]
        ]
        return {"mode": "slab", "table": {"by": rest[0], "slabs": slabs}}
    said = {"mode": mode, "value": rest[0]}
    return {**said, "basis": rest[1]} if rest[1:] else said


@pytest.mark.parametrize(
    ("wastage", "making", "metal", "wastage_is", "making_is", "together"),
    WORKED,
    ids=[f"{row[0]} + {row[1]}" for row in WORKED],
)
def test_the_page_is_what_the_engine_says(wastage, making, metal, wastage_is, making_is, together):
    line = {
        "metals": [gold("10.000", RATE)],
        "gross_weight_g": "10.500",
        "wastage": charge(wastage),
        "making": charge(making),
    }
    (answer,) = ask([line])["lines"]
    said = {c["kind"]: c["amount"] for c in answer["components"]}
    assert said["metal"] == metal
    assert said.get("wastage", "") == wastage_is
    assert said.get("making", "") == making_is
    assert answer["subtotal"] == together


def test_the_page_works_out_every_mode_and_basis_that_a_quote_can_name():
    told = " ".join(f"{row[0]} {row[1]}" for row in WORKED)
    for word in (
        *("percent_of_value", "percent_of_weight", "grams"),
        *("percent_of_metal", "per_gram", "per_piece", "slab rate", "slab weight"),
        *("metal_and_wastage", "net", "gross", "chargeable"),
    ):
        assert re.search(rf"\b{word}\b", told), word
