"""What a document gives back of each tax of a bill, by its rate."""

from decimal import Decimal
from types import SimpleNamespace

from apps.returns.taxes import taxes_back


def total(percent, base, amount, parts=(), label="GST"):
    return {
        "label": label,
        "percent": percent,
        "base": base,
        "amount": amount,
        "included": False,
        "shown": True,
        "parts": [{"label": name, "percent": "0", "amount": half} for name, half in parts],
    }


def part(percent, base, refunded, label="GST", kind="tax"):
    return {
        "kind": kind,
        "label": label,
        "percent": percent,
        "base": base,
        "refunded": refunded,
        "within": False,
        "shown": True,
    }


BILL = SimpleNamespace(
    currency="INR",
    terms={
        "taxes": [
            total("3", "1000", "30", [("CGST", "15"), ("SGST", "15")]),
            total("18", "100", "18", [("CGST", "9"), ("SGST", "9")]),
            total("0", "50", "0"),
        ]
    },
)


def test_each_rate_by_itself_and_its_halves_add_up():
    results = [
        {"parts": [part("3.0", "400", "12.01"), part("", "", "400", kind="metal")]},
        {"parts": [part("3", "100", "3")]},
        {},
    ]

    (back,) = taxes_back(BILL, results)

    assert (back["percent"], Decimal(back["base"]), back["amount"]) == ("3", 500, "15.01")
    assert sum(Decimal(half["amount"]) for half in back["parts"]) == Decimal("15.01")


def test_a_rate_of_zero_gives_back_its_base():
    (back,) = taxes_back(BILL, [{"parts": [part("0", "50", "0")]}])

    assert (back["percent"], back["base"], back["amount"]) == ("0", "50", "0")


def test_nothing_of_what_was_kept():
    assert not list(taxes_back(BILL, [{"parts": [part("18", "0", "0")]}]))
