"""The taxes that a document gives back, by rate: in the shape in which a bill keeps its own."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from apps.core.units import currency
from apps.pricing.rules import Kind
from apps.pricing.rules.spread import spread
from apps.sales.models import Sale

_ZERO: Final = Decimal(0)


def taxes_back(sale: Sale, results: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each tax of the bill that these results of lines give something back of.

    base, amount = the sums of the lines; the halves of a tax in the proportion of the bill.
    """
    given = [
        part
        for result in results
        for part in result.get("parts", ())
        if part["kind"] == Kind.TAX.value
    ]
    step = currency(sale.currency).step
    for total in sale.terms["taxes"]:
        rate = Decimal(total["percent"])
        own = [
            part
            for part in given
            if (part["label"], part["shown"], part["within"])
            == (total["label"], total["shown"], total["included"])
            and Decimal(part["percent"]) == rate
        ]
        base = sum((Decimal(part["base"]) for part in own), _ZERO)
        amount = sum((Decimal(part["refunded"]) for part in own), _ZERO)
        if not base and not amount:
            continue
        weights = [Decimal(half["amount"]) for half in total["parts"]]
        shares = spread(amount, weights, step) if any(weights) else weights
        halves = [
            {**half, "amount": format(share, "f")}
            for half, share in zip(total["parts"], shares, strict=True)
        ]
        yield {
            **total,
            "base": format(base, "f"),
            "amount": format(amount, "f"),
            "parts": halves,
        }
